/**
 * Runs a child process with its whole output in a log file, so that a failing step can be told in one line.
 * It does not decide what a failure means; the caller gets the exit code and the text.
 */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder, root } from "./paths.mjs";

/**
 * Runs `command` in the repository's folder; stdout and stderr go to `.cache/<name>.log`.
 * Resolves with `{ code, output, logFile }`; a command that cannot be started has code 127.
 */
export async function runLogged(name, [command, ...args], options = {}) {
  mkdirSync(cacheFolder, { recursive: true });
  const logFile = join(cacheFolder, `${name}.log`);
  const log = openSync(logFile, "w");
  try {
    const code = await new Promise((resolve) => {
      const child = spawn(command, args, { cwd: root, stdio: ["ignore", log, log], windowsHide: true, ...options });
      child.on("error", () => resolve(127));
      child.on("exit", (exitCode) => resolve(exitCode ?? 1));
    });
    return { code, output: readFileSync(logFile, "utf8"), logFile };
  } finally {
    closeSync(log);
  }
}
