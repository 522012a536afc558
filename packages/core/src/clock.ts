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
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};
