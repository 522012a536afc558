/**
 * Owns how one content block looks in a request, and which blocks may not be sent at all. Does not join messages.
 */
import type { ContentBlock, ImageBlock, RedactedThinkingBlock, ThinkingBlock } from "amplifier-core";
import { inlineImage } from "../conversation.ts";
import type { JsonObject } from "../json/json-object.ts";
import { ANTHROPIC } from "./wire.ts";

/** A block in a user's message or a tool's result; null for what has no place there. Blank text is refused by the API. */
export function toUserBlock(block: ContentBlock): JsonObject | null {
  switch (block.type) {
    case "text":
      return textBlock(block.text);
    case "image":
      return { type: "image", source: imageSource(block.source) };
    case "tool_result":
      return toToolResult(block.tool_call_id, textOfOutput(block.output));
    case "thinking":
    case "redacted_thinking":
    case "tool_call":
    case "reasoning":
    case "opaque":
      return null;
  }
}

/**
 * A block in an assistant's message; null for what may not go back: thinking without a signature or of another model,
 * and whatever other providers sealed. Citations are not sent back: they point into documents that may be gone.
 */
export function toAssistantBlock(block: ContentBlock, model: string): JsonObject | null {
  switch (block.type) {
    case "text":
      return textBlock(block.text);
    case "tool_call":
      return toToolUse(block);
    case "thinking":
    case "redacted_thinking":
      return isOwn(block, model) ? toThinking(block) : null;
    case "opaque":
      return block.provider === ANTHROPIC && block.interrupted === undefined ? block.data : null;
    case "image":
    case "tool_result":
    case "reasoning":
      return null;
  }
}

/** A tool's answer. Without a text the API wants no `content`. */
export function toToolResult(callId: string, content: string | readonly ContentBlock[]): JsonObject {
  const blocks = typeof content === "string" ? content : content.map(toUserBlock).filter((block) => block !== null);
  return {
    type: "tool_result",
    tool_use_id: wireId(callId),
    ...(blocks.length === 0 ? {} : { content: blocks }),
  };
}

function toThinking(block: ThinkingBlock | RedactedThinkingBlock): JsonObject | null {
  if (block.type === "redacted_thinking") return { type: block.type, data: block.data };
  return block.signature === undefined
    ? null
    : { type: block.type, thinking: block.thinking, signature: block.signature };
}

function toToolUse(block: Extract<ContentBlock, { type: "tool_call" }>): JsonObject {
  const broken = block.raw_arguments !== undefined || block.interrupted === true;
  const { caller } = block as { readonly caller?: unknown };
  return {
    type: "tool_use",
    id: wireId(block.id),
    name: block.name,
    input: broken ? {} : block.input,
    ...(caller === undefined ? {} : { caller }),
  };
}

/** The API takes letters, digits, `_` and `-`; other providers' ids may have more. */
function wireId(id: string): string {
  return id.replace(/[^a-zA-Z0-9_-]/g, "_");
}

function textBlock(text: string): JsonObject | null {
  return text.trim() === "" ? null : { type: "text", text };
}

function imageSource(source: ImageBlock["source"]): JsonObject {
  const inline = inlineImage(source);
  if (inline === null) return source;
  return { type: "base64", media_type: inline.mediaType, data: inline.data };
}

function isOwn(block: { readonly provider?: string; readonly model?: string }, model: string): boolean {
  return block.provider === ANTHROPIC && block.model === model;
}

function textOfOutput(output: unknown): string {
  return typeof output === "string" ? output : (JSON.stringify(output) ?? "");
}
