/**
 * Owns which blocks of the API's own tools may go back. It refuses a call without its result, and a result without its
 * call: halves stay behind where an answer was stopped, or where the other half was compacted away.
 */
import { isJsonObject, type JsonObject } from "../json/json-object.ts";
import type { WireMessage } from "./to-wire-messages.ts";

/**
 * The messages without halves; neighbours of one role need not be joined yet. A call that the API itself is still to run
 * stays: it has paused, or waits for the results of our tools.
 */
export function withWholePairs(messages: readonly WireMessage[]): readonly WireMessage[] {
  const blocks = messages.flatMap(({ content }) => content);
  const results = new Set(blocks.filter(isServerResult).map((block) => block["tool_use_id"]));
  const running = runningCalls(messages);
  const ids = blocks.filter(isServerCall).map(({ id }) => id);
  const calls = new Set(ids.filter((id) => results.has(id) || running.has(id)));
  const isWhole = (block: JsonObject): boolean =>
    isServerCall(block) ? calls.has(block["id"]) : !isServerResult(block) || calls.has(block["tool_use_id"]);
  return messages.map(({ role, content }) => ({
    role,
    content: content.filter(isWhole).map((block) => withKnownCaller(block, calls)),
  }));
}

/** What the API still has to end: calls of an answer behind which nothing comes but our results, and code that called us there. */
function runningCalls(messages: readonly WireMessage[]): ReadonlySet<unknown> {
  const place = messages.findLastIndex(({ role }) => role === "assistant");
  const [next] = messages.slice(place + 1).flatMap(({ content }) => content);
  if (next !== undefined && next["type"] !== "tool_result") return new Set();
  const blocks = messages[place]?.content ?? [];
  return new Set(blocks.flatMap((block) => (isServerCall(block) ? [block["id"]] : [callerOf(block)])));
}

/** The id of the code that made this call; undefined when it was none. */
function callerOf({ caller }: JsonObject): unknown {
  return isJsonObject(caller) ? caller["tool_id"] : undefined;
}

/** A call that the model's code made names that code; when it is gone, the call was made like any other. */
function withKnownCaller(block: JsonObject, calls: ReadonlySet<unknown>): JsonObject {
  const code = callerOf(block);
  if (code === undefined || calls.has(code)) return block;
  const { caller: _gone, ...rest } = block;
  return rest;
}

function isServerCall({ type }: JsonObject): boolean {
  return typeof type === "string" && type.endsWith("_tool_use");
}

function isServerResult({ type }: JsonObject): boolean {
  return typeof type === "string" && type.endsWith("_tool_result");
}
