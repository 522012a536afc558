/**
 * Owns what a broken invariant looks like, and how a rule walks over events. A rule is a pure function: events in, violations out.
 */
import type { Event } from "amplifier-core";

/** One broken rule. `seq` is the event at which it shows; null when something is missing at the end. */
export interface Violation {
  readonly rule: string;
  readonly seq: number | null;
  readonly message: string;
}

/**
 * Where the events come from: `stream` (one turn of `session.stream()`, the default), `orchestrator` (one turn of
 * `Orchestrator.stream`, which has no session events), or `log` (any number of turns).
 */
export type EventSource = "stream" | "orchestrator" | "log";

/** Names what it found; the rule's name is added by the list of rules. */
export type Finding = Omit<Violation, "rule">;

/** A rule over a whole list of events. */
export type Rule = (events: readonly Event[], source: EventSource) => readonly Finding[];

/** A finding at an event. */
export function at(event: Event, message: string): Finding {
  return { seq: event.seq, message: `${event.type}: ${message}` };
}

/** A finding about what never came. */
export function missing(message: string): Finding {
  return { seq: null, message };
}

/**
 * The events of each turn, in order of the turns' first events. Left out are events outside turns, and turns that were over
 * before: a stream begins with what was raised since the last one, which may be the late result of an earlier turn's tool.
 */
export function turnsOf(events: readonly Event[]): readonly (readonly Event[])[] {
  const turns = new Map<string, Event[]>();
  for (const event of events) {
    if (event.turn_id === null) continue;
    const turn = turns.get(event.turn_id);
    if (turn === undefined) turns.set(event.turn_id, [event]);
    else turn.push(event);
  }
  return [...turns.values()].filter((turn) => turn.some(({ type }) => type !== "tool:late_result"));
}

/** A rule that holds for each turn by itself. */
export function perTurn(check: (turn: readonly Event[]) => readonly Finding[]): Rule {
  return (events) => turnsOf(events).flatMap(check);
}
