/**
 * Owns time as an argument: everything that waits or stamps takes a `Clock`, so that tests can move it by hand.
 */

/** Milliseconds since the epoch, and timers that run once. */
export interface Clock {
  now(): number;
  /** Calls `run` once after `ms` milliseconds; returns the function that prevents it. */
  schedule(run: () => void, ms: number): () => void;
}

/** The real clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  schedule: (run, ms) => {
    let timer: ReturnType<typeof setTimeout>;
    const wait = (leftMs: number): void => {
      // A longer timer of the platform would overflow and fire at once.
      const isLast = leftMs <= LONGEST_TIMER_MS;
      timer = setTimeout(() => (isLast ? run() : wait(leftMs - LONGEST_TIMER_MS)), Math.min(leftMs, LONGEST_TIMER_MS));
    };
    wait(ms);
    return () => clearTimeout(timer);
  },
};

/** 24.8 days. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;
