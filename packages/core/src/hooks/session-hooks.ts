/**
 * Owns `emit`: handlers run, then the event is published, and there is no other way to raise one. With no handler, or with
 * handlers that answer at once, an emit is one synchronous call. Also what the loop needs beside `emit`: room and commits.
 */
import type { Clock } from "../clock.ts";
import type { EventMap, EventType } from "../events/event-map.ts";
import { isInterceptable } from "../events/event.ts";
import type {
  Decision,
  EmitOptions,
  HookHandler,
  HookOptions,
  HookRegistry,
  UserMessage,
} from "../ports/hook-registry.ts";
import type { EventPublisher } from "../publishing/event-publisher.ts";
import type { EventSink } from "../publishing/event-sink.ts";
import { NEVER, type StopLimit, timeLimit } from "../stop-limit.ts";
import { continueWith } from "./decision-builder.ts";
import { HandlerTable } from "./handler-table.ts";
import type { WaitedHook } from "./run-handlers.ts";

/** A registry that publishes what is emitted. A session's registry is one. */
export interface PublishingHooks extends HookRegistry {
  /** Undefined when a delta may be emitted now; else resolves when a slow consumer has made room. */
  room(): Promise<void> | undefined;
  /** Resolves once everything emitted so far is durable. @throws AmplifierError `log_append_failed` */
  commit(): Promise<void>;
  /** Lets a sink take every event published from now on; returns the function that ends it. */
  attach(sink: EventSink): () => void;
  /** The handlers whose answers are waited for now, the longest first: who to name when it takes too long. */
  waiting(): readonly WaitedHook[];
  /** Nothing is published any more: the session is over. */
  close(): void;
}

/** Reports what went wrong with a hook, for people. */
export type ReportHook = (message: string, hook: string) => void;

/** How long one handler may take in `emitAndCollect`, unless the caller says otherwise. */
const COLLECT_MS = 1000;

/** The registry of a session, built around its publisher. */
export class SessionHooks implements PublishingHooks {
  readonly #handlers = new HandlerTable();
  readonly #publisher: EventPublisher;
  readonly #clock: Clock;
  readonly #report: ReportHook;
  readonly #show: (message: UserMessage) => void;
  #defaults: Readonly<Record<string, unknown>> = {};

  /** `show` gets what handlers have to say to the person at events that nobody decides about. */
  constructor(options: {
    readonly publisher: EventPublisher;
    readonly clock: Clock;
    readonly report: ReportHook;
    readonly show?: (message: UserMessage) => void;
  }) {
    this.#show = options.show ?? (() => undefined);
    this.#publisher = options.publisher;
    this.#clock = options.clock;
    this.#report = options.report;
  }

  /** Fields every handler sees under the payload's own (`session_id`, `parent_id`). */
  setDefaultFields(fields: Readonly<Record<string, unknown>>): void {
    this.#defaults = { ...this.#defaults, ...fields };
  }

  register<K extends EventType>(event: K, handler: HookHandler<K>, options?: HookOptions): () => void {
    return this.#handlers.register(event, handler, options);
  }

  on<K extends EventType>(event: K, handler: HookHandler<K>, options?: HookOptions): () => void {
    return this.register(event, handler, options);
  }

  /** Remembers who is registered now; the returned function makes it so again. */
  checkpoint(): () => void {
    return this.#handlers.checkpoint();
  }

  has(event: EventType): boolean {
    return this.#handlers.has(event);
  }

  list(event?: EventType): Readonly<Record<string, readonly string[]>> {
    return this.#handlers.list(event);
  }

  emitAndCollect<K extends EventType>(
    type: K,
    data: EventMap[K],
    options: { readonly timeoutMs?: number } = {},
  ): Promise<readonly Readonly<Record<string, unknown>>[]> {
    const limit = (): StopLimit => timeLimit(this.#clock, options.timeoutMs ?? COLLECT_MS);
    return this.#handlers.collect(type, data, { report: this.#report, limit });
  }

  emit<K extends EventType>(type: K, data: EventMap[K], options?: EmitOptions<K>): Decision<K> | Promise<Decision<K>> {
    const decision = this.#decide(type, data, options);
    if (decision instanceof Promise || options?.settle !== undefined) return this.#publishLate(type, decision, options);
    if (decision.messages.length > 0) this.#tell(type, decision);
    this.#publisher.publish(type, decision.data, options?.turnId);
    return decision;
  }

  room(): Promise<void> | undefined {
    return this.#publisher.room();
  }

  commit(): Promise<void> {
    return this.#publisher.commit();
  }

  attach(sink: EventSink): () => void {
    return this.#publisher.attach(sink);
  }

  waiting(): readonly WaitedHook[] {
    return this.#handlers.waiting();
  }

  close(): void {
    this.#publisher.close();
  }

  #decide<K extends EventType>(
    type: K,
    data: EventMap[K],
    options: EmitOptions<K> | undefined,
  ): Decision<K> | Promise<Decision<K>> {
    if (options?.handlers === false || !this.#handlers.has(type)) return continueWith(data);
    const fields = { ...this.#defaults, timestamp: this.#publisher.stamp() };
    return this.#handlers.run(type, data, { fields, signal: options?.signal ?? NEVER, report: this.#report });
  }

  // Where a decision is carried out, its messages are shown with it.
  #tell(type: EventType, { messages }: Decision): void {
    if (!isInterceptable(type)) for (const message of messages) this.#show(message);
  }

  async #publishLate<K extends EventType>(
    type: K,
    decided: Decision<K> | Promise<Decision<K>>,
    options: EmitOptions<K> | undefined,
  ): Promise<Decision<K>> {
    const decision = await decided;
    if (decision.messages.length > 0) this.#tell(type, decision);
    const stored = options?.settle ? await options.settle(decision) : decision.data;
    this.#publisher.publish(type, stored, options?.turnId);
    return decision;
  }
}
