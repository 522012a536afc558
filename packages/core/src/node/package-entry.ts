/**
 * Owns which file a package exports under a subpath, for an `import` on Node. Node's own resolver cannot be asked for it
 * from another folder without a flag, and `require.resolve` refuses packages that only export `import`.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isRecord } from "../is-record.ts";

const CONDITIONS: ReadonlySet<string> = new Set(["node", "import", "module-sync", "default"]);

/** The file of `subpath` (`.` or `./x`) in the package at `folder`, absolute; undefined when it exports none. */
export function packageEntry(folder: string, subpath: string): string | undefined {
  const manifest = readManifest(join(folder, "package.json"));
  if (manifest.exports === undefined) {
    return join(folder, subpath === "." ? (manifest.main ?? "index.js") : subpath);
  }
  const target = pick(subpathTarget(manifest.exports, subpath));
  return target === undefined ? undefined : join(folder, target);
}

function readManifest(file: string): { readonly exports?: unknown; readonly main?: string } {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as { exports?: unknown; main?: string };
  } catch (cause) {
    throw new Error(`${file} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function subpathTarget(exports: unknown, subpath: string): unknown {
  const hasSubpaths = isRecord(exports) && Object.keys(exports).every((key) => key.startsWith("."));
  if (hasSubpaths) return exports[subpath];
  return subpath === "." ? exports : undefined;
}

function pick(target: unknown): string | undefined {
  if (typeof target === "string") return target;
  if (Array.isArray(target)) return target.map(pick).find((each) => each !== undefined);
  if (!isRecord(target)) return undefined;
  for (const [condition, value] of Object.entries(target)) {
    const found = CONDITIONS.has(condition) ? pick(value) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
