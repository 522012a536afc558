/**
 * Owns the words servers use for why an answer ended.
 */
import type { FinishReason } from "amplifier-core";

const REASONS: Readonly<Record<string, FinishReason>> = {
  stop: "stop",
  eos: "stop",
  end_turn: "stop",
  length: "length",
  max_tokens: "length",
  // Mistral: the context window is full.
  model_length: "length",
  tool_calls: "tool_calls",
  function_call: "tool_calls",
  tool_use: "tool_calls",
  content_filter: "content_filter",
};

/** Words that mean the server gave up: OpenRouter's and Mistral's, and DeepSeek's. */
const FAILURES = new Set(["error", "insufficient_system_resource"]);

/** Translates a finish reason. Some servers say `stop` although tools were called, so the calls decide. */
export function toFinishReason(
  word: string,
  answer: { readonly toolCalls: boolean; readonly refused: boolean },
): FinishReason {
  const reason = REASONS[word] ?? "unknown";
  if (reason !== "stop") return reason;
  if (answer.toolCalls) return "tool_calls";
  return answer.refused ? "refusal" : "stop";
}

/** Whether the word means that the server failed, so that the answer is no answer. */
export function isFailure(word: string): boolean {
  return FAILURES.has(word);
}

/** Whether the answer was cut off, so that a tool call may lack its end. */
export function isCut(word: string): boolean {
  const reason = REASONS[word];
  return reason === "length" || reason === "content_filter";
}
