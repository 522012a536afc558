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

  constructor(clock: Clock, ms: number, expire: () => void) {
    this.#clock = clock;
    this.#leftMs = ms;
    this.#expire = expire;
    this.#start();
  }

  pause(): void {
    if (this.#pauses++ > 0) return;
    this.clear();
    this.#leftMs -= this.#clock.now() - this.#startedMs;
  }

  resume(): void {
    if (--this.#pauses === 0) this.#start();
  }

  /** Ends it for good. */
  clear(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #start(): void {
    this.#startedMs = this.#clock.now();
    // Timers of the platform overflow beyond 2^31 - 1 ms (24.8 days) and would fire at once.
    this.#cancel = this.#clock.schedule(this.#expire, Math.min(Math.max(this.#leftMs, 0), 2 ** 31 - 1));
  }
}
