/**
 * Owns a time limit that stands still while somebody else is to blame: a person who thinks, a consumer that is slow.
 */
import type { Clock } from "amplifier-core";

/** Calls `expire` once after `ms` milliseconds of running time. Pauses may overlap; it runs when none is left. */
export class PausableTimer {
  readonly #clock: Clock;
  readonly #expire: () => void;
  #leftMs: number;
  #startedMs = 0;
  #pauses = 0;
  #cancel: (() => void) | undefined;
  #isOver = false;

  constructor(clock: Clock, ms: number, expire: () => void) {
    this.#clock = clock;
    this.#leftMs = ms;
    this.#expire = expire;
    this.#start();
  }

  pause(): void {
    if (this.#pauses++ > 0) return;
    this.#stop();
    this.#leftMs -= this.#clock.now() - this.#startedMs;
  }

  resume(): void {
    if (--this.#pauses === 0) this.#start();
  }

  /** Ends it for good: a pause that ends later does not begin it again. */
  clear(): void {
    this.#isOver = true;
    this.#stop();
  }

  #stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #start(): void {
    if (this.#isOver) return;
    this.#startedMs = this.#clock.now();
    this.#cancel = this.#clock.schedule(this.#expire, Math.max(this.#leftMs, 0));
  }
}
