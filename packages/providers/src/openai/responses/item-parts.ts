/**
 * Owns what the output is made of: which parts an item has, which part an event is about, and what block each one is.
 * Pure: it keeps nothing. Items without parts (the API's own tools) and parts of unknown kinds are no blocks here.
 */
import { isJsonObject, type JsonObject } from "../../json/json-object.ts";
import type { OutputBlockKind } from "./output-block.ts";
import type { OutputItem, ResponsesEvent } from "./responses-wire.ts";

/** Whose items these are: what they seal may go back to the same provider and model only. */
export interface ItemOrigin {
  readonly provider: string;
  readonly model: string;
}

/** One part: its place in its item, its kind, and what is known of its content. */
export interface ItemPart {
  readonly key: string;
  readonly type: string;
  /** All of its text, once it is whole. */
  readonly text?: unknown;
  readonly annotations?: unknown;
}

const CALL = "call";

/** Events that carry a fragment of a part, or something of it, and its kind. */
const PART_TYPES: ReadonlyMap<string, string> = new Map([
  ["response.output_text.delta", "output_text"],
  ["response.output_text.annotation.added", "output_text"],
  ["response.refusal.delta", "refusal"],
  ["response.reasoning_text.delta", "reasoning_text"],
  ["response.reasoning_summary_text.delta", "summary_text"],
  ["response.function_call_arguments.delta", CALL],
  ["response.custom_tool_call_input.delta", CALL],
]);

const PART_EVENT = /^response\.(content|reasoning_summary)_part\.(added|done)$/;

/** The part an event is about; null for events about something else. */
export function partOf(event: ResponsesEvent): ItemPart | null {
  const { type = "", part } = event;
  const partType = PART_TYPES.get(type) ?? (PART_EVENT.test(type) ? (part?.type ?? "") : null);
  if (partType === null) return null;
  const index = (partType === "summary_text" ? event.summary_index : event.content_index) ?? 0;
  return { key: keyOf(partType, index), ...contentOf({ ...part, type: partType }) };
}

/** All parts of a whole item. */
export function partsOf(item: OutputItem): ItemPart[] {
  if (isCall(item)) return [{ key: CALL, type: CALL, text: item["arguments"] ?? item["input"] }];
  const parts = (list: unknown): JsonObject[] => (Array.isArray(list) ? list.filter(isJsonObject) : []);
  return [parts(item["summary"]), parts(item["content"])].flatMap((list) =>
    list.map((part, index) => ({ key: keyOf(textIn(part, "type"), index), ...contentOf(part) })),
  );
}

/** What block a part is; null for one that is not shown. `item` is as it began. */
export function blockKindOf(item: OutputItem, partType: string, origin: ItemOrigin): OutputBlockKind | null {
  switch (partType) {
    case "output_text":
    case "refusal": {
      const phase = textIn(item, "phase");
      return { type: "text", ...(phase === "" ? {} : { phase }) };
    }
    case "summary_text":
    case "reasoning_text":
      return { type: "thinking", ...origin };
    case CALL:
      return isCall(item) ? callKindOf(item) : null;
    default:
      return null;
  }
}

/** Whether an item is a call that we have to answer. */
export function isCall({ type }: OutputItem): boolean {
  return type === "function_call" || type === "custom_tool_call";
}

/** Whether an item is made of parts. Any other kind is kept whole. */
export function hasParts(item: OutputItem): boolean {
  return item.type === "message" || item.type === "reasoning" || isCall(item);
}

function callKindOf(item: OutputItem): OutputBlockKind {
  const { type, id: _id, call_id: _callId, name: _name, arguments: _arguments, input: _input, ...rest } = item;
  const { status: _status, ...more } = rest;
  const isFree = type === "custom_tool_call";
  const said = Object.entries(more).filter(([, value]) => value !== null);
  const openai = { ...(isFree ? { type } : {}), ...Object.fromEntries(said) };
  return {
    type: "tool_call",
    id: textIn(item, "call_id") || textIn(item, "id"),
    name: textIn(item, "name"),
    isFree,
    ...(Object.keys(openai).length === 0 ? {} : { openai }),
  };
}

function contentOf({ type, text, refusal, annotations }: JsonObject): Omit<ItemPart, "key"> {
  return { type: typeof type === "string" ? type : "", text: text ?? refusal, annotations };
}

function keyOf(partType: string, index: number): string {
  if (partType === CALL) return CALL;
  return partType === "summary_text" ? `summary ${index}` : `content ${index}`;
}

function textIn(object: JsonObject, field: string): string {
  const value = object[field];
  return typeof value === "string" ? value : "";
}
