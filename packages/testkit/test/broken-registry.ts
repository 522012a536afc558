/**
 * Owns registries with something wrong: a session's registry of which something is replaced, its handlers are wrapped, or
 * its decisions are changed.
 */
import {
  type Decision,
  type Event,
  EventPublisher,
  type HookHandler,
  type HookRegistry,
  SessionHooks,
  systemClock,
} from "amplifier-core";
import type { HookRegistrySubject } from "amplifier-testkit";

/** What a registry has published. */
export type Stored = Pick<Event, "type" | "data">;
/** The payload of the event that the suite raises. */
export type Payload = Decision<"tool:pre">["data"];
type Handler = HookHandler<"tool:pre">;

const published = new WeakMap<HookRegistry, Stored[]>();

/** `change` replaces members of a session's registry; `events` are what it has published. */
export function replacing(change: (hooks: SessionHooks, events: Stored[]) => object): HookRegistrySubject {
  return { create: () => made(change), published: (hooks) => published.get(hooks) ?? [], timeoutMs: 200 };
}

function made(change: (hooks: SessionHooks, events: Stored[]) => object): HookRegistry {
  const publisher = new EventPublisher({ log: null, sessionId: "session", clock: systemClock });
  const hooks = new SessionHooks({ publisher, clock: systemClock, report: () => undefined });
  const events: Stored[] = [];
  hooks.attach({ push: (event) => void events.push(event), room: () => undefined });
  const sound: HookRegistry = {
    register: (event, handler, options) => hooks.register(event, handler, options),
    on: (event, handler, options) => hooks.on(event, handler, options),
    has: (event) => hooks.has(event),
    list: (event) => hooks.list(event),
    emitAndCollect: (type, data, options) => hooks.emitAndCollect(type, data, options),
    emit: (type, data, options) => hooks.emit(type, data, options),
  };
  const registry = { ...sound, ...change(hooks, events) };
  published.set(registry, events);
  return registry;
}

/** Every handler is wrapped. */
export function handling(wrap: (handler: Handler, name: string | undefined) => Handler): HookRegistrySubject {
  return replacing((hooks) => ({
    register: (event: "tool:pre", handler: Handler, options?: { readonly name?: string }) =>
      hooks.register(event, wrap(handler, options?.name), options),
  }));
}

/** Every decision is changed; `data` is what was raised. */
export function deciding(change: (decision: Decision<"tool:pre">, data: Payload) => object): HookRegistrySubject {
  return replacing((hooks) => ({
    emit: (type: "tool:pre", data: Payload, options: object) => {
      const decision = hooks.emit(type, data, options);
      return decision instanceof Promise ? decision.then((late) => change(late, data)) : change(decision, data);
    },
  }));
}

/** What is left of `object` without one of its fields. */
export function without<T extends object>(object: T, field: keyof T): Partial<T> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== field)) as Partial<T>;
}
