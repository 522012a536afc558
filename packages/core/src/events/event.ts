/**
 * Owns the stored and streamed form of an event and which events are stored at all.
 * `seq` counts per session from 1 without gaps; an event is plain JSON and never changes.
 */
import type { EventMap, EventType, InterceptableEvent } from "./event-map.ts";

/** One stored event of a known type. `ts` is RFC 3339 UTC with milliseconds; `turn_id` is null outside a turn. */
export interface EventOf<K extends EventType> {
  readonly seq: number;
  readonly ts: string;
  readonly session_id: string;
  readonly turn_id: string | null;
  readonly type: K;
  readonly data: EventMap[K];
}

/** Any stored event; `event.type === "..."` narrows `event.data`. */
export type Event = { [K in EventType]: EventOf<K> }[EventType];

const RAW: ReadonlySet<EventType> = new Set<EventType>([
  "llm:request",
  "llm:response",
  "llm:stream_block_start",
  "llm:stream_block_delta",
  "llm:stream_block_end",
]);

/** Attempts at a model call and their raw deltas go to hooks only: no seq, never in the log, in `stream()` or in `--json`. */
export function isStored(type: EventType): boolean {
  return !RAW.has(type);
}

/** Whether a handler's action has an effect on this event. */
export function isInterceptable(type: EventType): type is InterceptableEvent {
  return type === "tool:pre" || type === "tool:post" || type === "provider:request" || type === "prompt:submit";
}

/** Session events stand outside every turn: their `turn_id` is null even when they are raised while one runs. */
export function isOutsideTurn(type: EventType): boolean {
  return type.startsWith("session:") || type.startsWith("module:") || type === "prompt:complete";
}
