/**
 * Owns the way from bytes to the `data` payloads of server-sent events (WHATWG HTML, section 9.2), by hand because a
 * general parser costs more than the whole rest of an adapter. Event names, ids, retry and comments are dropped.
 * Invariant: every byte is looked at a fixed number of times, however small the chunks are, and an event is complete the
 * moment its blank line has come. Chunks may end anywhere, also inside a character.
 */
import { StringDecoder } from "node:string_decoder";
import { LLMError } from "amplifier-core";
import type { Callee } from "./http-request.ts";

/** The largest event taken, in characters: far above any real one, and far below the engine's longest string. */
export const MAX_EVENT_LENGTH = 64 * 1024 * 1024;

const BOM = 0xfeff;
const LF = 10;
const CR = 13;
const SPACE = 32;
const D = 100;
const E = 101;
/** Pieces of a line are joined from time to time: a million of them are work for the garbage collector. */
const MAX_PIECES = 256;

/** Splits one stream. Feed it every chunk in order, then call `end` once. */
export class SseSplitter {
  readonly #callee: Callee;
  readonly #maxEventLength: number;
  /** Holds the bytes of a cut character; null when the last byte was ASCII. */
  #decoder: StringDecoder | null = null;
  /** Nothing of an event is held, and nothing of what comes next belongs to what came before. */
  #isBetweenEvents = false;
  #isFirst = true;
  /** The last piece ended with CR: an LF right after it belongs to the same line end. */
  #endedWithCr = false;
  /** The line whose end has not come, without its newest pieces. */
  #line = "";
  #pieces: string[] = [];
  /** The data of the event that is being read; null before its first `data` line. */
  #data: string | null = null;
  #length = 0;

  constructor(callee: Callee, maxEventLength: number = MAX_EVENT_LENGTH) {
    this.#callee = callee;
    this.#maxEventLength = maxEventLength;
  }

  /**
   * Appends to `payloads` what `chunk` completed, in order. Empty payloads are left out.
   * @throws LLMError `StreamError` when one event grows beyond the limit; `payloads` then holds all events before it.
   */
  push(chunk: Buffer, payloads: string[]): void {
    const endsLine = this.#decoder === null && chunk[chunk.length - 1] === LF;
    const text = endsLine ? chunk.toString() : this.#decode(chunk);
    if (!endsLine || !this.#isBetweenEvents || !takeEvent(text, payloads)) this.#pushAny(text, payloads);
  }

  /** The stream is over: an event that lacks only its blank line counts, as some servers forget the last one. */
  end(payloads: string[]): void {
    this.#readLines(`${this.#takeLine()}${this.#decoder?.end() ?? ""}\n`, payloads);
    this.#dispatch(payloads);
  }

  #decode(chunk: Buffer): string {
    this.#decoder ??= new StringDecoder("utf8");
    const text = this.#decoder.write(chunk);
    if ((chunk[chunk.length - 1] ?? 0x80) < 0x80) this.#decoder = null;
    return text;
  }

  #pushAny(piece: string, payloads: string[]): void {
    const text = this.#withPlainLineEnds(piece);
    const end = text.lastIndexOf("\n") + 1;
    if (end > 0) this.#readLines(this.#takeLine() + text.slice(0, end), payloads);
    if (end < text.length) this.#hold(text.slice(end));
    const held = this.#length + (this.#data?.length ?? 0);
    this.#isBetweenEvents = held === 0 && this.#data === null && !this.#isFirst && !this.#endedWithCr;
    if (held > this.#maxEventLength) throw this.#tooLarge();
  }

  #withPlainLineEnds(piece: string): string {
    let text = piece;
    if (text === "") return text;
    if (this.#isFirst && text.charCodeAt(0) === BOM) text = text.slice(1);
    this.#isFirst = false;
    if (this.#endedWithCr && text.charCodeAt(0) === LF) text = text.slice(1);
    this.#endedWithCr = piece.charCodeAt(piece.length - 1) === CR;
    return text.includes("\r") ? text.replace(/\r\n?/g, "\n") : text;
  }

  #hold(text: string): void {
    this.#length += text.length;
    if (this.#pieces.push(text) < MAX_PIECES) return;
    this.#line += this.#pieces.join("");
    this.#pieces = [];
  }

  #takeLine(): string {
    const line = this.#line + this.#pieces.join("");
    this.#line = "";
    this.#pieces = [];
    this.#length = 0;
    return line;
  }

  #readLines(text: string, payloads: string[]): void {
    for (let start = 0; start < text.length;) {
      const end = text.indexOf("\n", start);
      if (end === start) this.#dispatch(payloads);
      else if (text.charCodeAt(start) === D) this.#readField(text, start, end);
      start = end + 1;
    }
  }

  #readField(text: string, start: number, end: number): void {
    let from = start + 4;
    if (text.slice(start, from) !== "data") return;
    if (from !== end) {
      if (text[from] !== ":") return;
      from += text.charCodeAt(from + 1) === SPACE ? 2 : 1;
    }
    const value = text.slice(from, end);
    this.#data = this.#data === null ? value : `${this.#data}\n${value}`;
  }

  #dispatch(payloads: string[]): void {
    if (this.#data !== null && this.#data !== "") payloads.push(this.#data);
    this.#data = null;
  }

  #tooLarge(): LLMError {
    const message = `${this.#callee.provider} sent one event of more than ${this.#maxEventLength} characters; the stream was given up.`;
    return new LLMError("StreamError", message, { ...this.#callee, retryable: false });
  }
}

/**
 * Takes a text that is one whole event with one line of data, as a token is on most wires; false when it is anything else.
 * `text` ends with LF. Kept small: in a short process, compiling a long function takes longer than running it.
 */
function takeEvent(text: string, payloads: string[]): boolean {
  // The one line before it: the name of the event.
  const start = text.charCodeAt(0) === E ? text.indexOf("\n") + 1 : 0;
  // Google ends its lines with CR and LF.
  const width = text.charCodeAt(text.length - 2) === CR ? 2 : 1;
  const end = text.length - 2 * width;
  // Not startsWith: it compares letter by letter, and took six times as long on Node 20.
  if (text.slice(start, start + 6) !== "data: " || end === start + 6) return false;
  if (text.indexOf("\n", start) !== end + width - 1 || text.indexOf("\r") !== (width === 1 ? -1 : end)) return false;
  payloads.push(text.slice(start + 6, end));
  return true;
}
