/**
 * Owns events for tests: the payload is what a test is about, the rest is filled in.
 */
import type { Event, EventMap, EventType } from "amplifier-core";

const CALL = { tool_call_id: "call-1", parallel_group_id: "group-1" };

/** An event of a type with its payload. */
export function event<K extends EventType>(type: K, data: EventMap[K]): Event {
  return { seq: 1, ts: "2026-11-23T00:00:00.000Z", session_id: "s", turn_id: "t", type, data } as unknown as Event;
}

/** A piece of text or thinking. */
export function delta(text: string, block_type: "text" | "thinking" | "tool_call" = "text"): Event {
  return event("content_block:delta", { block_index: 0, block_type, delta: text });
}

/** The start of an iteration. */
export function request(iteration: number): Event {
  return event("provider:request", { provider: "p", model: "m", iteration });
}

/** A call that runs. */
export function toolRuns(tool_name: string, tool_input: Readonly<Record<string, unknown>>): Event {
  return event("tool:pre", { ...CALL, tool_name, tool_input, decision: "run" });
}

/** A call that did not run, or was stopped. */
export function toolError(tool_name: string, type: string, msg: string): Event {
  return event("tool:error", { ...CALL, tool_name, error: { type, msg } });
}

/** A call that returned. */
export function toolReturned(tool_name: string, result: EventMap["tool:post"]["result"]): Event {
  return event("tool:post", { ...CALL, tool_name, tool_input: {}, result });
}

/** The end of a turn. */
export function turnEnd(fields: Partial<EventMap["execution:end"]> = {}): Event {
  const usage = { input_tokens: 12, output_tokens: 3, total_tokens: 15 };
  return event("execution:end", { response: "", status: "success", usage, finish_reason: "stop", ...fields });
}
