/**
 * Owns the one synchronous step that makes an event real: it takes its `seq`, is queued for the log and enters the
 * sinks. It knows no handlers. Appends are batched per microtask and pipelined; `commit` waits for them.
 */
import type { Clock } from "../clock.ts";
import { AmplifierError } from "../errors/amplifier-error.ts";
import { errorInfo } from "../errors/error-info.ts";
import type { EventMap, EventType } from "../events/event-map.ts";
import { frozenCopy } from "../events/frozen-copy.ts";
import { type Event, isOutsideTurn, isStored } from "../events/event.ts";
import type { EventLog } from "../ports/event-log.ts";
import type { EventSink } from "./event-sink.ts";

/** Events that may wait for the log before whoever produces deltas has to. */
const PENDING_BOUND = 1_000;

interface Commit {
  readonly done: Promise<void>;
  readonly resolve: () => void;
}

/** Turns payloads into stored events, in order. */
export class EventPublisher {
  readonly #log: EventLog | null;
  readonly #sessionId: string;
  readonly #clock: Clock;
  /** Replaced, never changed: a plain array is what an event costs least to go through. */
  #sinks: readonly EventSink[] = [];
  #seq: number;
  #turnId: string | null = null;
  #closed = false;
  #pending: Event[] = [];
  #scheduled = false;
  /** The append that is under way; the next one gathers meanwhile. */
  #appending: Promise<void> | null = null;
  #batch: readonly Event[] = [];
  #serving: Commit | null = null;
  /** Who waits for everything published so far: one durable append serves all of them. */
  #commit: Commit | null = null;
  #durableSeq: number;
  #failure: { readonly cause: unknown; readonly firstSeq: number } | undefined;

  constructor(options: { readonly log: EventLog | null; readonly sessionId: string; readonly clock: Clock }) {
    this.#log = options.log;
    this.#sessionId = options.sessionId;
    this.#clock = options.clock;
    this.#seq = options.log?.last() ?? 0;
    this.#durableSeq = this.#seq;
  }

  /** Publishes one event. Raw provider deltas are not stored, so nothing happens for them. */
  publish<K extends EventType>(type: K, data: EventMap[K], turnId?: string): void {
    if (this.#closed) return;
    // Nearly all events are deltas, flat and made for this; nothing of what the others need concerns them.
    if (type === "content_block:delta")
      this.#record(type, Object.isFrozen(data) ? data : frozenCopy(data), turnId ?? this.#turnId);
    else if (isStored(type)) this.#publishRare(type, data, turnId);
  }

  #publishRare<K extends EventType>(type: K, data: EventMap[K], turnId: string | undefined): void {
    if (type === "execution:start") this.#turnId = turnId ?? crypto.randomUUID();
    const owner = isOutsideTurn(type) ? null : (turnId ?? this.#turnId);
    if (type === "orchestrator:complete") this.#turnId = null;
    this.#record(type, frozenCopy(data), owner);
  }

  #record(type: EventType, data: unknown, turnId: string | null): void {
    const event = {
      seq: ++this.#seq,
      ts: this.stamp(),
      session_id: this.#sessionId,
      turn_id: turnId,
      type,
      data,
    } as unknown as Event;
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

  /** Undefined when every sink has room for a delta and the log keeps up; else resolves when the first that lags may have. */
  room(): Promise<void> | undefined {
    if (this.#pending.length >= PENDING_BOUND && this.#appending !== null) return this.#appending;
    const sinks = this.#sinks;
    for (let n = 0; n < sinks.length; n++) {
      const room = sinks[n]?.room();
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
    if (this.#durableSeq < this.#seq && this.#failure === undefined) {
      this.#commit ??= deferred();
      this.#schedule();
      await this.#commit.done;
    }
    if (this.#failure !== undefined) throw appendFailed(this.#failure);
  }

  /** Nothing is published any more. */
  close(): void {
    this.#closed = true;
  }

  #enqueue(event: Event): void {
    if (this.#log === null || this.#failure !== undefined) return;
    this.#pending.push(event);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#appending !== null) return;
    this.#scheduled = true;
    queueMicrotask(this.#append);
  }

  readonly #append = (): void => {
    this.#scheduled = false;
    this.#batch = this.#pending;
    this.#pending = [];
    this.#serving = this.#commit;
    this.#commit = null;
    this.#appending = this.#store(this.#batch, this.#serving === null ? RELAXED : DURABLE).then(
      this.#onStored,
      this.#onRefused,
    );
  };

  // After a refusal nothing more is appended: the log would have a hole.
  #store(batch: readonly Event[], options: { readonly durable: boolean }): Promise<void> {
    try {
      // A log that is not ours may return no promise.
      return Promise.resolve(this.#failure === undefined ? (this.#log as EventLog).append(batch, options) : undefined);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  readonly #onStored = (): void => {
    this.#appending = null;
    if (this.#serving !== null && this.#failure === undefined) this.#durableSeq = this.#batch.at(-1)?.seq ?? this.#seq;
    this.#serving?.resolve();
    if (this.#pending.length > 0 || this.#commit !== null) this.#schedule();
  };

  readonly #onRefused = (cause: unknown): void => {
    this.#failure = { cause, firstSeq: this.#batch[0]?.seq ?? this.#seq };
    this.#pending = [];
    this.#onStored();
  };

  /** Now, as RFC 3339. */
  stamp(): string {
    return stampOf(this.#clock.now());
  }
}

const DURABLE = { durable: true };
const RELAXED = { durable: false };

let stampedMs = Number.NaN;
let stamp = "";

/** Formatting a time costs more than the rest of an event, and many events, of all sessions, share a millisecond. */
function stampOf(ms: number): string {
  if (ms !== stampedMs) {
    stamp = new Date(ms).toISOString();
    stampedMs = ms;
  }
  return stamp;
}

function deferred(): Commit {
  let resolve = (): void => undefined;
  const done = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { done, resolve };
}

function appendFailed({ cause, firstSeq }: { cause: unknown; firstSeq: number }): AmplifierError<"log_append_failed"> {
  const message = `The event log refused to store event ${firstSeq} and what follows: ${errorInfo(cause).msg}`;
  return new AmplifierError("log_append_failed", message, { data: { first_seq: firstSeq }, cause });
}
