/**
 * Owns the picture of a file that `read_file` gives: lines from `offset` on, each behind its number and a tab, until a
 * limit of lines or characters is reached. Holds no more than the picture, however large the file or a line of it is.
 *
 * Numbers are shown, as `cat -n` does, because models know that form, `offset` and the lines of `grep` refer to them, and
 * an edit needs the text alone: everything after the tab is exact. `edit_file` tells a model that copied the numbers.
 */
import { cutText } from "../cut-text.ts";

/** Characters of a line that are shown; the rest is counted. */
export const MAX_LINE_CHARACTERS = 2000;
/** Characters of the whole picture. */
export const MAX_PICTURE_CHARACTERS = 60_000;

/** Takes a file's text in pieces and keeps the lines asked for. */
export class NumberedLines {
  readonly #offset: number;
  readonly #limit: number;
  readonly #shown: string[] = [];
  #characters = 0;
  #number = 1;
  #line = "";
  #lineLength = 0;
  #cutLines = 0;
  #full = false;

  /** `offset` is the first line, from 1; `limit` how many lines at most. */
  constructor(options: { readonly offset: number; readonly limit: number }) {
    this.#offset = options.offset;
    this.#limit = options.limit;
  }

  /** True once the picture is complete and more of the file exists. */
  get full(): boolean {
    return this.#full;
  }

  /** Takes the next piece of the file. */
  push(text: string): void {
    let start = 0;
    while (start < text.length && !this.#full) {
      // Asked before a line begins: a file that ends exactly at the limit is complete.
      if (this.#isComplete()) {
        this.#full = true;
        return;
      }
      const end = text.indexOf("\n", start);
      this.#extend(text.slice(start, end === -1 ? undefined : end));
      if (end === -1) return;
      this.#endLine();
      start = end + 1;
    }
  }

  /** The picture, once the file or the limit has ended. */
  finish(): { readonly lines: readonly string[]; readonly cutLines: number; readonly nextLine: number } {
    if (!this.#full && this.#lineLength > 0) this.#endLine();
    return { lines: this.#shown, cutLines: this.#cutLines, nextLine: this.#number };
  }

  #isComplete(): boolean {
    if (this.#lineLength > 0) return false;
    return this.#shown.length >= this.#limit || this.#characters >= MAX_PICTURE_CHARACTERS;
  }

  #extend(piece: string): void {
    this.#lineLength += piece.length;
    if (this.#number < this.#offset) return;
    // One more than is shown, so that a carriage return at the end does not make a line look cut.
    this.#line += piece.slice(0, Math.max(0, MAX_LINE_CHARACTERS + 1 - this.#line.length));
  }

  #endLine(): void {
    if (this.#number >= this.#offset) this.#show();
    this.#number += 1;
    this.#line = "";
    this.#lineLength = 0;
  }

  #show(): void {
    const length = this.#line.endsWith("\r") ? this.#lineLength - 1 : this.#lineLength;
    let line = cutText(this.#line.replace(/\r$/, ""), MAX_LINE_CHARACTERS);
    if (length > line.length) {
      this.#cutLines += 1;
      line += `… [${length - line.length} more characters]`;
    }
    const numbered = `${String(this.#number).padStart(6)}\t${line}`;
    this.#shown.push(numbered);
    this.#characters += numbered.length + 1;
  }
}
