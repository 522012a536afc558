/**
 * Owns the time that the limits of a turn are measured in: it stands still while a person is asked or the consumer has no
 * room. Waits that are no limits (back-off, pacing, the buffer) use the real clock.
 */
import type { Clock } from "amplifier-core";

interface Timer {
  readonly dueMs: number;
  readonly run: () => void;
  cancel: (() => void) | undefined;
}

/** A clock that can be stopped, and stopped again, and goes on when every stop is over. */
export class TurnClock implements Clock {
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();
  #pauses = 0;
  #pausedAtMs = 0;
  /** How long it has stood still in all. */
  #lostMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return (this.#pauses > 0 ? this.#pausedAtMs : this.#clock.now()) - this.#lostMs;
  }

  schedule(run: () => void, ms: number): () => void {
    const timer: Timer = { dueMs: this.now() + ms, run, cancel: undefined };
    this.#timers.add(timer);
    if (this.#pauses === 0) this.#start(timer);
    return () => this.#remove(timer);
  }

  pause(): void {
    if (this.#pauses++ > 0) return;
    this.#pausedAtMs = this.#clock.now();
    for (const timer of this.#timers) timer.cancel?.();
  }

  resume(): void {
    if (--this.#pauses > 0) return;
    this.#lostMs += this.#clock.now() - this.#pausedAtMs;
    for (const timer of this.#timers) this.#start(timer);
  }

  /** Forgets every timer. */
  dispose(): void {
    for (const timer of this.#timers) this.#remove(timer);
  }

  #start(timer: Timer): void {
    const run = (): void => {
      this.#timers.delete(timer);
      timer.run();
    };
    timer.cancel = this.#clock.schedule(run, Math.max(timer.dueMs - this.now(), 0));
  }

  #remove(timer: Timer): void {
    this.#timers.delete(timer);
    timer.cancel?.();
  }
}
