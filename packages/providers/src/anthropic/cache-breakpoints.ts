/**
 * Owns where a request is marked for Anthropic's prompt cache. A mark caches everything up to its block, in the order
 * tools, system, messages; each part has its own, so that a change in a later one leaves the earlier ones cached.
 * Invariant: at most four marks, which is the API's limit, and never one on text that only this request has.
 */
import { isReminder } from "../conversation.ts";
import { isJsonObject, type JsonObject } from "../json/json-object.ts";
import type { WireMessage } from "./to-wire-messages.ts";

/** How long what is cached lives behind its last use: five minutes, or an hour at a higher price for writing. */
export type CacheLife = "5m" | "1h";

/** The parts of a body that can be marked. */
interface Markable extends JsonObject {
  readonly system?: string;
  readonly tools?: readonly JsonObject[];
  readonly messages: readonly WireMessage[];
}

/**
 * The same body with its marks: the last tool, the system prompt, and the last stable block of the last two user turns.
 * The older of these is where the call before wrote: the API looks back over 20 blocks only, and a round of many tools
 * has more.
 */
export function withCacheBreakpoints(body: Markable, life: CacheLife): JsonObject {
  // Five minutes is what the API takes for a mark that says nothing; servers that came later know no other.
  const mark = { cache_control: { type: "ephemeral", ...(life === "5m" ? {} : { ttl: life }) } };
  const { system, tools, messages } = body;
  return {
    ...body,
    ...(system === undefined ? {} : { system: [{ type: "text", text: system, ...mark }] }),
    ...(tools === undefined ? {} : { tools: markedLast(tools, mark, isCacheableTool) }),
    messages: withMarkedTurns(messages, mark),
  };
}

function withMarkedTurns(messages: readonly WireMessage[], mark: JsonObject): readonly WireMessage[] {
  const turns = messages.filter(({ role, content }) => role === "user" && content.some(isStable)).slice(-2);
  return messages.map((message) =>
    turns.includes(message) ? { ...message, content: markedLast(message.content, mark, isStable) } : message,
  );
}

/** Reminders are put in for one request; the next has them elsewhere, or not at all. */
function isStable(block: JsonObject): boolean {
  return !isReminder(block["text"]);
}

/** A tool that is only loaded when it is searched for is no part of the prefix, and the API refuses a mark on it. */
function isCacheableTool(tool: JsonObject): boolean {
  return tool["defer_loading"] !== true;
}

/** The list with a mark on the last of those that may have one; a mark that stands there already is left alone. */
function markedLast(
  list: readonly JsonObject[],
  mark: JsonObject,
  mayHave: (item: JsonObject) => boolean,
): readonly JsonObject[] {
  const last = list.findLastIndex(mayHave);
  return list.map((item, index) =>
    index === last && !isJsonObject(item["cache_control"]) ? { ...item, ...mark } : item,
  );
}
