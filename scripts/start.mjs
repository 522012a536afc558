/**
 * `npm start`: makes the repository ready, then becomes the command-line program, in this same process, so that
 * stdin, signals, the exit code and the start time are the program's own. Arguments are passed on unchanged.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { fail } from "./fail.mjs";
import { root } from "./paths.mjs";
import { makeReady } from "./ready.mjs";

await makeReady();
const program = join(root, "packages", "cli", "dist", "main.js");
if (!existsSync(program)) fail(`The build left no ${program}. Build from scratch with: npm run build`);
process.argv[1] = program;
await import(pathToFileURL(program).href);
