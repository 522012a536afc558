/**
 * Owns a way past `JSON.parse` for the payloads that make up nearly all of an answer: equal to an earlier one in every
 * character but the text they carry. Why it is exact: the template is an earlier payload with a hole inside one JSON
 * string, proved to be the delta's text by parsing the payload with a probe in the hole; another valid string there gives
 * the same value but for that text. Whatever does not match is parsed in full, so the events are always the same.
 */
import { literal, matchText, PLAIN_STRING, textPattern } from "../http/text-pattern.ts";
import type { ChatChunk } from "./chat-wire.ts";

/** The fields of a delta that carry text. */
type TextField = "content" | "reasoning_content" | "reasoning";

/** Payloads of one form in a row before a template is made. Few: what is parsed often is compiled with the hot path. */
const LEARN_AFTER = 4;
/** Templates tried in one answer: where payloads differ everywhere, parsing is what is left. */
const MAX_TEMPLATES = 8;
/** Templates of longer payloads cost more than they save. */
const MAX_LENGTH = 4_000;
const FIELDS: readonly TextField[] = ["content", "reasoning_content", "reasoning"];
const PROBE = "\u{e000}probe";

/** Learns from payloads that were parsed, and reads those like them. One per answer. */
export class TextTemplate {
  #pattern: RegExp | null = null;
  #type: "text" | "thinking" = "text";
  #lastField: TextField | null = null;
  #streak = 0;
  #tried = 0;

  /** The text of a payload like the learnt one, in a block of this type; null when it is not, and has to be parsed. */
  match(payload: string, type: "text" | "thinking"): string | null {
    return this.#pattern === null || this.#type !== type ? null : matchText(this.#pattern, payload);
  }

  /** Tells what a parsed payload was; `chunk` is its value. */
  learn(payload: string, chunk: ChatChunk): void {
    if (this.#tried === MAX_TEMPLATES) return;
    const field = onlyField(chunk);
    this.#streak = field !== null && field === this.#lastField ? this.#streak + 1 : 1;
    this.#lastField = field;
    if (field === null || this.#streak < LEARN_AFTER) return;
    this.#streak = 0;
    this.#tried += 1;
    this.#pattern = patternOf(payload, chunk, field);
    this.#type = field === "content" ? "text" : "thinking";
  }
}

/** The one field that makes a chunk a plain piece of text; null when it says anything else. */
function onlyField(chunk: ChatChunk): TextField | null {
  const choice = chunk.choices?.[0];
  const delta = choice?.delta;
  if (delta === undefined || delta === null || chunk.object === "error") return null;
  const others = [chunk.error, chunk.usage, chunk.x_groq, choice?.finish_reason, delta.refusal, delta.tool_calls];
  if (others.some((value) => value !== undefined && value !== null)) return null;
  const [field, second] = FIELDS.filter(
    (name) => delta[name] !== undefined && delta[name] !== null && delta[name] !== "",
  );
  return field === undefined || second !== undefined || typeof delta[field] !== "string" ? null : field;
}

function patternOf(payload: string, chunk: ChatChunk, field: TextField): RegExp | null {
  if (payload.length > MAX_LENGTH) return null;
  const text = piecesAround(payload, field, deltaText(chunk, field));
  if (text === null) return null;
  // OpenAI fills its payloads up with a random string that nobody reads: a second hole.
  const padding = piecesAround(text[1], "obfuscation", paddingOf(chunk));
  const pieces = padding === null ? text : [text[0], ...padding];
  const probed = JSON.parse(pieces.join(PROBE)) as ChatChunk;
  const isProved = deltaText(probed, field) === PROBE && (padding === null || paddingOf(probed) === PROBE);
  if (!isProved) return null;
  const [before = "", ...after] = pieces;
  return textPattern(before, after.map(literal).join(PLAIN_STRING));
}

function deltaText(chunk: ChatChunk, field: TextField): unknown {
  return chunk.choices?.[0]?.delta?.[field];
}

function paddingOf(chunk: ChatChunk): unknown {
  return (chunk as { readonly obfuscation?: unknown }).obfuscation;
}

/** What stands before and behind the value of `key`, where that is a string written without escapes. */
function piecesAround(json: string, key: string, value: unknown): readonly [string, string] | null {
  if (typeof value !== "string" || JSON.stringify(value) !== `"${value}"`) return null;
  const head = new RegExp(`"${key}"\\s*:\\s*"`).exec(json);
  if (head === null) return null;
  const at = head.index + head[0].length;
  return json.startsWith(`${value}"`, at) ? [json.slice(0, at), json.slice(at + value.length)] : null;
}
