/**
 * Owns one block of the answer while it streams: its text, gathered by appending, and the whole block it makes. A block is
 * a part of a message, a part of the model's reasoning, or a call. Invariant: its deltas add up to what the block says,
 * and for a call they are the JSON text of its input.
 */
import type { BlockHead, ContentBlock } from "amplifier-core";
import { PLAIN_STRING } from "../../http/text-pattern.ts";
import { TextTemplate, type TextForm } from "../../http/text-template.ts";
import { isJsonObject, type JsonObject } from "../../json/json-object.ts";
import type { ResponsesEvent } from "./responses-wire.ts";

/** What a block is and what its end says beside its text. */
export type OutputBlockKind =
  | { readonly type: "text"; readonly phase?: string }
  | { readonly type: "thinking"; readonly provider: string; readonly model: string }
  | CallKind;

/** A call. `isFree`: its input is a text of any form, which becomes the member `input` of an object. */
export interface CallKind {
  readonly type: "tool_call";
  readonly id: string;
  readonly name: string;
  readonly isFree: boolean;
  /** What its item says more, to be handed back with it. */
  readonly openai?: JsonObject;
}

/** Payloads with a fragment. Numbers, ids and padding change with each, and the block is found without them. */
const FRAGMENT_FORM: TextForm<ResponsesEvent> = {
  pieceIn: ({ delta }) =>
    typeof delta === "string" && delta !== "" ? { type: "text", key: "delta", text: delta } : null,
  unread: {
    member: /("(?:sequence_number|item_id|obfuscation)"\s*:\s*)(?:"[^"\\]*"|\d+)/g,
    value: `(?:"${PLAIN_STRING}"|0|[1-9]\\d*)`,
  },
};

/** How a call whose input is no JSON looks as JSON. */
const FREE_HEAD = '{"input":"';
const FREE_TAIL = '"}';

/** A block between its start and its end. */
export class OutputBlock {
  /** Its place among the answer's blocks, counted from 0 in order of start. */
  readonly index: number;
  readonly #kind: OutputBlockKind;
  readonly #template = new TextTemplate(FRAGMENT_FORM);
  readonly #citations: unknown[] = [];
  /** As it came. */
  #text = "";
  /** The same as JSON, for a call of free form. */
  #json = "";
  #ended = false;

  constructor(index: number, kind: OutputBlockKind) {
    this.index = index;
    this.#kind = kind;
  }

  /** What is known of it before its content. */
  get head(): BlockHead {
    const kind = this.#kind;
    return kind.type === "tool_call" ? { type: kind.type, id: kind.id, name: kind.name } : { type: kind.type };
  }

  /** It has ended: nothing is added any more. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The fragment in a payload like this block's last ones, found without parsing it; null when it has to be parsed. */
  match(payload: string): string | null {
    return this.#template.match(payload, "text");
  }

  /** Tells what a parsed payload with a fragment of this block was. */
  learn(payload: string, event: ResponsesEvent): void {
    this.#template.learn(payload, event);
  }

  /** Appends a fragment that is not empty, and returns the delta to show. */
  add(fragment: string): string {
    this.#text += fragment;
    if (this.#kind.type !== "tool_call" || !this.#kind.isFree) return fragment;
    const delta = (this.#json === "" ? FREE_HEAD : "") + JSON.stringify(fragment).slice(1, -1);
    this.#json += delta;
    return delta;
  }

  /** Adds a citation as it came. */
  cite(citation: unknown): void {
    this.#citations.push(citation);
  }

  /**
   * Ends it. `whole` is what the server says it is, as far as it says so: text that has not come as fragments is shown
   * now. `cut`: more of it was still to come.
   */
  end(
    { text, annotations }: { readonly text?: unknown; readonly annotations?: unknown },
    cut: boolean,
  ): { readonly deltas: readonly string[]; readonly block: ContentBlock } {
    this.#ended = true;
    const rest = typeof text === "string" && text.startsWith(this.#text) ? text.slice(this.#text.length) : "";
    const deltas = rest === "" ? [] : [this.add(rest)];
    const kind = this.#kind;
    switch (kind.type) {
      case "text": {
        const citations = Array.isArray(annotations) && annotations.length > 0 ? annotations : this.#citations;
        return { deltas, block: { ...kind, text: this.#text, ...(citations.length === 0 ? {} : { citations }) } };
      }
      case "thinking":
        return { deltas, block: { ...kind, thinking: this.#text } };
      case "tool_call": {
        const { delta, block } = this.#endCall(kind, cut);
        return { deltas: delta === "" ? deltas : [...deltas, delta], block };
      }
    }
  }

  #endCall({ isFree, ...call }: CallKind, cut: boolean): { readonly delta: string; readonly block: ContentBlock } {
    const tail = this.#json === "" ? FREE_HEAD + FREE_TAIL : FREE_TAIL;
    const input = cut ? null : isFree ? { input: this.#text } : objectIn(this.#text);
    if (input !== null) return { delta: isFree ? tail : "", block: { ...call, input } };
    const raw_arguments = isFree ? this.#json : this.#text;
    return { delta: "", block: { ...call, input: {}, raw_arguments, ...(cut ? { interrupted: true as const } : {}) } };
  }
}

/** The object of arguments; no arguments at all are an empty one. Null for anything else. */
function objectIn(text: string): JsonObject | null {
  if (text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
