/**
 * Owns how a plan's mounts are shown: one line each with point, id, file and config, secrets left out.
 */
import { isAbsolute, relative } from "node:path";
import { locateModuleOnDisk, redactSecrets, type CheckedMount } from "amplifier-core";
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
    return [[type, name, shortest(file, places.workspace), shownConfig(mount.config)]];
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

/** What the plan sets, as JSON; only which keys where that is long. What it leaves out has the module's default. */
function shownConfig(config: Readonly<Record<string, unknown>>): string {
  const keys = Object.keys(config);
  if (keys.length === 0) return "";
  const text = oneLine(JSON.stringify(redactSecrets(config)));
  return text.length <= MAX_CONFIG ? text : `{ ${oneLine(keys.join(", "), MAX_CONFIG)} }`;
}
