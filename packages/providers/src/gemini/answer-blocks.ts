/**
 * Owns the way from the parts of an answer to blocks. The wire knows no blocks: a run of text or of thoughts is one, every
 * call is one, and parts of any other kind are kept whole to be handed back. Invariant: every started block ends.
 */
import type { ContentBlock, ProviderEvent } from "amplifier-core";
import { ownCallId } from "../http/own-call-id.ts";
import { isJsonObject, type JsonObject } from "../json/json-object.ts";
import { JsonPathWriter, type PathValue } from "../json/json-path-writer.ts";
import { GEMINI, OWN_CALL_ID } from "./gemini-request.ts";

/** A part of the answer, as far as it is read; any other kind is kept as it came. */
export interface Part extends JsonObject {
  readonly text?: string;
  readonly thought?: boolean;
  /** What the model wants to have back with the part; it may come with an empty text behind the part. */
  readonly thoughtSignature?: string;
  readonly functionCall?: FunctionCall;
}

/** A call: whole, or begun with its name, filled by `partialArgs`, and ended by one that does not continue. */
interface FunctionCall {
  readonly id?: string;
  readonly name?: string;
  readonly args?: JsonObject;
  readonly partialArgs?: readonly PartialArg[];
  readonly willContinue?: boolean;
}

interface PartialArg {
  readonly jsonPath?: string;
  readonly stringValue?: string;
  readonly numberValue?: number;
  readonly boolValue?: boolean;
  readonly nullValue?: unknown;
  readonly willContinue?: boolean;
}

interface OpenText {
  readonly type: "text" | "thinking";
  readonly index: number;
  text: string;
  signature: string;
}

interface OpenCall {
  readonly index: number;
  readonly id: string;
  readonly name: string;
  readonly writer: JsonPathWriter;
  text: string;
  signature: string;
}

/** The blocks of one answer. */
export class AnswerBlocks {
  readonly #model: string;
  readonly #seed: string;
  #text: OpenText | null = null;
  #call: OpenCall | null = null;
  #blocks = 0;
  #calls = 0;

  /** `model` is what signed blocks are bound to; `seed` makes the ids of calls that have none. */
  constructor(model: string, seed: string) {
    this.#model = model;
    this.#seed = seed;
  }

  /** How many calls have begun. */
  get calls(): number {
    return this.#calls;
  }

  /** The kind of the block that a piece of text without any more goes to; null when none is open. */
  get openType(): OpenText["type"] | null {
    return this.#text === null ? null : this.#text.type;
  }

  /** Adds text to the block that is open. */
  append(delta: string, events: ProviderEvent[]): void {
    const open = this.#text;
    if (open === null) return;
    open.text += delta;
    events.push({ type: "block_delta", index: open.index, delta });
  }

  /** Takes one part. `answerId` is the server's id of the answer; empty when it has none. */
  read(part: Part, answerId: string, events: ProviderEvent[]): void {
    const { text, functionCall } = part;
    if (isJsonObject(functionCall)) this.#readCall(part, answerId, events);
    else if (typeof text === "string") this.#readText(part, text, events);
    else if (Object.keys(part).length > 0) this.#keep(part, events);
  }

  /** The answer is over. `whole`: the model stopped by itself, so that nothing of a call was still to come. */
  end(whole: boolean, events: ProviderEvent[]): void {
    this.#endText(events);
    this.#endCall(whole, events);
  }

  #readText(part: Part, text: string, events: ProviderEvent[]): void {
    const { thoughtSignature: signature = "" } = part;
    if (text === "" && signature === "") return;
    const type = part.thought === true ? "thinking" : "text";
    const fitting = this.#fitting(type, signature);
    if (fitting === null && text === "") return this.#keep(part, events);
    const open = fitting ?? this.#startText(type, events);
    open.signature ||= signature;
    if (text !== "") this.append(text, events);
  }

  /** The open block, when this belongs to it: it has one signature at most. */
  #fitting(type: OpenText["type"], signature: string): OpenText | null {
    const open = this.#text;
    return open?.type === type && (signature === "" || open.signature === "") ? open : null;
  }

  #startText(type: OpenText["type"], events: ProviderEvent[]): OpenText {
    this.#endText(events);
    const open: OpenText = { type, index: this.#blocks++, text: "", signature: "" };
    this.#text = open;
    events.push({ type: "block_start", index: open.index, block: { type } });
    return open;
  }

  #endText(events: ProviderEvent[]): void {
    const open = this.#text;
    if (open === null) return;
    this.#text = null;
    const signed = this.#signed(open.signature);
    const block: ContentBlock =
      open.type === "text"
        ? { type: "text", text: open.text, ...signed }
        : { type: "thinking", thinking: open.text, ...this.#origin(), ...signed };
    events.push({ type: "block_end", index: open.index, block });
  }

  /** A part of a kind that nobody here knows, or a signature with nothing to hang on. */
  #keep(data: Part, events: ProviderEvent[]): void {
    this.#endText(events);
    const index = this.#blocks++;
    events.push({ type: "block_start", index, block: { type: "opaque" } });
    events.push({ type: "block_end", index, block: { type: "opaque", data, ...this.#origin() } });
  }

  #readCall({ functionCall = {}, thoughtSignature = "" }: Part, answerId: string, events: ProviderEvent[]): void {
    const call = this.#callOf(functionCall, answerId, events);
    if (call === null) return;
    const { args, partialArgs = [], willContinue } = functionCall;
    call.signature ||= thoughtSignature;
    if (isJsonObject(args) && Object.keys(args).length > 0) addArguments(call, JSON.stringify(args), events);
    for (const arg of partialArgs) addArguments(call, call.writer.write(toPathValue(arg)), events);
    if (willContinue !== true) this.#endCall(true, events);
  }

  /** The call this goes on with or begins; null for the end of one that is not open. */
  #callOf({ id = "", name = "" }: FunctionCall, answerId: string, events: ProviderEvent[]): OpenCall | null {
    const open = this.#call;
    if (name === "" || (open !== null && id !== "" && id === open.id)) return open;
    this.end(true, events);
    const place = { seed: this.#seed, answerId, number: this.#calls++ };
    const call: OpenCall = {
      index: this.#blocks++,
      id: id === "" ? ownCallId(OWN_CALL_ID, place) : id,
      name,
      writer: new JsonPathWriter(),
      text: "",
      signature: "",
    };
    this.#call = call;
    events.push({ type: "block_start", index: call.index, block: { type: "tool_call", id: call.id, name } });
    return call;
  }

  #endCall(whole: boolean, events: ProviderEvent[]): void {
    const call = this.#call;
    if (call === null) return;
    this.#call = null;
    const { index, id, name, writer } = call;
    const isCut = !whole || writer.isInString;
    if (!isCut) addArguments(call, writer.end(), events);
    const isRead = !isCut && !writer.broken;
    const block: ContentBlock = {
      type: "tool_call",
      id,
      name,
      input: isRead ? (JSON.parse(call.text || "{}") as JsonObject) : {},
      ...(isRead ? {} : { raw_arguments: call.text }),
      ...(isCut ? { interrupted: true as const } : {}),
      ...this.#signed(call.signature),
    };
    events.push({ type: "block_end", index, block });
  }

  #signed(signature: string): { readonly signature?: string } {
    return signature === "" ? {} : { signature, ...this.#origin() };
  }

  #origin(): { readonly provider: string; readonly model: string } {
    return { provider: GEMINI, model: this.#model };
  }
}

function addArguments(call: OpenCall, delta: string, events: ProviderEvent[]): void {
  if (delta === "") return;
  call.text += delta;
  events.push({ type: "block_delta", index: call.index, delta });
}

function toPathValue(arg: PartialArg): PathValue {
  const { jsonPath = "", stringValue, numberValue, boolValue, nullValue, willContinue } = arg;
  const value = stringValue ?? numberValue ?? boolValue ?? (nullValue === undefined ? undefined : null);
  return { path: jsonPath, value, continues: willContinue === true };
}
