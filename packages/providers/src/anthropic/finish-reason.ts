/**
 * Owns what the API's `stop_reason` means in Amplifier's words.
 */
import type { FinishReason } from "amplifier-core";

const REASONS: ReadonlyMap<string, FinishReason> = new Map([
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["tool_use", "tool_calls"],
  ["pause_turn", "pause"],
  ["refusal", "refusal"],
]);

/** The finish reason for a `stop_reason`; `unknown` for a new word, and for none. */
export function toFinishReason(stopReason: string | null | undefined): FinishReason {
  return REASONS.get(stopReason ?? "") ?? "unknown";
}
