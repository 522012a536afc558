/**
 * Owns running on a registry that is not ours (a host's, a test's): its handlers decide, the events emitted through this
 * adapter are published to the sinks attached here. Nothing is logged; only what is emitted here is seen.
 */
import { type Clock, systemClock } from "../clock.ts";
import type { EventMap, EventType } from "../events/event-map.ts";
import type { Decision, EmitOptions, HookHandler, HookOptions, HookRegistry } from "../ports/hook-registry.ts";
import { EventPublisher } from "../publishing/event-publisher.ts";
import type { EventSink } from "../publishing/event-sink.ts";
import { ABORTED, untilAborted } from "../until-aborted.ts";
import { continueWith } from "./decision-builder.ts";
import type { WaitedHook } from "./run-handlers.ts";
import type { PublishingHooks } from "./session-hooks.ts";

/** `hooks` itself when it publishes, else an adapter that publishes what is emitted through it. */
export function publishingHooks(
  hooks: HookRegistry,
  options: { readonly sessionId: string; readonly clock?: Clock },
): PublishingHooks {
  if ("attach" in hooks && "room" in hooks && "commit" in hooks && "waiting" in hooks) return hooks as PublishingHooks;
  const clock = options.clock ?? systemClock;
  return new ForeignHooks(hooks, new EventPublisher({ log: null, sessionId: options.sessionId, clock }));
}

class ForeignHooks implements PublishingHooks {
  readonly #hooks: HookRegistry;
  readonly #publisher: EventPublisher;

  constructor(hooks: HookRegistry, publisher: EventPublisher) {
    this.#hooks = hooks;
    this.#publisher = publisher;
  }

  register<K extends EventType>(event: K, handler: HookHandler<K>, options?: HookOptions): () => void {
    return this.#hooks.register(event, handler, options);
  }

  on<K extends EventType>(event: K, handler: HookHandler<K>, options?: HookOptions): () => void {
    return this.register(event, handler, options);
  }

  has(event: EventType): boolean {
    return this.#hooks.has(event);
  }

  list(event?: EventType): Readonly<Record<string, readonly string[]>> {
    return this.#hooks.list(event);
  }

  emitAndCollect<K extends EventType>(
    type: K,
    data: EventMap[K],
    options?: { readonly timeoutMs?: number },
  ): Promise<readonly Readonly<Record<string, unknown>>[]> {
    return this.#hooks.emitAndCollect(type, data, options);
  }

  async emit<K extends EventType>(type: K, data: EventMap[K], options: EmitOptions<K> = {}): Promise<Decision<K>> {
    const { settle, handlers, signal } = options;
    const asked = handlers === false ? undefined : await this.#ask(type, data, signal);
    const decision: Decision<K> = { ...continueWith(data), ...asked };
    this.#publisher.publish(type, settle ? await settle(decision) : decision.data, options.turnId);
    return decision;
  }

  // A foreign registry may not know signals; whoever gave one does not wait beyond it.
  async #ask<K extends EventType>(
    type: K,
    data: EventMap[K],
    signal: AbortSignal | undefined,
  ): Promise<Decision<K> | undefined> {
    if (signal === undefined) return this.#hooks.emit(type, data);
    const asked = await untilAborted(Promise.resolve(this.#hooks.emit(type, data, { signal })), signal);
    return asked === ABORTED ? undefined : asked;
  }

  // Who it asks is the host's to know.
  waiting(): readonly WaitedHook[] {
    return [];
  }

  close(): void {
    this.#publisher.close();
  }

  room(): Promise<void> | undefined {
    return this.#publisher.room();
  }

  commit(): Promise<void> {
    return Promise.resolve();
  }

  attach(sink: EventSink): () => void {
    return this.#publisher.attach(sink);
  }
}
