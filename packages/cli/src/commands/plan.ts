/**
 * Owns the command `plan`: which of its two actions is wanted.
 */
import type { App } from "../app.ts";
import type { ExitCode } from "../exit-codes.ts";
import { usageError } from "../usage-error.ts";
import { planCheck } from "./plan-check.ts";
import { planSchema } from "./plan-schema.ts";

/** Runs `plan check FILE` or `plan schema`. @throws AmplifierError `usage` for anything else */
export function plan(app: App): Promise<ExitCode> {
  const [action, file, ...more] = app.args.words;
  if (action === "check" && file !== undefined && more.length === 0) return planCheck(app, file);
  if (action === "schema" && file === undefined) return planSchema(app);
  const given = app.args.words.join(" ");
  throw usageError('Say "amplifier-ts plan check FILE" or "amplifier-ts plan schema".', { value: given });
}
