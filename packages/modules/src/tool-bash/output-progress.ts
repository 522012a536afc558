/**
 * Owns what a watcher sees of a command's output while it runs: the newest of it, at most ten times a second. The first
 * output is shown at once. It may leave out what came between two looks; the result has the whole.
 */
import type { Clock } from "amplifier-core";

/** Shortest time between two looks, in milliseconds. */
export const PROGRESS_INTERVAL_MS = 100;
/** Most of one look, in bytes. */
export const PROGRESS_BYTES = 4096;

/** Throttles an output to looks of `{ output }`. */
export class OutputProgress {
  readonly #show: (value: { readonly output: string }) => void;
  readonly #clock: Clock;
  readonly #decoder = new TextDecoder();
  #pending = Buffer.alloc(0);
  #cancelTimer: (() => void) | undefined;

  constructor(show: (value: { readonly output: string }) => void, clock: Clock) {
    this.#show = show;
    this.#clock = clock;
  }

  /** Takes the next piece of output. */
  push(piece: Buffer): void {
    this.#pending = Buffer.concat([this.#pending, piece.subarray(-PROGRESS_BYTES)]).subarray(-PROGRESS_BYTES);
    if (this.#cancelTimer === undefined) this.#look();
  }

  /** Shows what is left, once. */
  finish(): void {
    this.#cancelTimer?.();
    this.#flush();
  }

  #look(): void {
    this.#flush();
    this.#cancelTimer = this.#clock.schedule(() => {
      this.#cancelTimer = undefined;
      if (this.#pending.length > 0) this.#look();
    }, PROGRESS_INTERVAL_MS);
  }

  #flush(): void {
    const output = this.#decoder.decode(this.#pending, { stream: true });
    this.#pending = Buffer.alloc(0);
    if (output !== "") this.#show({ output });
  }
}
