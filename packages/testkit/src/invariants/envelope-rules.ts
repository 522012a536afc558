/**
 * Owns the rules of the envelope: order, time and session of the stored events, and which events belong to a turn.
 */
import type { Event, EventOf } from "amplifier-core";
import { at, missing, type Rule } from "./violation.ts";

const RFC_3339_UTC_MS = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/u;
const SESSION_EVENT = /^(?:session|module):|^prompt:complete$/u;
const TURN_EVENT = /^(?:execution|orchestrator|provider|llm|content_block|tool|cancel):|^prompt:submit$/u;

/** `seq` goes up by one from the first event on. */
export const seqHasNoGaps: Rule = (events) =>
  pairs(events).flatMap(([before, event]) =>
    event.seq === before.seq + 1 ? [] : [at(event, `seq ${event.seq} comes after ${before.seq}`)],
  );

/** `ts` is RFC 3339 UTC with milliseconds. */
export const timeHasItsFormat: Rule = (events) =>
  events.flatMap((event) =>
    RFC_3339_UTC_MS.test(event.ts) && !Number.isNaN(Date.parse(event.ts)) ? [] : [at(event, `ts is "${event.ts}"`)],
  );

/** `ts` never goes back. */
export const timeNeverGoesBack: Rule = (events) =>
  pairs(events).flatMap(([before, event]) =>
    event.ts >= before.ts ? [] : [at(event, `${event.ts} comes after ${before.ts}`)],
  );

/** All events are of one session. */
export const oneSession: Rule = (events) =>
  pairs(events).flatMap(([before, event]) =>
    event.session_id === before.session_id ? [] : [at(event, `session ${event.session_id} among ${before.session_id}`)],
  );

/** Raw provider deltas are for hooks only. */
export const rawDeltasAreNotStored: Rule = (events) =>
  events.flatMap((event) =>
    (event.type as string).startsWith("llm:stream_block_") ? [at(event, "is never stored")] : [],
  );

/** Session events have no turn; what the orchestrator raises has one. */
export const turnIdsAreRight: Rule = (events) =>
  events.flatMap((event) => {
    if (SESSION_EVENT.test(event.type) && event.turn_id !== null)
      return [at(event, `has turn_id ${event.turn_id}, not null`)];
    if (TURN_EVENT.test(event.type) && event.turn_id === null) return [at(event, "has no turn_id")];
    return [];
  });

/** The last event of a session's stream is `prompt:complete`. */
export const promptCompleteIsLast: Rule = (events, source) => {
  const last = events.at(-1)?.type ?? "nothing";
  if (source !== "stream" || last === "prompt:complete") return [];
  return [missing(`the stream ends with ${last}, not with prompt:complete`)];
};

/** `prompt:complete` says of its turn what `execution:end` said. */
export const promptCompleteAgrees: Rule = (events) => {
  let ended: EventOf<"execution:end"> | undefined;
  return events.flatMap((event) => {
    if (event.type === "execution:end") ended = event;
    if (event.type !== "prompt:complete" || ended === undefined) return [];
    const { status, response } = ended.data;
    ended = undefined;
    if (status === event.data.status && response === event.data.response) return [];
    return [at(event, `says ${event.data.status} ${JSON.stringify(event.data.response)}, execution:end another thing`)];
  });
};

function pairs(events: readonly Event[]): readonly (readonly [Event, Event])[] {
  return events.slice(1).map((event, index) => [events[index] as Event, event] as const);
}
