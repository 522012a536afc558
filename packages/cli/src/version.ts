/**
 * Owns the program's version, as its package says it.
 */
import { readFileSync } from "node:fs";

/** The version of this package, for example `0.1.0`. */
export function version(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { readonly version: string }).version;
}
