/**
 * Owns what every adapter asks of a conversation before it translates it.
 */
import type { ContentBlock, ImageSource, Message } from "amplifier-core";

const REMINDER = "<system-reminder";

/** A conversation whose instructions stand apart from what was said. */
export interface SplitConversation {
  /** The system prompt: all leading instructions, a blank line between them; empty when there is none. */
  readonly system: string;
  /** The rest; instructions in the middle stay where they are. */
  readonly messages: readonly Message[];
}

/** Takes the instructions at the head of a conversation out of it. */
export function splitConversation(messages: readonly Message[]): SplitConversation {
  const firstTurn = messages.findIndex(({ role }) => role !== "system" && role !== "developer");
  const leading = firstTurn === -1 ? messages.length : firstTurn;
  const texts = messages.slice(0, leading).map(plainText);
  return { system: texts.filter((text) => text !== "").join("\n\n"), messages: messages.slice(leading) };
}

/** An instruction in the middle, for APIs that have no place for one there: marked text of the user's; empty when it says nothing. */
export function reminderText(message: Message): string {
  const text = plainText(message);
  if (text === "" || isReminder(text)) return text;
  return `${REMINDER}>\n${text}\n</system-reminder>`;
}

/** Whether a text is an instruction in the middle, marked as such. */
export function isReminder(text: unknown): boolean {
  return typeof text === "string" && text.startsWith(REMINDER);
}

/** The blocks of a message; a plain string is one block of text. */
export function blocksOf({ content }: Message): readonly ContentBlock[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

/** The bytes of an image that come with the message: given as such, or in a `data:` address. Null for one to be fetched. */
export function inlineImage(source: ImageSource): { readonly mediaType: string; readonly data: string } | null {
  if (source.type === "base64") return { mediaType: source.media_type, data: source.data };
  const match = /^data:([^;,]+);base64,(.*)$/s.exec(source.url);
  return match === null ? null : { mediaType: match[1] ?? "", data: match[2] ?? "" };
}

function plainText(message: Message): string {
  const texts = blocksOf(message).flatMap((block) => (block.type === "text" ? [block.text] : []));
  return texts.join("\n").trim();
}
