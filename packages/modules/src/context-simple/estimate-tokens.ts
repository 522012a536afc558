/**
 * Owns how many tokens a message is taken for: a quarter of its UTF-8 bytes, which is close for English and code and not
 * far off for Cyrillic or Chinese (2-3 bytes a character). An estimate, never a count; no tokenizer is asked.
 */
import type { ContentBlock, Message } from "amplifier-core";

const BYTES_PER_TOKEN = 4;

/** What every message costs beside its content: its role and the marks around it. */
const PER_MESSAGE = 4;

/** Any image. The largest that Anthropic takes without shrinking it costs about 1,600; other APIs take less. */
export const IMAGE_TOKENS = 1600;

/** Tokens of one message, at least 4. */
export function estimateTokens({ content, name }: Message): number {
  const bytes = Buffer.byteLength(name ?? "");
  if (typeof content === "string") return tokensOf(bytes + Buffer.byteLength(content));
  let images = 0;
  let total = bytes;
  for (const block of content) {
    if (block.type === "image") images++;
    else total += bytesOf(block);
  }
  return tokensOf(total) + images * IMAGE_TOKENS;
}

function tokensOf(bytes: number): number {
  return PER_MESSAGE + Math.ceil(bytes / BYTES_PER_TOKEN);
}

function bytesOf(block: Exclude<ContentBlock, { type: "image" }>): number {
  switch (block.type) {
    case "text":
      return Buffer.byteLength(block.text);
    case "thinking":
      // Its signature is long and is not billed.
      return Buffer.byteLength(block.thinking);
    case "tool_call":
      return Buffer.byteLength(block.name) + jsonBytes(block.input);
    case "tool_result":
      return jsonBytes(block.output);
    default:
      return jsonBytes(block);
  }
}

// What is no JSON (undefined, a function) goes nowhere and costs nothing.
function jsonBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? "");
}
