/**
 * A session's registry with everything at hand that came of it: what was published, what people were told.
 */
import { type Event, EventPublisher, SessionHooks } from "amplifier-core";
import { FakeClock } from "amplifier-testkit";

export interface RecordedHooks {
  readonly hooks: SessionHooks;
  readonly clock: FakeClock;
  readonly published: readonly Event[];
  readonly reports: readonly string[];
}

/** A registry of the session "s1", without default fields and without handlers. */
export function recordedHooks(): RecordedHooks {
  const published: Event[] = [];
  const reports: string[] = [];
  const clock = new FakeClock();
  const publisher = new EventPublisher({ log: null, sessionId: "s1", clock });
  publisher.attach({ push: (event) => published.push(event), room: () => undefined });
  const hooks = new SessionHooks({ publisher, clock, report: (message) => reports.push(message) });
  return { hooks, clock, published, reports };
}

/** The payload of a call that is about to run. */
export const PRE = {
  tool_name: "t",
  tool_call_id: "c",
  parallel_group_id: "g",
  tool_input: { a: 1 },
  decision: "run",
} as const;
