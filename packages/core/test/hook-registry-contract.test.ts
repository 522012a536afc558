/** The registry of a session, by the contract suite of its port. */
import { type Event, EventPublisher, type HookRegistry, SessionHooks, systemClock } from "amplifier-core";
import { hookRegistryContract } from "amplifier-testkit";
import { describe, it } from "vitest";

const published = new WeakMap<HookRegistry, Event[]>();

function create(): HookRegistry {
  const publisher = new EventPublisher({ log: null, sessionId: "session", clock: systemClock });
  const hooks = new SessionHooks({ publisher, clock: systemClock, report: () => undefined });
  hooks.setDefaultFields({ session_id: "session", parent_id: null });
  const events: Event[] = [];
  hooks.attach({ push: (event) => void events.push(event), room: () => undefined });
  published.set(hooks, events);
  return hooks;
}

describe("SessionHooks", () => {
  const subject = { create, published: (hooks: HookRegistry) => published.get(hooks) ?? [] };
  for (const { name, run } of hookRegistryContract(subject)) it(name, run);
});
