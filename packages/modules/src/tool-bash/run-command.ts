/**
 * Owns one run of a shell command: its process group, its output, its limits. Settles as soon as the command has ended or
 * has to stop; a background process that it leaves behind holds up nothing, and nothing of the output is held after that.
 */
import type { Clock } from "amplifier-core";
import { spawn, type ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import { OutputProgress } from "./output-progress.ts";
import { OutputWindow, type KeptOutput } from "./output-window.ts";
import { ProcessGroup } from "./process-group.ts";

/** How long output is still read after the shell has ended while a background process holds the pipe, in milliseconds. */
export const DRAIN_MS = 100;

// One pipe for both, or their order would be lost; /bin/sh joins them and becomes the shell.
const JOIN_STREAMS = 'exec 2>&1; exec "$0" -c "$1"';

/** How a run ended. */
export type CommandEnd =
  | { readonly status: "exited"; readonly code: number }
  | { readonly status: "killed"; readonly signal: string }
  | { readonly status: "timed_out" }
  | { readonly status: "aborted" };

/** How a run ended, with what it wrote. */
export interface CommandOutcome {
  readonly end: CommandEnd;
  readonly output: KeptOutput;
}

/** What to run, where, and within which limits. */
export interface CommandOptions {
  /** The shell's absolute path. */
  readonly shell: string;
  readonly command: string;
  readonly directory: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly timeoutMs: number;
  readonly maxOutputBytes: number;
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly progress: (value: { readonly output: string }) => void;
  /** Given the group of processes at the start; it may outlive the run. */
  readonly onStart: (group: ProcessGroup) => void;
}

/**
 * Runs a command. An abort or the time limit stops its whole process group and settles at once.
 * @throws the signal's reason when it was aborted before the start; the system's error when nothing could be started.
 */
export async function runCommand(options: CommandOptions): Promise<CommandOutcome> {
  options.signal.throwIfAborted();
  const child = spawn("/bin/sh", ["-c", JOIN_STREAMS, options.shell, options.command], {
    cwd: options.directory,
    env: options.environment,
    detached: true,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const window = new OutputWindow(options.maxOutputBytes);
  const progress = new OutputProgress(options.progress, options.clock);
  const take = (piece: Buffer): void => {
    window.push(piece);
    progress.push(piece);
  };
  child.stdout.on("data", take);
  try {
    const end = await endOf(child, options);
    return { end, output: window.read() };
  } finally {
    progress.finish();
    // Read on into nothing: closing the pipe would kill a background process at its next line.
    child.stdout.off("data", take).resume();
    (child.stdout as Socket).unref();
  }
}

function endOf(child: ChildProcess, options: CommandOptions): Promise<CommandEnd> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    // No process: the error says why, in a moment.
    if (child.pid === undefined) return;
    const group = new ProcessGroup(child.pid, options.clock);
    options.onStart(group);
    const settle = (end: CommandEnd): void => {
      cancelLimit();
      cancelDrain?.();
      options.signal.removeEventListener("abort", onAbort);
      resolve(end);
    };
    const stop = (status: "timed_out" | "aborted"): void => {
      group.stop();
      settle({ status });
    };
    const onAbort = (): void => stop("aborted");
    let cancelDrain: (() => void) | undefined;
    const cancelLimit = options.clock.schedule(() => stop("timed_out"), options.timeoutMs);
    options.signal.addEventListener("abort", onAbort, { once: true });
    child.once("exit", (code, signal) => {
      cancelDrain = options.clock.schedule(() => settle(endedWith(code, signal)), DRAIN_MS);
    });
    child.once("close", (code, signal) => settle(endedWith(code, signal)));
  });
}

function endedWith(code: number | null, signal: NodeJS.Signals | null): CommandEnd {
  return code === null ? { status: "killed", signal: signal ?? "a signal" } : { status: "exited", code };
}
