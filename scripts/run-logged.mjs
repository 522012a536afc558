/**
 * Runs a child process with its whole output in a log file, so that a failing step can be told in one line.
 * It does not decide what a failure means; the caller gets the exit code and the text. The child never outlives a
 * signal that ends this process: an orphan would go on writing to the folder that the next start works in.
 */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { noteWorker } from "./lock.mjs";
import { cacheFolder, root } from "./paths.mjs";

const endingSignals = ["SIGINT", "SIGTERM", "SIGHUP"];
/** A process group of its own: the child's own children can be ended with it, and Ctrl-C goes through us alone. */
const detached = process.platform !== "win32";

/**
 * Runs `command` in the repository's folder; stdout and stderr go to `.cache/<name>.log`.
 * Resolves with `{ code, output, logFile }`; a command that cannot be started has code 127. When a signal asks this
 * process to end, it ends with 128 + the signal's number, after the child has.
 */
export async function runLogged(name, [command, ...args], options = {}) {
  mkdirSync(cacheFolder, { recursive: true });
  const logFile = join(cacheFolder, `${name}.log`);
  const log = openSync(logFile, "w");
  try {
    const stdio = ["ignore", log, log];
    const child = spawn(command, args, { cwd: root, stdio, detached, windowsHide: true, ...options });
    noteWorker(child.pid);
    const code = await exitCodeOf(child);
    return { code, output: readFileSync(logFile, "utf8"), logFile };
  } finally {
    closeSync(log);
  }
}

async function exitCodeOf(child) {
  let endedBy;
  const end = (signal) => {
    endedBy ??= signal;
    kill(child);
  };
  for (const signal of endingSignals) process.on(signal, end);
  const code = await new Promise((resolve) => {
    child.on("error", () => resolve(127));
    child.on("exit", (exitCode) => resolve(exitCode ?? 1));
  });
  if (endedBy) process.exit(128 + constants.signals[endedBy]);
  for (const signal of endingSignals) process.off(signal, end);
  return code;
}

/** Without grace: what was half done is done again from the start, and both npm's cache and the compiler allow it. */
function kill(child) {
  if (child.pid === undefined) return;
  try {
    if (detached) process.kill(-child.pid, "SIGKILL");
    else child.kill();
  } catch {
    // It ended by itself; its exit is on the way.
  }
}
