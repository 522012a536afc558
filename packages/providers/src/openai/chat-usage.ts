/**
 * Owns the way from Chat Completions token counts to ours, where servers differ: cached tokens have two places, and xAI
 * counts reasoning beside the completion instead of inside it.
 */
import type { Usage } from "amplifier-core";
import type { ChatUsage } from "./chat-wire.ts";

/** Translates the counts of one answer. `input_tokens` includes cached ones, `output_tokens` includes reasoning. */
export function toUsage(usage: ChatUsage): Usage {
  const input = usage.prompt_tokens ?? 0;
  const completion = usage.completion_tokens ?? 0;
  const reasoning = usage.completion_tokens_details?.reasoning_tokens ?? null;
  const total = usage.total_tokens ?? input + completion;
  const isBeside = reasoning !== null && total === input + completion + reasoning;
  return {
    input_tokens: input,
    output_tokens: isBeside ? completion + reasoning : completion,
    total_tokens: total,
    ...(reasoning === null ? {} : { reasoning_tokens: reasoning }),
    ...cachedTokens(usage),
  };
}

function cachedTokens(usage: ChatUsage): { readonly cache_read_tokens?: number } {
  const cached = usage.prompt_tokens_details?.cached_tokens ?? usage.prompt_cache_hit_tokens ?? null;
  return cached === null ? {} : { cache_read_tokens: cached };
}
