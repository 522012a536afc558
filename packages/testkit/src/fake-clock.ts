/**
 * Owns time in tests: a `Clock` that moves only when it is told to. Timers run in order of their time, ties in order of
 * scheduling, and everything a timer sets off has run before the next one does.
 */
import type { Clock } from "amplifier-core";
import { drainMicrotasks } from "./drain-microtasks.ts";

/** Where a `FakeClock` starts unless told otherwise: 2026-01-01T00:00:00.000Z. */
export const FAKE_CLOCK_START_MS = Date.UTC(2026, 0, 1);

/** A timer that has not run yet. Both are milliseconds: when it is due, and how long it was asked to wait. */
export interface PendingTimer {
  readonly dueMs: number;
  readonly waitMs: number;
}

interface Timer extends PendingTimer {
  readonly run: () => void;
}

/** A clock moved by hand. */
export class FakeClock implements Clock {
  #nowMs: number;
  #timers: readonly Timer[] = [];

  constructor(startMs: number = FAKE_CLOCK_START_MS) {
    this.#nowMs = startMs;
  }

  now(): number {
    return this.#nowMs;
  }

  /** @throws RangeError for a wait that is no number: a real timer would fire at once and hide the mistake. */
  schedule(run: () => void, ms: number): () => void {
    if (!Number.isFinite(ms)) throw new RangeError(`A timer was scheduled with ${ms} ms; give a finite number.`);
    const timer: Timer = { dueMs: this.#nowMs + Math.max(ms, 0), waitMs: ms, run };
    this.#timers = [...this.#timers, timer].toSorted((a, b) => a.dueMs - b.dueMs);
    return () => this.#remove(timer);
  }

  /** The timers that have neither run nor been cancelled, the next one first. */
  get pending(): readonly PendingTimer[] {
    return this.#timers.map(({ dueMs, waitMs }) => ({ dueMs, waitMs }));
  }

  /** Moves time by `ms`. Every timer due by then runs at its own time; promises settle before, between and after. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await drainMicrotasks();
    for (let timer = this.#due(untilMs); timer; timer = this.#due(untilMs)) {
      this.#nowMs = timer.dueMs;
      this.#remove(timer);
      timer.run();
      await drainMicrotasks();
    }
    this.#nowMs = untilMs;
  }

  /** @throws Error naming every timer left: whoever scheduled it did not clean up. */
  assertIdle(): void {
    if (this.#timers.length === 0) return;
    const list = this.#timers.map(({ dueMs, waitMs }) => `${waitMs} ms (due in ${dueMs - this.#nowMs} ms)`).join(", ");
    throw new Error(`Timers were left pending: ${list}.`);
  }

  #due(untilMs: number): Timer | undefined {
    const [next] = this.#timers;
    return next !== undefined && next.dueMs <= untilMs ? next : undefined;
  }

  #remove(timer: Timer): void {
    this.#timers = this.#timers.filter((other) => other !== timer);
  }
}
