/**
 * Owns one client process: started fresh for one task, its result read from stdout, killed when it hangs.
 */
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { nowNs } from "./now.mjs";

const LIMIT_MS = 60_000;
const clients = new URL("clients/", import.meta.url);

/** Runs `task` (see `clients/main.mjs`) and resolves with its result. Rejects with what the process wrote to stderr. */
export async function runClient(task) {
  const { output } = await runNode(["--expose-gc", file("main.mjs"), JSON.stringify(task)]);
  return JSON.parse(output);
}

/** Starts one of `clients/start/` and resolves with the milliseconds until its first byte, and all that it wrote. */
export async function runProgram({ contender, wire, url }) {
  const startedNs = nowNs();
  const { output, firstByteNs } = await runNode([file(`start/${contender}.mjs`), wire, url]);
  return { firstByteMs: (firstByteNs - startedNs) / 1e6, output };
}

function runNode(args) {
  return new Promise((resolve, reject) => {
    // The working folder is the repository's: modules are found from there.
    const child = spawn(process.execPath, args, { cwd: fileURLToPath(new URL("..", import.meta.url)) });
    const limit = setTimeout(() => child.kill(), LIMIT_MS);
    let firstByteNs = null;
    let output = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (text) => {
      firstByteNs ??= nowNs();
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => (errors += text));
    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearTimeout(limit);
      if (code === 0) resolve({ output, firstByteNs });
      else reject(new Error(`A client ended with ${signal ?? code}: ${args.at(-1)}\n${errors}`));
    });
  });
}

function file(name) {
  return fileURLToPath(new URL(name, clients));
}
