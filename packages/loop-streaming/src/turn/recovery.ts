/**
 * Owns what is done about an attempt that brought no whole answer: pure, read from top to bottom, the first line that fits
 * wins. Before the first delta the same may be asked again, by whomever; after it only what is missing.
 */
import { isLLMError, type LLMError, type LLMErrorName } from "amplifier-core";
import type { LoopConfig } from "../config.ts";
import type { Broken, TurnState } from "./turn-state.ts";

/** What to do. `close`: what came stands, its calls settle, and the loop goes on. */
export type Recovery =
  | { readonly kind: "stop" | "close" | "continue" | "compact" | "fail" }
  /** `isOwn`: the loop's own delay, of which chance may take its share; else the server's. */
  | { readonly kind: "retry"; readonly delayMs: number; readonly isOwn: boolean }
  | { readonly kind: "fallback"; readonly to: string };

/** What the recovery hangs on besides the state. */
export type RecoveryLimits = Pick<LoopConfig, "retry" | "maxContinuations">;

/** What to do about `broken`. */
export function recoveryOf(state: TurnState, broken: Broken, limits: RecoveryLimits): Recovery {
  const { error, cut, begun, nextProvider } = broken;
  if (cut === "stopped" || state.stop !== null) return { kind: "stop" };
  if (cut === "steered") return { kind: "close" };
  if (!isLLMError(error)) return { kind: "fail" };
  if (begun) return goOn(state, broken, limits);
  if (error.name === "ContextLengthError" && !state.compacted) return { kind: "compact" };
  const retry = retryOf(state, broken, limits);
  if (retry !== null) return retry;
  if (nextProvider !== null && mayWorkElsewhere(error)) return { kind: "fallback", to: nextProvider };
  return { kind: "fail" };
}

function goOn(state: TurnState, { error, isFormed }: Broken, { maxContinuations }: RecoveryLimits): Recovery {
  const mayHelp = (error as LLMError).retryable && state.continuations < maxContinuations;
  if (!mayHelp) return { kind: "fail" };
  if (state.answer !== null && state.answer.calls.length > 0) return { kind: "close" };
  return isFormed ? { kind: "fail" } : { kind: "continue" };
}

/** Null when the same is not asked again. */
function retryOf(
  state: TurnState,
  { error, limit, retries, leftMs }: Broken,
  { retry }: RecoveryLimits,
): Recovery | null {
  // Only name and `retryable` are sure: it may be the error of another copy of the package, or of another language.
  const { retryable, retry_after, delay_multiplier = 1 } = error as Partial<LLMError>;
  if (!retryable || retries || state.attempts >= retry.attempts) return null;
  if (limit !== null && state.waitedTwice) return null;
  const ownMs = Math.min(retry.baseDelayMs * 2 ** (state.attempts - 1) * delay_multiplier, retry.maxDelayMs);
  const isOwn = typeof retry_after !== "number";
  const delayMs = isOwn ? ownMs : retry_after * 1000;
  // Waiting beyond the turn's end would only hide what is wrong.
  return delayMs < leftMs ? { kind: "retry", delayMs, isOwn } : null;
}

/** What another provider would answer the same. */
const SAME_EVERYWHERE: ReadonlySet<LLMErrorName> = new Set<LLMErrorName>([
  "ContextLengthError",
  "ContentFilterError",
  "InvalidRequestError",
  "InvalidToolCallError",
  "AbortError",
]);

function mayWorkElsewhere({ name }: LLMError): boolean {
  return !SAME_EVERYWHERE.has(name);
}
