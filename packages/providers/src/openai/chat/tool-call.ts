/**
 * Owns one tool call while it comes in fragments: its id, its name, its argument text, and when it is whole. It knows no
 * events. Invariant: argument text is scanned and parsed once, so long inputs in small pieces stay linear.
 */
import type { ToolCallBlock } from "amplifier-core";
import { JsonObjectScanner } from "./json-object-scanner.ts";

/** A call being put together. `index` is its block's; null until the block has started. */
export class PendingToolCall {
  index: number | null = null;
  /** The call's object is closed, or the answer is over: nothing changes any more. */
  ended = false;
  /** Something other than white space came after the end, and was told. */
  warned = false;
  #id: string;
  #idIsOurs: boolean;
  #name = "";
  #text = "";
  /** Where in `#text` the object now scanned begins: after an empty one that another may replace. */
  #objectAt = 0;
  #scanner = new JsonObjectScanner();

  /** `id` is the server's; `ownId` is used while there is none. */
  constructor(id: string, ownId: string) {
    this.#id = id === "" ? ownId : id;
    this.#idIsOurs = id === "";
  }

  /** The server's id, or the one made for it. */
  get id(): string {
    return this.#id;
  }

  /** Argument text has come. */
  get hasArguments(): boolean {
    return this.#text !== "";
  }

  /** Takes an id that came after the first fragment, unless the block has started with ours. */
  addId(id: string): void {
    if (!this.#idIsOurs || id === "" || this.index !== null) return;
    this.#id = id;
    this.#idIsOurs = false;
  }

  /**
   * Whether a fragment sent in this call's place begins another one: some servers give every call index 0, or none.
   * A call that is still open only ends for a fragment with an id and a name of its own.
   */
  isFollowedBy(fragment: { readonly id: string; readonly name: string; readonly hasArguments: boolean }): boolean {
    const { id, name, hasArguments } = fragment;
    if (name === "" || id === this.#id) return false;
    if (id !== "" && !this.#idIsOurs) return true;
    return this.ended ? hasArguments : this.hasArguments && name !== this.#name;
  }

  /** The tool's name as far as it has come. */
  get name(): string {
    return this.#name;
  }

  /** Names come whole, in pieces, or whole again with each fragment. */
  addName(piece: string): void {
    if (this.index === null && piece !== this.#name) this.#name += piece;
  }

  /**
   * Adds argument text. Returns the whole block when this piece closed its object, and in `rest` what stands behind it;
   * null while the call is open. An empty object does not end the call: the real one may follow and replaces it.
   */
  addArguments(piece: string): { readonly block: ToolCallBlock; readonly rest: string } | null {
    let rest = piece;
    while (rest !== "") {
      const taken = this.#scanner.scan(rest);
      if (taken === 0) break;
      this.#text += rest.slice(0, taken);
      rest = rest.slice(taken);
      if (this.#scanner.state === "empty") this.#startOver();
      if (this.#scanner.state === "closed") {
        const input = objectIn(this.#text.slice(this.#objectAt));
        if (input !== null) return { block: this.#block(input), rest };
        break;
      }
    }
    this.#text += rest;
    return null;
  }

  /** The block at the end of the answer. `cut`: the answer was cut off, so open arguments are no mistake of the model's. */
  finish(cut: boolean): ToolCallBlock {
    const candidate = this.#text.slice(this.#objectAt);
    if (candidate.trim() === "") {
      // Nothing, or an empty object, is a call without arguments; but nothing at all in a cut answer was still to come.
      if (this.#objectAt > 0 || !cut) return this.#block({});
      return { ...this.#block({}), raw_arguments: this.#text, interrupted: true };
    }
    const input = objectIn(candidate);
    if (input !== null) return this.#block(input);
    return { ...this.#block({}), raw_arguments: this.#text, ...(cut ? { interrupted: true as const } : {}) };
  }

  #startOver(): void {
    this.#objectAt = this.#text.length;
    this.#scanner = new JsonObjectScanner();
  }

  #block(input: Readonly<Record<string, unknown>>): ToolCallBlock {
    return { type: "tool_call", id: this.#id, name: this.#name, input };
  }
}

function objectIn(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
