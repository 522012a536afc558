/**
 * Owns what the program sees of the world around it, as an argument, so that tests can give another one: three streams,
 * the environment, the folder, the time.
 */
import process from "node:process";
import type { Readable, Writable } from "node:stream";
import { systemClock, type Clock } from "amplifier-core";
import { usageError } from "./usage-error.ts";

/** Standard input; a terminal can be switched to raw mode. */
export type Input = Readable & {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
};

/** Standard output or standard error. `columns` is known for a terminal. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** The signals the program answers to. */
export type SignalName = "SIGINT" | "SIGTERM" | "SIGHUP";

/** The world around the program. */
export interface Io {
  readonly stdin: Input;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The folder the process was started in, absolute. */
  readonly cwd: string;
  readonly platform: string;
  readonly clock: Clock;
  /** Calls `handler` on each such signal, until the returned function is called. */
  readonly onSignal: (signal: SignalName, handler: () => void) => () => void;
  /** Ends the process at once; only for an interrupt that nothing else answers to. */
  readonly exit: (code: number) => void;
}

/** The world of this process. @throws AmplifierError `usage` when its folder is gone */
export function processIo(): Io {
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: currentFolder(),
    platform: process.platform,
    clock: systemClock,
    onSignal: (signal, handler) => {
      process.on(signal, handler);
      return () => process.off(signal, handler);
    },
    exit: (code) => process.exit(code),
  };
}

function currentFolder(): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw usageError("The current folder is not there any more. Change into one that exists, and start again.", {
      cause,
    });
  }
}
