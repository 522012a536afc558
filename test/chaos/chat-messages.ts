/**
 * Owns reading the messages of a request in the form of Chat Completions, whichever wire it came over.
 */
import type { SeenMessage } from "./told-answer.ts";

interface Block {
  readonly type: string;
}

/** The messages, a tool's result in one of its own. */
export function chatMessages(messages: unknown): SeenMessage[] {
  return (messages as readonly SeenMessage[]).flatMap((message) => {
    if (!Array.isArray(message.content)) return [message];
    const blocks = message.content as readonly Block[];
    const results = blocks.filter(({ type }) => type === "tool_result");
    const calls = blocks.filter(({ type }) => type === "tool_use");
    const rest = { ...message, content: blocks.filter(({ type }) => type === "text") };
    const own = calls.length === 0 ? rest : { ...rest, tool_calls: calls };
    return [...results.map(() => ({ role: "tool", content: "" })), ...(results.length === blocks.length ? [] : [own])];
  });
}
