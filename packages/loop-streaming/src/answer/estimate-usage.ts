/**
 * Owns the estimate of tokens that nobody counted: a quarter of the characters, as is usual for English text.
 */
import type { ChatRequest, Usage } from "amplifier-core";

const CHARACTERS_PER_TOKEN = 4;

/** What a whole call may have cost whose answer had so many characters. */
export function estimatedUsage(request: ChatRequest, characters: number): Usage {
  return usageOf(inputTokens(request), tokens(characters));
}

/** What `counted` has missed of a call that was cut off; undefined when it is all there. */
export function uncountedUsage(counted: Usage | null, request: ChatRequest, characters: number): Usage | undefined {
  const input = counted === null ? inputTokens(request) : 0;
  const output = Math.max(tokens(characters) - (counted?.output_tokens ?? 0), 0);
  return input + output === 0 ? undefined : usageOf(input, output);
}

function usageOf(input: number, output: number): Usage {
  return { input_tokens: input, output_tokens: output, total_tokens: input + output, estimated: true };
}

function inputTokens({ messages, tools }: ChatRequest): number {
  return tokens(JSON.stringify({ messages, tools }).length);
}

function tokens(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}
