/**
 * Owns the queue between the turn and whoever drains its stream: one producer side, one consumer. Its bound is for
 * deltas: a producer of deltas waits for `room()` before it publishes the next one; other events always enter.
 */
import type { Event } from "../events/event.ts";
import type { EventSink } from "./event-sink.ts";

/** Events that may wait before a producer of deltas has to. */
export const OUTBOX_ROOM = 64;

/** Events kept while nobody reads (between turns); older ones are dropped, the log has them. */
export const UNREAD_BOUND = 1_000;

/** A queue of events with back-pressure for deltas. */
export class Outbox implements EventSink {
  #queue: (Event | undefined)[] = [];
  #head = 0;
  #closed = false;
  #roomWaiters: (() => void)[] = [];
  #arrival: (() => void) | undefined;

  get size(): number {
    return this.#queue.length - this.#head;
  }

  /** Adds an event; a closed outbox takes nothing. When full, a call's newer `tool:progress` replaces its older one. */
  push(event: Event): void {
    if (this.#closed) return;
    if (event.type === "tool:progress" && this.size >= OUTBOX_ROOM) this.#dropProgressOf(event.data.tool_call_id);
    if (this.#arrival === undefined && this.size >= UNREAD_BOUND) this.take();
    this.#queue.push(event);
    this.#arrival?.();
  }

  /** Undefined when a delta may be published now; else resolves when it may. */
  room(): Promise<void> | undefined {
    if (this.size < OUTBOX_ROOM || this.#closed) return undefined;
    return new Promise((resolve) => this.#roomWaiters.push(resolve));
  }

  /** The oldest event, or undefined when there is none. */
  take(): Event | undefined {
    // Nearly always one waits: taking it off costs less than emptying an array by its length.
    const event = this.#queue.length === 1 ? this.#queue.pop() : this.#takeFirst();
    // At half, not at one: a producer that is woken for every single event costs more than what it produces.
    if (this.#roomWaiters.length > 0 && this.size <= OUTBOX_ROOM / 2) this.#releaseWaiters();
    return event;
  }

  #takeFirst(): Event | undefined {
    if (this.#head >= this.#queue.length) return undefined;
    const event = this.#queue[this.#head];
    this.#queue[this.#head++] = undefined;
    if (this.#head === this.#queue.length) {
      this.#queue.length = 0;
      this.#head = 0;
    } else if (this.#head >= 1024) {
      // Keeps the array short when it never runs empty.
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
    return event;
  }

  /** Calls `wake` at each arrival until it is replaced or taken away. */
  onArrival(wake: (() => void) | undefined): void {
    this.#arrival = wake;
  }

  /** Drops what is queued and lets every producer go on: nobody reads any more. */
  close(): void {
    this.#closed = true;
    this.#queue = [];
    this.#head = 0;
    this.#releaseWaiters();
  }

  #releaseWaiters(): void {
    const waiters = this.#roomWaiters;
    this.#roomWaiters = [];
    for (const resolve of waiters) resolve();
  }

  #dropProgressOf(callId: string): void {
    const older = this.#queue.findIndex(
      (event, at) => at >= this.#head && event?.type === "tool:progress" && event.data.tool_call_id === callId,
    );
    if (older >= 0) this.#queue.splice(older, 1);
  }
}
