/**
 * Owns the way from Chat Completions token counts to ours, where servers differ: cached tokens have two places, and xAI
 * counts reasoning beside the completion instead of inside it.
 */
import type { Usage } from "amplifier-core";
import type { ChatUsage } from "./chat-wire.ts";

/** Translates the counts of one answer. `input_tokens` includes cached ones, `output_tokens` includes reasoning. */
export function toUsage(usage: ChatUsage): Usage {
  const input = count(usage.prompt_tokens) ?? 0;
  const completion = count(usage.completion_tokens) ?? 0;
  const reasoning = count(usage.completion_tokens_details?.reasoning_tokens);
  const total = count(usage.total_tokens) ?? input + completion;
  const isBeside = reasoning !== null && total === input + completion + reasoning;
  return {
    input_tokens: input,
    output_tokens: isBeside ? completion + reasoning : completion,
    total_tokens: total,
    ...(reasoning === null ? {} : { reasoning_tokens: reasoning }),
    ...cachedTokens(usage),
  };
}

// Some servers send text or nonsense where a number belongs.
function count(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : null;
}

function cachedTokens(usage: ChatUsage): { readonly cache_read_tokens?: number } {
  const cached = count(usage.prompt_tokens_details?.cached_tokens ?? usage.prompt_cache_hit_tokens);
  return cached === null ? {} : { cache_read_tokens: cached };
}
