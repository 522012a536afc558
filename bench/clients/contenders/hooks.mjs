/**
 * The registry of a session, with handlers for other events only: what it costs to raise an event that nobody handles.
 */
import { EventPublisher, MemoryEventLog, SessionHooks, systemClock } from "amplifier-core";
import { otherEvents } from "../other-events.mjs";

const REQUEST = "11f1dd5c-3b5f-4c6d-8a2a-6d5d3c0f7b1e";

/** What is raised, by name: each raises `count` events and returns how many let things go on, so that all are needed. */
const raising = {
  /** A raw delta, as the loop raises it: it asks first whether anybody listens. */
  guarded(hooks, count) {
    let gone = 0;
    for (let n = 0; n < count; n++) {
      if (hooks.has("llm:stream_block_delta")) gone += rawDelta(hooks, n);
      else gone++;
    }
    return gone;
  },
  /** A raw delta from somebody who does not ask. It is never stored. */
  unguarded(hooks, count) {
    let gone = 0;
    for (let n = 0; n < count; n++) gone += rawDelta(hooks, n);
    return gone;
  },
  /** An event that is stored: it takes its number and goes to the log, which is where the cost is. */
  stored(hooks, count) {
    let gone = 0;
    for (let n = 0; n < count; n++) {
      const data = { block_index: 0, block_type: "text", delta: " token" };
      gone += hooks.emit("content_block:delta", data).action === "continue" ? 1 : 0;
    }
    return gone;
  },
};

function rawDelta(hooks, sequence) {
  const data = { request_id: REQUEST, block_index: 0, block_type: "text", sequence, text: " token" };
  return hooks.emit("llm:stream_block_delta", data).action === "continue" ? 1 : 0;
}

/** Makes a function that raises so many events. */
export function open({ raised }) {
  const publisher = new EventPublisher({ log: new MemoryEventLog(), sessionId: "bench", clock: systemClock });
  const report = (message) => {
    throw new Error(message);
  };
  const hooks = new SessionHooks({ publisher, clock: systemClock, report });
  for (const event of otherEvents) hooks.register(event, () => {});
  return (count) => raising[raised](hooks, count);
}
