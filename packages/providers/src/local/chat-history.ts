/**
 * Owns the translation of a request's messages into the engine's conversation: text only. What a model this small cannot
 * use (thinking, tool calls, images) is left out, and the caller is told of images.
 */
import { textOf, type Message } from "amplifier-core";
import type { ChatHistoryItem } from "./engine.ts";

/**
 * The conversation, ending with the model's turn to generate. An assistant message at the end is its beginning (prefill).
 * `systemPrompt` is used where the request has none.
 */
export function chatHistory(messages: readonly Message[], systemPrompt: string | null): readonly ChatHistoryItem[] {
  const items = messages.flatMap(toItem);
  const hasSystem = items.some((item) => item.type === "system");
  const history: ChatHistoryItem[] =
    hasSystem || systemPrompt === null ? items : [{ type: "system", text: systemPrompt }, ...items];
  return history.at(-1)?.type === "model" ? history : [...history, { type: "model", response: [] }];
}

/** Whether a message holds an image, which the model will not see. */
export function hasImage(messages: readonly Message[]): boolean {
  return messages.some(({ content }) => typeof content !== "string" && content.some(({ type }) => type === "image"));
}

function toItem({ role, content, name }: Message): readonly ChatHistoryItem[] {
  const text = textOf(content);
  if (text === "") return [];
  switch (role) {
    case "system":
    case "developer":
      return [{ type: "system", text }];
    case "user":
      return [{ type: "user", text }];
    case "assistant":
      return [{ type: "model", response: [text] }];
    case "tool":
    case "function":
      return [{ type: "user", text: `Result of ${name ?? "a tool"}: ${text}` }];
  }
}
