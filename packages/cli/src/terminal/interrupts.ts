/**
 * Owns counting Ctrl-C. Where the key comes from does not matter: SIGINT, or the byte 0x03 of a terminal in raw mode,
 * which sends no signal. Whoever is in charge takes over with `handle`; the count starts anew with each.
 */
import type { Clock } from "amplifier-core";

/** Two signals within this time are one key press: some versions of npm pass it on a second time. */
const SAME_PRESS_MS = 100;

/** Called with 1 for the first Ctrl-C since it took over, 2 for the second, and so on. */
export type InterruptHandler = (count: number) => void;

/** The one place that every Ctrl-C goes through. */
export class Interrupts {
  readonly #clock: Clock;
  readonly #handlers: { readonly handler: InterruptHandler; count: number }[] = [];
  #lastSignal = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Puts `handler` in charge, until the returned function is called; then the one before is again. */
  handle(handler: InterruptHandler): () => void {
    const entry = { handler, count: 0 };
    this.#handlers.push(entry);
    return () => {
      const index = this.#handlers.indexOf(entry);
      if (index >= 0) this.#handlers.splice(index, 1);
    };
  }

  /** SIGINT came. */
  signal(): void {
    const now = this.#clock.now();
    if (now - this.#lastSignal < SAME_PRESS_MS) return;
    this.#lastSignal = now;
    this.press();
  }

  /** The key Ctrl-C came, from a terminal in raw mode. */
  press(): void {
    const entry = this.#handlers.at(-1);
    if (entry === undefined) return;
    entry.count += 1;
    entry.handler(entry.count);
  }
}
