/**
 * `npm test`: makes the repository ready (tests that spawn a process use the build), then runs vitest once, in this
 * same process. Arguments are passed on: a path filters, `-t` selects by name.
 */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./paths.mjs";
import { makeReady } from "./ready.mjs";

await makeReady();
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
process.argv.splice(1, 1, vitest, "run");
await import(pathToFileURL(vitest).href);
