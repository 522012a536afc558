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
  /** Waits before each flush, to slow the text down on purpose; undefined for no wait. */
  readonly delay: (() => Promise<void>) | undefined;
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
    if (holding.length === 1) return this.#flushOne(holding[0] as OpenBlock);
    let kept = 0;
    for (let n = 0; n < holding.length; n++) {
      const block = holding[n] as OpenBlock;
      this.#send(block);
      if (block.held !== "") holding[kept++] = block;
    }
    holding.length = kept;
    return this.#sending;
  }

  // Nearly always; emptying an array by its length costs more than the rest of this.
  #flushOne(block: OpenBlock): Promise<void> | undefined {
    this.#send(block);
    if (block.held === "") this.#holding.pop();
    return this.#sending;
  }

  /** Shows what is held; `block` is over, and half a character at its end is shown or dropped. */
  end(block: OpenBlock, half: "show" | "drop"): Promise<void> | undefined {
    void this.flush();
    if (half === "show" && block.held !== "") this.#show(block, block.held);
    const at = this.#holding.indexOf(block);
    if (at !== -1) this.#holding.splice(at, 1);
    return this.#sending;
  }

  /** Forgets the timer; what is held stays until the next flush. */
  dispose(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  #flushWithRoom(): Promise<void> | undefined {
    if (this.#waiting !== undefined) return this.#waiting;
    const { hooks, delay } = this.#options;
    const room = hooks.room();
    if (room !== undefined) return this.#flushAfter(room);
    return delay === undefined ? this.flush() : this.#flushAfter(delay());
  }

  #flushAfter(room: Promise<void>): Promise<void> {
    this.#waiting = this.#options.waitForRoom(room).then(() => {
      this.#waiting = undefined;
      return this.flush();
    });
    return this.#waiting;
  }

  // A consumer never sees half a character: the first half of a pair waits for the second.
  #send(block: OpenBlock): void {
    const { held } = block;
    const last = held.charCodeAt(held.length - 1);
    if (last < 0xd800 || last > 0xdbff) this.#show(block, held);
    else if (held.length > 1) this.#show(block, held.slice(0, -1), held.slice(-1));
  }

  #show(block: OpenBlock, text: string, kept = ""): void {
    const data = deltaOf(block, text);
    block.text += text;
    block.held = kept;
    block.heldCount = kept.length;
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

function deltaOf({ head, index }: OpenBlock, text: string): EventMap["content_block:delta"] {
  const delta = { block_index: index, block_type: head.type as StreamedBlockType, delta: text };
  return Object.freeze(head.type === "tool_call" ? { ...delta, tool_call_id: head.id, name: head.name } : delta);
}
