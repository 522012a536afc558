/**
 * Owns the log that lives in memory: the last `capacity` events. When it is full, deltas of closed blocks go first (the
 * block's end carries the whole block), then the oldest events. A reader that needs what is gone is told so.
 */
import { AmplifierError } from "../errors/amplifier-error.ts";
import type { Event } from "../events/event.ts";
import type { EventLog } from "../ports/event-log.ts";

/** Events a `MemoryEventLog` keeps unless told otherwise. */
export const DEFAULT_LOG_CAPACITY = 10_000;

const DONE = Promise.resolve();

/** An `EventLog` without a disk: `durable` means the same as not. */
export class MemoryEventLog implements EventLog {
  readonly #capacity: number;
  /** What is kept begins at `#head`. */
  #events: Event[] = [];
  #head = 0;
  #openDeltas = new Map<number, number>();
  #closedDeltas = 0;
  #last = 0;
  /** The highest `seq` that was dropped. */
  #dropped = 0;
  #waiters = new Set<() => void>();

  constructor(options: { readonly capacity?: number } = {}) {
    this.#capacity = options.capacity ?? DEFAULT_LOG_CAPACITY;
    if (!(this.#capacity >= 1)) throw new RangeError(`capacity is ${this.#capacity}, must be at least 1`);
  }

  last(): number {
    return this.#last;
  }

  append(events: readonly Event[], _options: { readonly durable: boolean }): Promise<void> {
    for (const event of events) {
      if (event.seq !== this.#last + 1) {
        return Promise.reject(
          new RangeError(`Event ${event.seq} was appended after ${this.#last}: a gap or a repeat.`),
        );
      }
      this.#last = event.seq;
      this.#events.push(event);
      this.#count(event);
    }
    if (this.#events.length - this.#head > this.#capacity) this.#trim();
    if (this.#waiters.size > 0) for (const wake of this.#waiters) wake();
    return DONE;
  }

  async *read(options: { readonly after: number; readonly signal: AbortSignal }): AsyncGenerator<readonly Event[]> {
    let cursor = options.after;
    while (!options.signal.aborted) {
      if (cursor < this.#dropped) throw trimmed(cursor, this.#dropped + 1);
      const batch = this.#after(cursor);
      const newest = batch.at(-1);
      if (newest === undefined) await this.#arrival(options.signal);
      else {
        cursor = newest.seq;
        yield batch;
      }
    }
  }

  #after(cursor: number): readonly Event[] {
    // Deltas may be missing in between, so the position is searched, not computed.
    let low = this.#head;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle] as Event).seq <= cursor) low = middle + 1;
      else high = middle;
    }
    return this.#events.slice(low);
  }

  #arrival(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.#waiters.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      this.#waiters.add(wake);
      signal.addEventListener("abort", wake);
      if (signal.aborted) wake();
    });
  }

  #count(event: Event): void {
    if (event.type === "content_block:delta") {
      const index = event.data.block_index;
      this.#openDeltas.set(index, (this.#openDeltas.get(index) ?? 0) + 1);
    } else if (event.type === "content_block:end") {
      this.#closedDeltas += this.#openDeltas.get(event.data.block_index) ?? 0;
      this.#openDeltas.delete(event.data.block_index);
    }
  }

  #trim(): void {
    if (this.#closedDeltas > 0) this.#dropClosedDeltas();
    const over = this.#events.length - this.#head - this.#capacity;
    if (over <= 0) return;
    this.#head += over;
    this.#dropped = Math.max(this.#dropped, (this.#events[this.#head - 1] as Event).seq);
    // Moved together now and then, not per event.
    if (this.#head >= this.#capacity) this.#compact();
  }

  #compact(): void {
    this.#events = this.#events.slice(this.#head);
    this.#head = 0;
  }

  #dropClosedDeltas(): void {
    this.#compact();
    const closed = new Set<number>();
    const kept: Event[] = [];
    // Backwards, so that a block's end is seen before its deltas.
    for (const event of this.#events.toReversed()) {
      if (event.type === "content_block:end") closed.add(event.data.block_index);
      else if (event.type === "content_block:start") closed.delete(event.data.block_index);
      if (event.type === "content_block:delta" && closed.has(event.data.block_index)) {
        this.#dropped = Math.max(this.#dropped, event.seq);
      } else kept.push(event);
    }
    this.#events = kept.toReversed();
    this.#closedDeltas = 0;
  }
}

function trimmed(after: number, first: number): AmplifierError<"log_trimmed"> {
  const message = `Events after ${after} are no longer in the log; it is complete from ${first} on.`;
  return new AmplifierError("log_trimmed", message, { data: { first_seq: first } });
}
