/**
 * Owns the one synchronous step that makes an event real: it takes its `seq`, is queued for the log and enters the
 * sinks. It knows no handlers. Appends are batched per microtask and pipelined; `commit` waits for them.
 */
import type { Clock } from "../clock.ts";
import { AmplifierError } from "../errors/amplifier-error.ts";
import { errorInfo } from "../errors/error-info.ts";
import type { EventMap, EventType } from "../events/event-map.ts";
import { type Event, isOutsideTurn, isStored } from "../events/event.ts";
import type { EventLog } from "../ports/event-log.ts";
import type { EventSink } from "./event-sink.ts";

/** Turns payloads into stored events, in order. */
export class EventPublisher {
  readonly #log: EventLog | null;
  readonly #sessionId: string;
  readonly #clock: Clock;
  /** Replaced, never changed: a plain array is what an event costs least to go through. */
  #sinks: readonly EventSink[] = [];
  #seq: number;
  #turnId: string | null = null;
  #pending: Event[] = [];
  #scheduled = false;
  #appending: Promise<void>[] = [];
  #failure: { readonly cause: unknown } | undefined;
  #stampedMs = -1;
  #stamp = "";

  constructor(options: { readonly log: EventLog | null; readonly sessionId: string; readonly clock: Clock }) {
    this.#log = options.log;
    this.#sessionId = options.sessionId;
    this.#clock = options.clock;
    this.#seq = options.log?.last() ?? 0;
  }

  /** Publishes one event. Raw provider deltas are not stored, so nothing happens for them. */
  publish<K extends EventType>(type: K, data: EventMap[K], turnId?: string): void {
    if (!isStored(type)) return;
    if (type === "execution:start") this.#turnId = turnId ?? crypto.randomUUID();
    const event = {
      seq: ++this.#seq,
      ts: this.#now(),
      session_id: this.#sessionId,
      turn_id: isOutsideTurn(type) ? null : (turnId ?? this.#turnId),
      type,
      data,
    } as unknown as Event;
    if (type === "orchestrator:complete") this.#turnId = null;
    this.#enqueue(event);
    const sinks = this.#sinks;
    for (let n = 0; n < sinks.length; n++) sinks[n]?.push(event);
  }

  /** Lets a sink take every event from now on; returns the function that ends it. */
  attach(sink: EventSink): () => void {
    this.#sinks = [...this.#sinks, sink];
    return () => {
      this.#sinks = this.#sinks.filter((other) => other !== sink);
    };
  }

  /** Undefined when every sink has room for a delta; else resolves when the first full one has. */
  room(): Promise<void> | undefined {
    for (const sink of this.#sinks) {
      const room = sink.room();
      if (room) return room;
    }
    return undefined;
  }

  /**
   * Resolves once everything published so far would survive a crash.
   * @throws AmplifierError `log_append_failed` when the log refused an append, now or before.
   */
  async commit(): Promise<void> {
    if (this.#log === null) return;
    const firstSeq = this.#pending[0]?.seq ?? this.#seq;
    this.#append(true);
    await Promise.all(this.#appending);
    if (this.#failure === undefined) return;
    throw new AmplifierError(
      "log_append_failed",
      `The event log refused to store events: ${errorInfo(this.#failure.cause).msg}`,
      {
        data: { first_seq: firstSeq },
        cause: this.#failure.cause,
      },
    );
  }

  #enqueue(event: Event): void {
    if (this.#log === null) return;
    this.#pending.push(event);
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(this.#flush);
  }

  readonly #flush = (): void => {
    this.#scheduled = false;
    if (this.#pending.length > 0) this.#append(false);
  };

  #append(durable: boolean): void {
    const batch = this.#pending;
    this.#pending = [];
    const appending: Promise<void> = (this.#log as EventLog)
      .append(batch, { durable })
      .catch((error: unknown) => {
        this.#failure ??= { cause: error };
      })
      .finally(() => {
        this.#appending = this.#appending.filter((other) => other !== appending);
      });
    this.#appending.push(appending);
  }

  // Formatting a date costs more than the rest of an event; many events share a millisecond.
  #now(): string {
    const ms = this.#clock.now();
    if (ms !== this.#stampedMs) {
      this.#stampedMs = ms;
      this.#stamp = new Date(ms).toISOString();
    }
    return this.#stamp;
  }
}
