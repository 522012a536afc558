/**
 * Owns the estimate of tokens that nobody counted: a quarter of the characters, as is usual for English text.
 */
import type { ChatRequest, ContentBlock, Usage } from "amplifier-core";
import { wholeText } from "./open-block.ts";

const CHARACTERS_PER_TOKEN = 4;

/** What a whole call may have cost. */
export function estimatedUsage(request: ChatRequest, blocks: readonly ContentBlock[]): Usage {
  return usageOf(inputTokens(request), outputTokens(blocks));
}

/** What `counted` has missed of a call that was cut off; undefined when it is all there. */
export function uncountedUsage(
  counted: Usage | null,
  request: ChatRequest,
  blocks: readonly ContentBlock[],
): Usage | undefined {
  const input = counted === null ? inputTokens(request) : 0;
  const output = Math.max(outputTokens(blocks) - (counted?.output_tokens ?? 0), 0);
  return input + output === 0 ? undefined : usageOf(input, output);
}

function usageOf(input: number, output: number): Usage {
  return { input_tokens: input, output_tokens: output, total_tokens: input + output, estimated: true };
}

function inputTokens({ messages, tools }: ChatRequest): number {
  return tokens(JSON.stringify({ messages, tools }).length);
}

function outputTokens(blocks: readonly ContentBlock[]): number {
  return tokens(blocks.reduce((characters, block) => characters + wholeText(block).length, 0));
}

function tokens(characters: number): number {
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}
