/**
 * Owns how a plan's mounts are shown: one line each with point, id, file and config, secrets left out.
 */
import { isAbsolute, relative } from "node:path";
import { locateModuleOnDisk, redactSecrets, type CheckedMount, type JsonSchema } from "amplifier-core";
import { oneLine } from "../terminal/printable.ts";

const MAX_CONFIG = 120;

/** One line for each mount that has a module, columns aligned. */
export function describeMounts(
  mounts: readonly CheckedMount[],
  places: { readonly workspace: string; readonly planFolder: string },
): readonly string[] {
  const rows = mounts.flatMap((mount) => {
    if (!("module" in mount)) return [];
    const { type, id, source, instanceId } = mount;
    const file = locateModuleOnDisk({
      id,
      directory: places.planFolder,
      ...(source === undefined ? {} : { source }),
    });
    const name = instanceId === undefined ? id : `${id} as ${instanceId}`;
    return [[type, name, shortest(file, places.workspace), shownConfig(mount.config, mount.module.configSchema)]];
  });
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}

function shortest(file: string, workspace: string): string {
  const inside = relative(workspace, file);
  return oneLine(inside.startsWith("..") || isAbsolute(inside) ? file : inside);
}

/** The config with the schema's defaults, as JSON; only how many keys it has where that is long. */
function shownConfig(config: Readonly<Record<string, unknown>>, schema: JsonSchema | undefined): string {
  const defaults = Object.entries(schema?.properties ?? {}).flatMap(([key, { default: value }]) =>
    value === undefined ? [] : [[key, value] as const],
  );
  const complete = { ...Object.fromEntries(defaults), ...config };
  const keys = Object.keys(complete);
  if (keys.length === 0) return "";
  const text = oneLine(JSON.stringify(redactSecrets(complete)));
  return text.length <= MAX_CONFIG ? text : `{ ${oneLine(keys.join(", "), MAX_CONFIG)} }`;
}
