/**
 * Owns a way past `JSON.parse` for the payloads that make up nearly all of an answer: equal to an earlier one in every
 * character but the text they carry. Why it is exact: the template is an earlier payload with a hole inside one JSON
 * string, proved to be the text by parsing the payload with a probe in the hole; another valid string there gives the
 * same value but for that text. Whatever does not match is parsed in full, so the events are always the same.
 */
import { literal, matchText, patternOf } from "./text-pattern.ts";

/** A piece of text, and the name of the member it stands in. */
export interface TextPiece {
  readonly type: "text" | "thinking";
  readonly key: string;
  readonly text: string;
}

/** What one wire's payloads of text look like. */
export interface TextForm<Value> {
  /** The one piece of text a parsed payload carries; null when it says anything else, or anything more. */
  readonly pieceIn: (value: Value) => TextPiece | null;
  /**
   * Members beside the text whose value changes and is not read here. `member` is global and has one group: all of the
   * match that stands before the value. It begins with the quote of the name, so that no text can look like it.
   * `value` is the source of a pattern that matches nothing but valid JSON of the same kinds.
   */
  readonly unread: { readonly member: RegExp; readonly value: string };
}

/** Payloads of one form in a row before a template is made. Few: what is parsed often is compiled with the hot path. */
const LEARN_AFTER = 4;
/** Templates tried in one answer: where payloads differ everywhere, parsing is what is left. */
const MAX_TEMPLATES = 8;
/** Templates of longer payloads cost more than they save. */
const MAX_LENGTH = 4_000;
const PROBE = "\u{e000}probe";

/** Learns from payloads that were parsed, and reads those like them. One per answer. */
export class TextTemplate<Value> {
  readonly #form: TextForm<Value>;
  #pattern: RegExp | null = null;
  #type: TextPiece["type"] = "text";
  #last: TextPiece | null = null;
  #streak = 0;
  #tried = 0;

  constructor(form: TextForm<Value>) {
    this.#form = form;
  }

  /** The text of a payload like the learnt one, in a block of this type; null when it is not, and has to be parsed. */
  match(payload: string, type: TextPiece["type"]): string | null {
    return this.#pattern === null || this.#type !== type ? null : matchText(this.#pattern, payload);
  }

  /** Tells what a parsed payload was; `value` is its value. */
  learn(payload: string, value: Value): void {
    if (this.#tried === MAX_TEMPLATES) return;
    const piece = this.#form.pieceIn(value);
    const goesOn = piece !== null && piece.key === this.#last?.key && piece.type === this.#last.type;
    this.#streak = goesOn ? this.#streak + 1 : 1;
    this.#last = piece;
    if (piece === null || this.#streak < LEARN_AFTER) return;
    this.#streak = 0;
    this.#tried += 1;
    this.#pattern = this.#patternOf(payload, piece);
    this.#type = piece.type;
  }

  #patternOf(payload: string, piece: TextPiece): RegExp | null {
    if (payload.length > MAX_LENGTH) return null;
    const around = piecesAround(payload, piece);
    if (around === null) return null;
    const [before, behind] = around;
    const probed = this.#form.pieceIn(JSON.parse(before + PROBE + behind) as Value);
    return probed?.text === PROBE ? patternOf(this.#sourceOf(before), this.#sourceOf(behind)) : null;
  }

  #sourceOf(json: string): string {
    const { member, value } = this.#form.unread;
    let source = "";
    let from = 0;
    for (const match of json.matchAll(member)) {
      source += literal(json.slice(from, match.index) + (match[1] ?? "")) + value;
      from = match.index + match[0].length;
    }
    return source + literal(json.slice(from));
  }
}

/** What stands before and behind the text, where it is written without escapes. */
function piecesAround(json: string, { key, text }: TextPiece): readonly [string, string] | null {
  if (JSON.stringify(text) !== `"${text}"`) return null;
  const head = new RegExp(`"${key}"\\s*:\\s*"`).exec(json);
  if (head === null) return null;
  const at = head.index + head[0].length;
  return json.startsWith(`${text}"`, at) ? [json.slice(0, at), json.slice(at + text.length)] : null;
}
