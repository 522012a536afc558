/**
 * Owns knowing, while a JSON object comes in pieces, when it is closed. It checks brackets and strings and nothing else:
 * whether the text is JSON is for the parser. Invariant: each character is looked at once.
 */

/** Where the text stands. `empty` is a closed `{}`; `other` is anything that does not begin as an object. */
export type ScanState = "before" | "inside" | "closed" | "empty" | "other";

const QUOTE = 34;
const BACKSLASH = 92;

/** Follows one text from its first character to the end of its first object. */
export class JsonObjectScanner {
  #state: ScanState = "before";
  #depth = 0;
  #inString = false;
  #escaped = false;
  #hasContent = false;

  /** The state after everything scanned so far. */
  get state(): ScanState {
    return this.#state;
  }

  /**
   * Scans the next piece. Returns how many characters belong to the text up to and including the object's end; less than
   * the length only when the object closed inside this piece. After the end nothing is scanned any more.
   */
  scan(piece: string): number {
    let at = 0;
    while (at < piece.length && (this.#state === "before" || this.#state === "inside")) {
      const char = piece.charCodeAt(at++);
      if (this.#inString) this.#scanString(char);
      else this.#scanStructure(char);
    }
    return at;
  }

  #scanString(char: number): void {
    if (this.#escaped) this.#escaped = false;
    else if (char === BACKSLASH) this.#escaped = true;
    else if (char === QUOTE) this.#inString = false;
  }

  #scanStructure(char: number): void {
    if (isWhiteSpace(char)) return;
    const opens = char === 0x7b || char === 0x5b;
    const closes = char === 0x7d || char === 0x5d;
    if (this.#state === "before") {
      this.#state = char === 0x7b ? "inside" : "other";
      this.#depth = 1;
      return;
    }
    if (opens) this.#depth += 1;
    else if (closes) this.#depth -= 1;
    else if (char === QUOTE) this.#inString = true;
    if (this.#depth === 0) this.#state = this.#hasContent ? "closed" : "empty";
    else this.#hasContent = true;
  }
}

/** Whether a character is JSON white space. */
export function isWhiteSpace(char: number): boolean {
  return char === 32 || char === 10 || char === 13 || char === 9;
}
