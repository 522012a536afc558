/**
 * Owns one block of the answer while it is open: its fragments, gathered by appending (linear in their length, however
 * many there are), and the whole block they make. Knows nothing of the other blocks.
 */
import type { BlockHead, ContentBlock } from "amplifier-core";
import { literal, matchText, textPattern } from "../http/text-pattern.ts";
import { isJsonObject, type JsonObject } from "../json/json-object.ts";
import { ANTHROPIC, type WireBlock, type WireDelta } from "./wire.ts";

/** The kind of delta that makes up a block, and the field its text is in. */
interface FragmentField {
  readonly type: string;
  readonly field: string;
}

const FRAGMENTS: ReadonlyMap<string, FragmentField> = new Map([
  ["text", { type: "text_delta", field: "text" }],
  ["thinking", { type: "thinking_delta", field: "thinking" }],
  ["tool_use", { type: "input_json_delta", field: "partial_json" }],
]);

/** A block between its start and its end. */
export class OpenBlock {
  /** Its place in the answer, counted from 0 in order of start. */
  readonly index: number;
  /** What every fragment looks like when the server writes the fields in the documented order; null where none is shown. */
  readonly #pattern: RegExp | null;
  readonly #start: WireBlock;
  readonly #model: string;
  readonly #fragment: FragmentField | undefined;
  #text = "";
  #signature: unknown;
  readonly #citations: unknown[] = [];
  #opaque: Record<string, unknown> = {};

  constructor(place: { readonly index: number; readonly wireIndex: number }, start: WireBlock, model: string) {
    const fragment = FRAGMENTS.get(start.type);
    this.index = place.index;
    this.#start = start;
    this.#model = model;
    this.#fragment = fragment;
    this.#signature = start["signature"];
    this.#pattern = fragment === undefined ? null : fragmentPattern(place.wireIndex, fragment);
  }

  /** What is known of the block before its content. */
  head(): BlockHead {
    switch (this.#start.type) {
      case "text":
      case "thinking":
      case "redacted_thinking":
        return { type: this.#start.type };
      case "tool_use":
        return { type: "tool_call", id: textIn(this.#start, "id"), name: textIn(this.#start, "name") };
      default:
        return { type: "opaque" };
    }
  }

  /** The text a server put into the opening event already: usually none. */
  openingText(): string {
    const { type } = this.#start;
    return type === "text" || type === "thinking" ? textIn(this.#start, type) : "";
  }

  /** The fragment in a payload that is one of this block, found without parsing it; null when it has to be parsed. */
  match(payload: string): string | null {
    return this.#pattern === null ? null : matchText(this.#pattern, payload);
  }

  /** Appends a fragment that is known to be this block's own. */
  append(fragment: string): void {
    this.#text += fragment;
  }

  /** Takes any delta in; returns the fragment to show, empty when there is none. Unknown kinds are ignored. */
  take(delta: WireDelta): string {
    if (this.#fragment === undefined) {
      this.#takeOpaque(delta);
      return "";
    }
    if (delta.type === this.#fragment.type) {
      const fragment = textIn(delta, this.#fragment.field);
      this.#text += fragment;
      return fragment;
    }
    if (delta.type === "signature_delta") this.#signature = delta["signature"];
    else if (delta.type === "citations_delta") this.#citations.push(delta["citation"]);
    return "";
  }

  /** Input that came whole with the opening event, as JSON text, to be shown once; empty when fragments came instead. */
  unshownInput(): string {
    if (this.#start.type !== "tool_use" || this.#text !== "") return "";
    const { input } = this.#start;
    if (!isJsonObject(input) || Object.keys(input).length === 0) return "";
    this.#text = JSON.stringify(input);
    return this.#text;
  }

  /** The whole block. */
  end(): ContentBlock {
    const origin = { provider: ANTHROPIC, model: this.#model };
    switch (this.#start.type) {
      case "text":
        return {
          type: "text",
          text: this.#text,
          ...(this.#citations.length > 0 ? { citations: this.#citations } : {}),
        };
      case "thinking":
        return { type: "thinking", thinking: this.#text, ...signatureOf(this.#signature), ...origin };
      case "redacted_thinking":
        return { type: "redacted_thinking", data: textIn(this.#start, "data"), ...origin };
      case "tool_use":
        return this.#toolCall();
      default:
        return { type: "opaque", data: this.#opaqueData(), ...origin };
    }
  }

  #toolCall(): ContentBlock {
    const { caller } = this.#start;
    return {
      type: "tool_call",
      id: textIn(this.#start, "id"),
      name: textIn(this.#start, "name"),
      ...readInput(this.#text),
      // Who called: code of the model's may. The API wants to have it back.
      ...(isJsonObject(caller) && caller["type"] !== "direct" ? { caller } : {}),
    };
  }

  /** Input fragments are gathered; of any other delta, texts are appended to the block's field and the rest replaces it. */
  #takeOpaque(delta: WireDelta): void {
    for (const [field, value] of Object.entries(delta)) {
      if (field === "type") continue;
      if (field === "partial_json") this.#text += String(value);
      else if (typeof value === "string") this.#opaque[field] = textIn(this.#opaque, field) + value;
      else this.#opaque[field] = value;
    }
  }

  #opaqueData(): JsonObject {
    const data = { ...this.#start, ...this.#opaque };
    return this.#text === "" ? data : { ...data, input: readInput(this.#text).input };
  }
}

/** Servers pad the last brace with spaces. */
function fragmentPattern(wireIndex: number, { type, field }: FragmentField): RegExp {
  const before = `{"type":"content_block_delta","index":${wireIndex},"delta":{"type":"${type}","${field}":"`;
  return textPattern(before, `${literal('"}')} *${literal("}")}`);
}

/** The input of a call. Text that is no JSON object stays as `raw_arguments`, and the call is then never run. */
function readInput(text: string): { readonly input: JsonObject; readonly raw_arguments?: string } {
  if (text.trim() === "") return { input: {} };
  try {
    const input: unknown = JSON.parse(text);
    if (isJsonObject(input)) return { input };
  } catch {
    // Said by `raw_arguments`, which only such text has.
  }
  return { input: {}, raw_arguments: text };
}

function signatureOf(signature: unknown): { readonly signature?: string } {
  return typeof signature === "string" && signature !== "" ? { signature } : {};
}

function textIn(object: JsonObject, field: string): string {
  const value = object[field];
  return typeof value === "string" ? value : "";
}
