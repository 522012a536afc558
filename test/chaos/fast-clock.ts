/**
 * Owns time that runs faster than it is: over real sockets nobody can move a clock by hand, and nobody wants to wait.
 */
import { type Clock, systemClock } from "amplifier-core";

/** The system's clock, `times` as fast from now on. */
export function fastClock(times: number): Clock {
  const startMs = systemClock.now();
  return {
    now: () => startMs + (systemClock.now() - startMs) * times,
    schedule: (run, ms) => systemClock.schedule(run, ms / times),
  };
}
