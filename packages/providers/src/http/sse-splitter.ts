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

const LF = 10;
const CR = 13;
const SPACE = 32;
const D = 100;

/** Splits one stream. Feed it every chunk in order, then call `end` once. */
export class SseSplitter {
  readonly #callee: Callee;
  readonly #maxEventBytes: number;
  /** Bytes of a line whose end has not come. */
  #rest: Buffer[] = [];
  /** Bytes since the last event, the line in `#rest` included. */
  #eventBytes = 0;
  /** The data of the event that is being read; null before its first `data` line. */
  #data: string | null = null;
  /** The last chunk ended with CR: an LF right after it belongs to the same line end. */
  #endedWithCr = false;
  #first = true;

  constructor(callee: Callee, maxEventBytes: number = MAX_EVENT_BYTES) {
    this.#callee = callee;
    this.#maxEventBytes = maxEventBytes;
  }

  /**
   * Appends to `payloads` what `chunk` completed, in order. Empty payloads are left out.
   * @throws LLMError `StreamError` when one event grows beyond the limit; `payloads` then holds all events before it.
   */
  push(chunk: Buffer, payloads: string[]): void {
    const end = endOfLastLine(chunk);
    this.#eventBytes += chunk.length;
    if (end === 0) {
      if (chunk.length > 0) this.#rest.push(chunk);
    } else {
      const lines = end === chunk.length ? chunk : chunk.subarray(0, end);
      this.#readLines(this.#rest.length === 0 ? lines : Buffer.concat([...this.#rest, lines]), payloads);
      this.#rest = end === chunk.length ? [] : [chunk.subarray(end)];
      // Everything up to the last line end is accounted for in `#data`; the rest starts anew.
      this.#eventBytes = chunk.length - end + (this.#data === null ? 0 : this.#data.length);
    }
    if (this.#eventBytes > this.#maxEventBytes) throw this.#tooLarge();
  }

  /** The stream is over: an event that lacks only its blank line counts, as some servers forget the last one. */
  end(payloads: string[]): void {
    if (this.#rest.length > 0) this.#readLines(Buffer.concat([...this.#rest, Buffer.from("\n")]), payloads);
    this.#rest = [];
    this.#dispatch(payloads);
  }

  #readLines(bytes: Buffer, payloads: string[]): void {
    let text = isAscii(bytes) ? bytes.toString("latin1") : bytes.toString("utf8");
    if (this.#first) {
      this.#first = false;
      if (text.charCodeAt(0) === 0xfeff) text = text.slice(1);
    }
    if (this.#endedWithCr && text.charCodeAt(0) === LF) text = text.slice(1);
    this.#endedWithCr = bytes[bytes.length - 1] === CR;
    if (text.includes("\r")) text = text.replace(/\r\n?/g, "\n");
    for (let start = 0; start < text.length; ) {
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

function endOfLastLine(chunk: Buffer): number {
  const length = chunk.length;
  // Most chunks are whole events, so the last byte usually decides.
  if (chunk[length - 1] === LF) return length;
  return Math.max(chunk.lastIndexOf(LF), chunk.lastIndexOf(CR)) + 1;
}
