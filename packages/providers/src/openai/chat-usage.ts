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
  const reasoning = usage.completion_tokens_details?.reasoning_tokens ?? undefined;
  const cached = usage.prompt_tokens_details?.cached_tokens ?? usage.prompt_cache_hit_tokens ?? undefined;
  const reasoningIsBeside = reasoning !== undefined && usage.total_tokens === input + completion + reasoning;
  const output = reasoningIsBeside ? completion + reasoning : completion;
  return {
    input_tokens: input,
    output_tokens: output,
    total_tokens: usage.total_tokens ?? input + output,
    ...(reasoning === undefined ? {} : { reasoning_tokens: reasoning }),
    ...(cached === undefined ? {} : { cache_read_tokens: cached }),
  };
}
