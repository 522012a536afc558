/**
 * Owns when a delta is shown: after `bufferSize` provider deltas, after `flushIntervalMs`, or in front of any other event,
 * whichever is first; the first of a block at once. Deltas leave in the order they came. While the consumer is slow the
 * producer waits here, which pauses the provider's socket.
 */
import type { Clock, EventMap, PublishingHooks, StreamedBlockType } from "amplifier-core";
import type { OpenBlock } from "./open-block.ts";

/** What a buffer needs of its turn. */
export interface DeltaBufferOptions {
  readonly hooks: PublishingHooks;
  readonly clock: Clock;
  readonly bufferSize: number;
  readonly flushIntervalMs: number;
  /** Handlers of a delta are not waited for beyond this. */
  readonly signal: AbortSignal;
  /** Whose deltas these are. */
  readonly turnId: string;
  /** Waits for room, as the turn's stop and clocks allow. */
  readonly waitForRoom: (room: Promise<void>) => Promise<void>;
}

/** Holds the deltas of all open blocks of one turn. */
export class DeltaBuffer {
  readonly #options: DeltaBufferOptions;
  readonly #bufferSize: number;
  readonly #emitOptions: { readonly signal: AbortSignal; readonly turnId: string };
  /** Blocks with held text, oldest first; nearly always one. */
  readonly #holding: OpenBlock[] = [];
  #sending: Promise<void> | undefined;
  #waiting: Promise<void> | undefined;
  #cancelTimer: (() => void) | undefined;
  #heldSinceMs = 0;

  constructor(options: DeltaBufferOptions) {
    this.#options = options;
    this.#bufferSize = options.bufferSize;
    this.#emitOptions = { signal: options.signal, turnId: options.turnId };
  }

  /** Takes a delta. Returns a promise only when the producer has to wait. */
  push(block: OpenBlock, delta: string): Promise<void> | undefined {
    block.held += delta;
    if (block.heldCount++ === 0) this.#hold(block);
    return block.shown && block.heldCount < this.#bufferSize ? this.#waiting : this.#flushWithRoom();
  }

  /** Shows everything held now, room or not: another event is about to be raised. */
  flush(): Promise<void> | undefined {
    const holding = this.#holding;
    for (let n = 0; n < holding.length; n++) this.#send(holding[n] as OpenBlock);
    holding.length = 0;
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
    return room === undefined ? this.flush() : this.#flushAfter(room);
  }

  #flushAfter(room: Promise<void>): Promise<void> {
    this.#waiting = this.#options.waitForRoom(room).then(() => {
      this.#waiting = undefined;
      return this.flush();
    });
    return this.#waiting;
  }

  #send(block: OpenBlock): void {
    const data = deltaOf(block);
    block.text += block.held;
    block.held = "";
    block.heldCount = 0;
    block.shown = true;
    if (this.#sending !== undefined) {
      this.#queue(this.#sending.then(() => this.#emit(data)));
      return;
    }
    const sent = this.#emit(data);
    if (sent instanceof Promise) this.#queue(sent);
  }

  #emit(data: EventMap["content_block:delta"]): unknown {
    return this.#options.hooks.emit("content_block:delta", data, this.#emitOptions);
  }

  // Handlers make an emit asynchronous; the next delta must not overtake it.
  #queue(sent: Promise<unknown>): void {
    const sending: Promise<void> = sent.then(() => {
      if (this.#sending === sending) this.#sending = undefined;
    });
    this.#sending = sending;
  }

  // One timer serves many holds: reading the clock is cheaper than arming a timer per hold.
  #hold(block: OpenBlock): void {
    const { clock, flushIntervalMs } = this.#options;
    if (this.#holding.length === 0) this.#heldSinceMs = clock.now();
    this.#holding.push(block);
    this.#cancelTimer ??= clock.schedule(this.#onTimer, flushIntervalMs);
  }

  readonly #onTimer = (): void => {
    this.#cancelTimer = undefined;
    if (this.#holding.length === 0) return;
    const { clock, flushIntervalMs } = this.#options;
    const leftMs = this.#heldSinceMs + flushIntervalMs - clock.now();
    if (leftMs > 0) this.#cancelTimer = clock.schedule(this.#onTimer, leftMs);
    else void this.#flushWithRoom();
  };
}

function deltaOf({ head, index, held }: OpenBlock): EventMap["content_block:delta"] {
  const delta = { block_index: index, block_type: head.type as StreamedBlockType, delta: held };
  return Object.freeze(head.type === "tool_call" ? { ...delta, tool_call_id: head.id, name: head.name } : delta);
}
