/**
 * Owns the error for what the person got wrong: the command line, a file's name, a plan's syntax. It is shown as one line
 * and ends the program with exit code 2.
 */
import { AmplifierError } from "amplifier-core";

/** Makes the error. `message` names the thing, the place and what is allowed; `value` is what was given. */
export function usageError(
  message: string,
  options: { readonly value?: string; readonly cause?: unknown } = {},
): AmplifierError<"usage"> {
  const data = options.value === undefined ? {} : { value: options.value };
  return new AmplifierError("usage", message, { data, cause: options.cause });
}
