/**
 * Owns the way from bytes to the `data` payloads of server-sent events (WHATWG HTML, section 9.2), by hand because a
 * general parser costs more than the whole rest of an adapter. Event names, ids, retry and comments are dropped.
 * Invariant: every byte is looked at a fixed number of times, however small the pieces are, and an event is complete the
 * moment its blank line has come. Pieces may end anywhere, also inside a character.
 */
import { isAscii } from "node:buffer";
import { LLMError } from "amplifier-core";
import type { Callee } from "./http-request.ts";

/** The largest event taken, in bytes: far above any real one, and far below the longest string the engine can hold. */
export const MAX_EVENT_BYTES = 64 * 1024 * 1024;

const INITIAL_BYTES = 16 * 1024;
const BOM = 0xfeff;
const LF = 10;
const CR = 13;
const SPACE = 32;
const D = 100;

/** Splits one stream. Feed it every chunk in order, then call `end` once. */
export class SseSplitter {
  readonly #callee: Callee;
  readonly #maxEventBytes: number;
  /** Bytes not yet read as lines, from 0 to `#used`: one copy into one place costs less than a string per chunk. */
  #buffer = Buffer.allocUnsafe(INITIAL_BYTES);
  #used = 0;
  /** The data of the event that is being read; null before its first `data` line. */
  #data: string | null = null;
  /** The last line ended with CR: an LF right after it belongs to the same line end. */
  #endedWithCr = false;
  #first = true;

  constructor(callee: Callee, maxEventBytes: number = MAX_EVENT_BYTES) {
    this.#callee = callee;
    this.#maxEventBytes = maxEventBytes;
  }

  /**
   * Appends to `payloads` what `chunks` completed, in order. Empty payloads are left out.
   * @throws LLMError `StreamError` when one event grows beyond the limit; `payloads` then holds all events before it.
   */
  push(chunks: readonly Uint8Array[], payloads: string[]): void {
    const from = this.#used;
    for (const chunk of chunks) this.#append(chunk);
    const end = this.#endOfLastLine(from);
    if (end > 0) {
      this.#readLines(this.#buffer.subarray(0, end), payloads);
      this.#buffer.copyWithin(0, end, this.#used);
      this.#used -= end;
    }
    if (this.#used + (this.#data?.length ?? 0) > this.#maxEventBytes) throw this.#tooLarge();
  }

  /** The stream is over: an event that lacks only its blank line counts, as some servers forget the last one. */
  end(payloads: string[]): void {
    if (this.#used > 0) this.push([Uint8Array.of(LF)], payloads);
    this.#dispatch(payloads);
  }

  #append(chunk: Uint8Array): void {
    const needed = this.#used + chunk.length;
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length));
      larger.set(this.#buffer.subarray(0, this.#used));
      this.#buffer = larger;
    }
    this.#buffer.set(chunk, this.#used);
    this.#used = needed;
  }

  /** Where the last whole line ends; 0 when there is none. Bytes before `from` are known to hold no line end. */
  #endOfLastLine(from: number): number {
    if (this.#buffer[this.#used - 1] === LF) return this.#used;
    const added = this.#buffer.subarray(from, this.#used);
    const last = Math.max(added.lastIndexOf(LF), added.lastIndexOf(CR));
    return last === -1 ? 0 : from + last + 1;
  }

  #readLines(bytes: Buffer, payloads: string[]): void {
    let text = isAscii(bytes) ? bytes.toString("latin1") : bytes.toString("utf8");
    if (this.#first) {
      this.#first = false;
      if (text.charCodeAt(0) === BOM) text = text.slice(1);
    }
    if (this.#endedWithCr && text.charCodeAt(0) === LF) text = text.slice(1);
    this.#endedWithCr = bytes[bytes.length - 1] === CR;
    if (text.includes("\r")) text = text.replace(/\r\n?/g, "\n");
    for (let start = 0; start < text.length;) {
      const end = text.indexOf("\n", start);
      if (end === start) this.#dispatch(payloads);
      else if (text.charCodeAt(start) === D) this.#readField(text, start, end);
      start = end + 1;
    }
  }

  #readField(text: string, start: number, end: number): void {
    let from = start + 4;
    if (!text.startsWith("data", start)) return;
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
    const message = `${this.#callee.provider} sent one event of more than ${this.#maxEventBytes} bytes; the stream was given up.`;
    return new LLMError("StreamError", message, { ...this.#callee, retryable: false });
  }
}
