/**
 * Owns running a turn of a session in a test: every event of it, checked against the invariants, and how it ended.
 */
import type { Event, EventLog, Prompt, Session, TurnOptions } from "amplifier-core";
import { assertInvariants } from "../invariants/check-invariants.ts";

/** A turn that is over. */
export interface RecordedTurn {
  readonly events: readonly Event[];
  /** What the stream threw; absent when it ended normally. */
  readonly failure?: { readonly error: unknown };
}

/** How a recorded turn is driven. */
export interface RecordOptions extends TurnOptions {
  /** Sees each event before the next one is asked for; a promise holds the consumer up. */
  readonly onEvent?: (event: Event) => void | Promise<void>;
}

/** Drains a turn's stream. Whatever it throws is recorded. @throws Error when the events break an invariant. */
export async function recordTurn(
  session: Session,
  prompt: Prompt,
  { onEvent, ...options }: RecordOptions = {},
): Promise<RecordedTurn> {
  const events: Event[] = [];
  let failure: { readonly error: unknown } | undefined;
  try {
    for await (const event of session.stream(prompt, options)) {
      events.push(event);
      await onEvent?.(event);
    }
  } catch (error) {
    failure = { error };
  }
  if (events.length > 0 || failure === undefined) assertInvariants(events);
  return failure === undefined ? { events } : { events, failure };
}

/** The events of a turn that ends normally. @throws what the stream throws; Error when an invariant is broken. */
export async function runTurn(
  session: Session,
  prompt: Prompt,
  options: RecordOptions = {},
): Promise<readonly Event[]> {
  const { events, failure } = await recordTurn(session, prompt, options);
  if (failure !== undefined) throw failure.error;
  return events;
}

/** Everything a log holds now. */
export async function readLog(log: EventLog, after = 0): Promise<readonly Event[]> {
  const last = log.last();
  const stop = new AbortController();
  const events: Event[] = [];
  if (last <= after) return events;
  for await (const batch of log.read({ after, signal: stop.signal })) {
    events.push(...batch);
    if ((events.at(-1)?.seq ?? 0) >= last) break;
  }
  stop.abort();
  return events;
}
