/**
 * Owns the conversation in the API's shape: a system prompt apart, then user and assistant in turn. What Amplifier keeps
 * as several messages (tool results, injections, a skipped empty answer) is joined, so that no two of one role meet.
 */
import type { Message } from "amplifier-core";
import { blocksOf, reminderText, splitConversation } from "../conversation.ts";
import type { JsonObject } from "../json/json-object.ts";
import { withSafeCalls } from "../safe-calls.ts";
import { withWholePairs } from "./server-tool-pairs.ts";
import { toAssistantBlock, toToolResult, toUserBlock } from "./to-wire-content.ts";
import { isThinking } from "./wire.ts";

/** One message of a request. */
export interface WireMessage {
  readonly role: "user" | "assistant";
  readonly content: readonly JsonObject[];
}

/** The conversation of a request; `system` is empty when there is no prompt. */
export interface WireConversation {
  readonly system: string;
  readonly messages: readonly WireMessage[];
}

/** Source: the API reference. */
const CALL_RULES = {
  id: { refused: /[^a-zA-Z0-9_-]/g, maxLength: 256 },
  name: { refused: /[^a-zA-Z0-9_-]/g, maxLength: 128 },
};

/** Translates a conversation for `model`: only its own thinking goes back. */
export function toWireMessages(messages: readonly Message[], model: string): WireConversation {
  const { system, messages: turns } = splitConversation(withSafeCalls(messages, CALL_RULES));
  const translated = turns.map((message) => ({
    role: message.role === "assistant" ? ("assistant" as const) : ("user" as const),
    content: contentOf(message, model),
  }));
  return { system, messages: withTrimmedPrefill(withUserFirst(joined(withWholePairs(translated)))) };
}

/** No two of one role, none empty, no answer that ends with thinking. */
function joined(messages: readonly WireMessage[]): readonly WireMessage[] {
  const merged: { role: WireMessage["role"]; content: JsonObject[] }[] = [];
  for (const { role, content: all } of messages) {
    const content = role === "assistant" ? upToSpoken(all) : all;
    if (content.length === 0) continue;
    const last = merged.at(-1);
    if (last?.role === role) last.content.push(...content);
    else merged.push({ role, content: [...content] });
  }
  return merged.map(({ role, content }) => ({ role, content: role === "user" ? resultsFirst(content) : content }));
}

function contentOf(message: Message, model: string): JsonObject[] {
  const blocks = blocksOf(message);
  switch (message.role) {
    case "assistant":
      return present(blocks.map((block) => toAssistantBlock(block, model)));
    case "system":
    case "developer":
      return asReminder(message);
    case "tool":
    case "function":
      if (message.tool_call_id !== undefined) return [toToolResult(message.tool_call_id, message.content)];
      return present(blocks.map(toUserBlock));
    case "user":
      return present(blocks.map(toUserBlock));
  }
}

/** The API refuses an answer that ends with thinking: one that was stopped before it said anything, or said only blanks. */
function upToSpoken(content: readonly JsonObject[]): readonly JsonObject[] {
  return content.slice(0, content.findLastIndex((block) => !isThinking(block)) + 1);
}

/** Most models take no system message in the middle of a conversation. */
function asReminder(message: Message): JsonObject[] {
  const text = reminderText(message);
  return text === "" ? [] : [{ type: "text", text }];
}

/** The API wants the results of an answer's calls in front of whatever else the user's turn says. */
function resultsFirst(content: readonly JsonObject[]): JsonObject[] {
  const isResult = (block: JsonObject): boolean => block["type"] === "tool_result";
  return [...content.filter(isResult), ...content.filter((block) => !isResult(block))];
}

/** The API wants the user to speak first; a conversation may begin with a greeting, or with what a hook has put there. */
function withUserFirst(messages: readonly WireMessage[]): readonly WireMessage[] {
  if (messages[0]?.role !== "assistant") return messages;
  const text = reminderText({ role: "system", content: "You speak first." });
  return [{ role: "user", content: [{ type: "text", text }] }, ...messages];
}

/** A conversation that ends with the assistant is to be continued; the API refuses white space at its end. */
function withTrimmedPrefill(messages: readonly WireMessage[]): readonly WireMessage[] {
  const last = messages.at(-1);
  const block = last?.content.at(-1);
  if (last?.role !== "assistant" || block?.["type"] !== "text") return messages;
  const trimmed = { type: "text", text: String(block["text"]).trimEnd() };
  return [...messages.slice(0, -1), { role: last.role, content: [...last.content.slice(0, -1), trimmed] }];
}

function present(blocks: readonly (JsonObject | null)[]): JsonObject[] {
  return blocks.filter((block) => block !== null);
}
