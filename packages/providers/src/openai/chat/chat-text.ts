/**
 * Owns what a payload of Chat Completions looks like that carries nothing but a piece of text.
 */
import { PLAIN_STRING } from "../../http/text-pattern.ts";
import type { TextForm, TextPiece } from "../../http/text-template.ts";
import type { ChatChunk } from "./chat-wire.ts";

const FIELDS = ["content", "reasoning_content", "reasoning"] as const;

/** The form of text on this wire. */
export const CHAT_TEXT: TextForm<ChatChunk> = {
  pieceIn,
  // OpenAI fills its payloads up with a random string.
  unread: { member: /("obfuscation"\s*:\s*)"[^"\\]*"/g, value: `"${PLAIN_STRING}"` },
};

function pieceIn(chunk: ChatChunk): TextPiece | null {
  const choice = chunk.choices?.[0];
  const { delta } = choice ?? {};
  if (!delta || chunk.object === "error") return null;
  const others = [chunk.error, chunk.usage, chunk.x_groq, choice?.finish_reason, delta.refusal, delta.tool_calls];
  if (others.some((value) => value !== undefined && value !== null)) return null;
  const [key, second] = FIELDS.filter((name) => (delta[name] ?? "") !== "");
  if (key === undefined || second !== undefined) return null;
  const text = delta[key];
  return typeof text === "string" ? { type: key === "content" ? "text" : "thinking", key, text } : null;
}
