/**
 * Owns the exit codes of the program, as `--help` and the README list them. Nothing else may end the process with a
 * number of its own.
 */
import type { TurnStatus } from "amplifier-core";

/** Every exit code by its meaning. */
export const EXIT = {
  success: 0,
  /** The model, a tool or the program failed. */
  failed: 1,
  /** The command line, the plan or a configuration is wrong. */
  usage: 2,
  /** A limit ended the turn (`max_turns`, the model's output limit), or the provider cut the answer. */
  incomplete: 3,
  /** A hook denied the prompt or the request. */
  denied: 4,
  /** `timeout` ran out, as of coreutils' timeout. */
  timeout: 124,
  /** 128 + the signal's number, as a shell counts. */
  hangup: 129,
  interrupted: 130,
  brokenPipe: 141,
  terminated: 143,
} as const;

/** One of the numbers of `EXIT`. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

const BY_STATUS: Readonly<Record<TurnStatus, ExitCode>> = {
  success: EXIT.success,
  incomplete: EXIT.incomplete,
  denied: EXIT.denied,
  cancelled: EXIT.interrupted,
  timeout: EXIT.timeout,
  error: EXIT.failed,
};

/** The exit code of a turn that ended with this status. */
export function exitCodeOf(status: TurnStatus): ExitCode {
  return BY_STATUS[status];
}
