/**
 * Owns how a failure looks to the person: one line, and the exit code. The stack is shown only with `--debug`.
 */
import { type AmplifierError, isAmplifierError, isLLMError, type ErrorCode } from "amplifier-core";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { oneLine } from "./terminal/printable.ts";

/** What is wrong on the person's side, to be mended in the command line, the plan or the installation. */
const USAGE_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "usage",
  "plan_invalid",
  "config_invalid",
  "module_not_found",
  "module_invalid",
  "module_load_failed",
  "mount_failed",
  "no_provider",
  "prompt_empty",
]);

/**
 * A failure as the program shows and returns it. `line` has no control character, and no line break but between the things
 * that are wrong with a plan.
 */
export interface Failure {
  readonly line: string;
  readonly exitCode: ExitCode;
}

/** Describes whatever was thrown; with `debug` the line is followed by the stack, causes included. */
export function describeFailure(error: unknown, options: { readonly debug: boolean }): Failure {
  const line = isAmplifierError(error, "plan_invalid") ? problemsOf(error) : messageOf(error);
  return { line: options.debug ? `${line}\n${stackOf(error)}` : line, exitCode: exitCodeOfError(error) };
}

function problemsOf({ data }: AmplifierError<"plan_invalid">): string {
  return data.problems.map(({ path, message }) => oneLine(`${path} ${message}`)).join("\n");
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return oneLine(message === "" ? nameOf(error) : message);
}

function exitCodeOfError(error: unknown): ExitCode {
  if (isAmplifierError(error)) {
    if (error.code === "turn_timeout") return EXIT.timeout;
    return USAGE_CODES.has(error.code) ? EXIT.usage : EXIT.failed;
  }
  if (isLLMError(error, "ConfigurationError")) return EXIT.usage;
  if (error instanceof Error && error.name === "AbortError") return EXIT.interrupted;
  return EXIT.failed;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : "unknown error";
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return "(no stack: what was thrown is no Error)";
  const stack = error.stack ?? error.message;
  return error.cause === undefined ? stack : `${stack}\ncaused by: ${stackOf(error.cause)}`;
}
