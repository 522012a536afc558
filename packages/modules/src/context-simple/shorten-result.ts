/**
 * Owns what is left of a tool's result when there is no room for all of it: its beginning and a note that says so. The
 * call it answers stays as it is.
 */
import { type Message, textOf } from "amplifier-core";
import { cutText } from "../cut-text.ts";

/** A tool message with the first `maxChars` characters of its text and the note; itself where that would be no shorter. */
export function shortenResult(message: Message, maxChars: number): Message {
  const { content } = message;
  const text = textOf(content);
  const isText = typeof content === "string" || content.every(({ type }) => type === "text");
  const kept = cutText(text, maxChars);
  const cut = text.length - kept.length;
  const what = cut > 0 ? `${cut} more characters of this result were` : "A part of this result that is no text was";
  const shorter = `${kept}\n[${what} left out to fit the context window; call the tool again if needed]`.trimStart();
  if (isText && shorter.length >= text.length) return message;
  return Object.freeze({ ...message, content: shorter });
}
