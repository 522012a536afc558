/**
 * Owns the bounded memory of a command's output: its beginning and its end, by bytes; what lies between is counted and let
 * go. Holds at most `maxBytes` and one read, however much is written.
 */

/** What is left of an output. `omittedBytes` lie between head and tail. */
export interface KeptOutput {
  readonly head: string;
  readonly tail: string;
  readonly omittedBytes: number;
}

const MAX_PIECES = 64;

/** Takes an output in pieces. */
export class OutputWindow {
  readonly #headLimit: number;
  readonly #tailLimit: number;
  readonly #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #omitted = 0;

  /** Half of `maxBytes` is kept from the beginning, half from the end. */
  constructor(maxBytes: number) {
    this.#headLimit = Math.floor(maxBytes / 2);
    this.#tailLimit = maxBytes - this.#headLimit;
  }

  /** Takes the next piece; it must not be changed afterwards. */
  push(piece: Buffer): void {
    const forHead = piece.subarray(0, this.#headLimit - this.#headBytes);
    if (forHead.length > 0) {
      this.#head.push(forHead);
      this.#headBytes += forHead.length;
    }
    const rest = piece.subarray(forHead.length);
    if (rest.length === 0) return;
    this.#tail.push(rest);
    this.#tailBytes += rest.length;
    this.#dropOldest();
  }

  /** What is kept, as text. A character that lies across a cut is left out. */
  read(): KeptOutput {
    const tail = Buffer.concat(this.#tail);
    const excess = Math.max(0, tail.length - this.#tailLimit);
    const omittedBytes = this.#omitted + excess;
    if (omittedBytes === 0) return { head: Buffer.concat([...this.#head, tail]).toString(), tail: "", omittedBytes: 0 };
    const head = withoutBrokenEnd(Buffer.concat(this.#head));
    const kept = withoutBrokenStart(tail.subarray(excess));
    const broken = this.#headBytes - head.length + (tail.length - excess - kept.length);
    return { head: head.toString(), tail: kept.toString(), omittedBytes: omittedBytes + broken };
  }

  #dropOldest(): void {
    let first = this.#tail[0];
    while (first !== undefined && this.#tailBytes - first.length >= this.#tailLimit) {
      this.#tail.shift();
      this.#tailBytes -= first.length;
      this.#omitted += first.length;
      first = this.#tail[0];
    }
    // Each tiny piece keeps the buffer of a whole read alive.
    if (this.#tail.length > MAX_PIECES) this.#compact();
  }

  #compact(): void {
    const all = Buffer.concat(this.#tail);
    const excess = Math.max(0, all.length - this.#tailLimit);
    this.#omitted += excess;
    this.#tailBytes = all.length - excess;
    this.#tail = [all.subarray(excess)];
  }
}

const isContinuation = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

function withoutBrokenStart(bytes: Buffer): Buffer {
  let start = 0;
  while (start < 3 && isContinuation(bytes[start])) start += 1;
  return bytes.subarray(start);
}

function withoutBrokenEnd(bytes: Buffer): Buffer {
  let last = bytes.length - 1;
  while (last > bytes.length - 4 && isContinuation(bytes[last])) last -= 1;
  const lead = bytes[last] ?? 0;
  const size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return last + size > bytes.length ? bytes.subarray(0, last) : bytes;
}
