/**
 * Owns turning tokens into text that can be shown at once: a character is held until its last byte has come, and the
 * beginning of a possible stop word until it is decided. At most a stop word's length is held.
 */
import type { LlamaModel, Token } from "./engine.ts";

// A character has at most four bytes, so at most four tokens; one more never helps.
const MAX_HELD_TOKENS = 4;
const RECENT_TOKENS = 16;

/** One answer's text. */
export class TextAssembler {
  readonly #model: Pick<LlamaModel, "detokenize">;
  readonly #stopWords: readonly string[];
  #recent: readonly Token[] = [];
  #heldTokens: Token[] = [];
  #heldText = "";
  #stopped = false;

  constructor(model: Pick<LlamaModel, "detokenize">, stopWords: readonly string[]) {
    this.#model = model;
    this.#stopWords = stopWords.filter((word) => word !== "");
  }

  /** A stop word has come: the answer is over, and what follows the word is not part of it. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Takes a token; returns the text that is certain now, which may be none. */
  push(token: Token): string {
    this.#heldTokens.push(token);
    const text = this.#model.detokenize(this.#heldTokens, false, this.#recent);
    if (text.endsWith("\uFFFD") && this.#heldTokens.length < MAX_HELD_TOKENS) return "";
    this.#recent = [...this.#recent, ...this.#heldTokens].slice(-RECENT_TOKENS);
    this.#heldTokens = [];
    return this.#release(text);
  }

  /** The answer is over: returns what was held. */
  finish(): string {
    if (this.#stopped) return "";
    const rest = this.#heldText + this.#model.detokenize(this.#heldTokens, false, this.#recent);
    this.#heldText = "";
    this.#heldTokens = [];
    return rest;
  }

  #release(text: string): string {
    const all = this.#heldText + text;
    const at = firstIndexOf(all, this.#stopWords);
    if (at !== -1) {
      this.#stopped = true;
      return all.slice(0, at);
    }
    const certain = all.length - heldLength(all, this.#stopWords);
    this.#heldText = all.slice(certain);
    return all.slice(0, certain);
  }
}

function firstIndexOf(text: string, words: readonly string[]): number {
  const found = words.map((word) => text.indexOf(word)).filter((at) => at !== -1);
  return found.length === 0 ? -1 : Math.min(...found);
}

/** Length of the longest end of `text` with which a stop word begins. */
function heldLength(text: string, words: readonly string[]): number {
  let longest = 0;
  for (const word of words) {
    for (let length = Math.min(word.length - 1, text.length); length > longest; length -= 1) {
      if (word.startsWith(text.slice(-length))) longest = length;
    }
  }
  return longest;
}
