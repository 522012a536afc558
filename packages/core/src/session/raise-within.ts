/**
 * Owns raising a session's own event without waiting for its handlers longer than a given time: whoever has not answered
 * by then is skipped and named.
 */
import type { SessionCoordinator } from "../coordinator/session-coordinator.ts";
import type { EventMap, EventType } from "../events/event-map.ts";
import { timeLimit } from "../stop-limit.ts";

/** Raises `type`; resolves when it is published, at the latest `limitMs` milliseconds from now. */
export async function raiseWithin<K extends EventType>(
  { hooks, clock }: SessionCoordinator,
  limitMs: number,
  event: { readonly type: K; readonly data: EventMap[K] },
): Promise<void> {
  const limit = timeLimit(clock, limitMs);
  try {
    await hooks.emit(event.type, event.data, { signal: limit.signal });
  } finally {
    limit.clear();
  }
}
