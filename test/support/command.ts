/**
 * Runs the built command as a process of its own, with no key and no cache of this machine.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../packages/cli/dist/main.js", import.meta.url));

/** What a finished command left. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A running command. */
export interface Command {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
  /** Resolves when `text` is on stdout. */
  printed(text: string): Promise<void>;
}

/** A new folder for one test, below the system's temporary one. */
export function newFolder(): string {
  return mkdtempSync(join(tmpdir(), "amplifier-ts-test-"));
}

/** Starts the command in `cwd` with `env` and nothing else of this process's environment but the path. */
export function startCommand(
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Record<string, string> },
): Command {
  const env = { PATH: process.env["PATH"] ?? "", HOME: options.cwd, AMPLIFIER_CACHE: options.cwd, ...options.env };
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: options.cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  const watchers: (() => void)[] = [];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    for (const watch of watchers) watch();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const finished = new Promise<Finished>((resolve) => child.on("close", (code) => resolve({ code, stdout, stderr })));
  const printed = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const watch = (): void => (stdout.includes(text) ? resolve() : undefined);
      watchers.push(watch);
      watch();
    });
  return { child, finished, printed };
}
