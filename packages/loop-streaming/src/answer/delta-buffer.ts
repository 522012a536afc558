/**
 * Owns when a delta is shown: after `bufferSize` provider deltas, after `flushIntervalMs`, or in front of any other event,
 * whichever is first; the first of a block at once. Deltas leave in the order they came. While the consumer is slow the
 * producer waits here, which pauses the provider's socket.
 */
import type { Clock, PublishingHooks } from "amplifier-core";
import { type OpenBlock, streamedType } from "./open-block.ts";

/** What a buffer needs of its turn. */
export interface DeltaBufferOptions {
  readonly hooks: PublishingHooks;
  readonly clock: Clock;
  readonly bufferSize: number;
  readonly flushIntervalMs: number;
  /** Handlers of a delta are not waited for beyond this. */
  readonly signal: AbortSignal;
  /** Waits for room, as the turn's stop and clocks allow. */
  readonly waitForRoom: (room: Promise<void>) => Promise<void>;
}

/** Holds the deltas of all open blocks of one turn. */
export class DeltaBuffer {
  readonly #options: DeltaBufferOptions;
  /** Blocks with held text, oldest first; nearly always one. */
  readonly #holding = new Set<OpenBlock>();
  #sending: Promise<void> | undefined;
  #waiting: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;
  #heldSinceMs = 0;

  constructor(options: DeltaBufferOptions) {
    this.#options = options;
  }

  /** Takes a delta. Returns a promise only when the producer has to wait. */
  push(block: OpenBlock, delta: string): Promise<void> | undefined {
    block.held += delta;
    block.heldCount++;
    if (this.#holding.size === 0) this.#heldSinceMs = -1;
    this.#holding.add(block);
    if (block.shown && block.heldCount < this.#options.bufferSize) {
      this.#armTimer();
      return this.#waiting;
    }
    return this.#flushWithRoom();
  }

  /** Shows everything held now, room or not: another event is about to be raised. */
  flush(): Promise<void> | undefined {
    for (const block of this.#holding) this.#send(block);
    this.#holding.clear();
    return this.#sending;
  }

  /** Forgets the timer; what is held stays until the next flush. */
  dispose(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #flushWithRoom(): Promise<void> | undefined {
    if (this.#waiting !== undefined) return this.#waiting;
    const room = this.#options.hooks.room();
    if (room === undefined) return this.flush();
    this.#waiting = this.#options.waitForRoom(room).then(() => {
      this.#waiting = undefined;
      return this.flush();
    });
    return this.#waiting;
  }

  #send(block: OpenBlock): void {
    const type = streamedType(block.head);
    if (type === undefined || block.heldCount === 0) return;
    const call = block.head.type === "tool_call" ? { tool_call_id: block.head.id, name: block.head.name } : {};
    const data = { block_index: block.index, block_type: type, delta: block.held, ...call };
    block.text += block.held;
    block.held = "";
    block.heldCount = 0;
    block.shown = true;
    const emit = (): unknown => this.#options.hooks.emit("content_block:delta", data, { signal: this.#options.signal });
    if (this.#sending === undefined) {
      const sent = emit();
      if (sent instanceof Promise) this.#queue(sent);
    } else this.#queue(this.#sending.then(emit));
  }

  // Handlers make an emit asynchronous; the next delta must not overtake it.
  #queue(sent: Promise<unknown>): void {
    const sending: Promise<void> = sent.then(() => {
      if (this.#sending === sending) this.#sending = undefined;
    });
    this.#sending = sending;
  }

  // One timer serves many holds: reading the clock is cheaper than arming a timer per hold.
  #armTimer(): void {
    const { clock, flushIntervalMs } = this.#options;
    if (this.#heldSinceMs === -1) this.#heldSinceMs = clock.now();
    if (this.#cancelTimer !== undefined) return;
    this.#cancelTimer = clock.schedule(() => this.#onTimer(), flushIntervalMs);
  }

  #onTimer(): void {
    this.#cancelTimer = undefined;
    if (this.#holding.size === 0) return;
    const { clock, flushIntervalMs } = this.#options;
    const leftMs = this.#heldSinceMs + flushIntervalMs - clock.now();
    if (leftMs > 0) this.#cancelTimer = clock.schedule(() => this.#onTimer(), leftMs);
    else void this.#flushWithRoom();
  }
}
