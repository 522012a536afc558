/**
 * Owns how one content block looks in a request, and which blocks may not be sent at all. Does not join messages.
 */
import type { ContentBlock, ImageBlock, RedactedThinkingBlock, TextBlock, ThinkingBlock } from "amplifier-core";
import { inlineImage } from "../conversation.ts";
import { isJsonObject, type JsonObject } from "../json/json-object.ts";
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
 * and whatever other providers sealed.
 */
export function toAssistantBlock(block: ContentBlock, model: string): JsonObject | null {
  switch (block.type) {
    case "text":
      return citedText(block);
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
  const blocks = typeof content === "string" ? content : content.map(toResultBlock).filter((block) => block !== null);
  return {
    type: "tool_result",
    tool_use_id: callId,
    ...(blocks.length === 0 ? {} : { content: blocks }),
  };
}

/** Results hold no results. */
function toResultBlock(block: ContentBlock): JsonObject | null {
  return block.type === "tool_result" ? textBlock(textOfOutput(block.output)) : toUserBlock(block);
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
    id: block.id,
    name: block.name,
    input: broken ? {} : block.input,
    ...(caller === undefined ? {} : { caller }),
  };
}

function textBlock(text: string): JsonObject | null {
  return text.trim() === "" ? null : { type: "text", text };
}

/**
 * Of its citations only those of web pages go back, as the API wants them: they hold all they say. The others count the
 * documents of their request, which may be gone, and those of other APIs are none here.
 */
function citedText(block: TextBlock): JsonObject | null {
  const text = textBlock(block.text);
  const { citations } = block as { readonly citations?: unknown };
  if (text === null || !Array.isArray(citations)) return text;
  const ofWeb = citations.filter((one) => isJsonObject(one) && one["type"] === "web_search_result_location");
  return ofWeb.length === 0 ? text : { ...text, citations: ofWeb };
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
