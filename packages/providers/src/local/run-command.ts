/**
 * Owns running a program to its end and what it said when it failed. No shell, no input; its output is kept from the
 * terminal and at most its last 4,000 characters are remembered.
 */
import { spawn } from "node:child_process";
import type { Environment } from "./cache-folder.ts";

/** A program and its arguments, e.g. `["npm"]` or `["python3", "-m", "pip"]`. */
export type Command = readonly [string, ...string[]];

/** How it ended: `missing` when there is no such program. */
export type CommandEnd =
  | { readonly status: "ok" }
  | { readonly status: "missing" }
  | { readonly status: "failed"; readonly said: string };

const REMEMBERED = 4000;

const NO_NETWORK = /ENOTFOUND|EAI_AGAIN|ENETUNREACH|NewConnectionError|NameResolutionError/;

// npm's first error lines are a table of codes (`npm error code E404`), which say less than the sentence below them.
const ERROR_LINE = /^(npm (error|ERR!) (?!(code|errno|syscall|path|dest|type)\b)|ERROR:|error:)/;

/** Runs a program. An abort kills it, and rejects with the signal's reason once it is gone. */
export function runCommand(
  command: Command,
  options: { readonly cwd: string; readonly env: Environment; readonly signal: AbortSignal },
): Promise<CommandEnd> {
  const { cwd, env, signal } = options;
  signal.throwIfAborted();
  const [program, ...args] = command;
  return new Promise((resolve, reject) => {
    let said = "";
    const child = spawn(program, args, { cwd, env: { ...env }, stdio: ["ignore", "pipe", "pipe"], windowsHide: true });
    const kill = (): void => void child.kill("SIGKILL");
    signal.addEventListener("abort", kill, { once: true });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        said = (said + text).slice(-REMEMBERED);
      });
    }
    child.on("error", (error) => {
      signal.removeEventListener("abort", kill);
      if ((error as { code?: unknown }).code === "ENOENT") resolve({ status: "missing" });
      else reject(error);
    });
    child.on("close", (code, killedBy) => {
      signal.removeEventListener("abort", kill);
      if (signal.aborted) reject(signal.reason as Error);
      else if (code === 0) resolve({ status: "ok" });
      else resolve({ status: "failed", said: said.trim() || `ended with ${code ?? killedBy}` });
    });
  });
}

/** Why npm or pip failed, in one line: no network, else the error line that says most, else the last line. */
export function tellingLine(said: string): string {
  if (NO_NETWORK.test(said)) return "the network cannot be reached";
  const lines = said.split("\n").map((line) => line.trim());
  const error = lines.find((line) => ERROR_LINE.test(line)) ?? lines.findLast((line) => line !== "");
  return (error ?? "it said nothing").slice(0, 300);
}
