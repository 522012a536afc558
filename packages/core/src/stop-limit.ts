/**
 * Owns how long a session waits for handlers of its own events around a turn: for a given time, and for less once
 * something stops the turn. It leaves no listener and no timer behind once it is cleared.
 */
import type { Clock } from "./clock.ts";

/** A wait that a stop bounds. `clear` it when it is over. */
export interface StopLimit {
  readonly signal: AbortSignal;
  readonly clear: () => void;
}

/** Is never aborted. */
export const NEVER: AbortSignal = new AbortController().signal;

/** Its signal is aborted `ms` milliseconds from now. */
export function timeLimit(clock: Clock, ms: number): StopLimit {
  const limit = new AbortController();
  const clear = clock.schedule(() => limit.abort(), ms);
  return { signal: limit.signal, clear };
}

/**
 * Its signal is aborted `afterMs` milliseconds after the first of `stops`, or after now when one is aborted already, and
 * after `maxMs` in any case.
 */
export function stopLimit(
  stops: readonly (AbortSignal | undefined)[],
  { clock, afterMs, maxMs }: { readonly clock: Clock; readonly afterMs: number; readonly maxMs: number },
): StopLimit {
  const limit = new AbortController();
  const cancelMax = clock.schedule(() => limit.abort(), maxMs);
  let cancelTimer: (() => void) | undefined;
  const onStop = (): void => {
    if (afterMs <= 0) limit.abort();
    else cancelTimer ??= clock.schedule(() => limit.abort(), afterMs);
  };
  for (const stop of stops) {
    if (stop?.aborted) onStop();
    else stop?.addEventListener("abort", onStop, { once: true });
  }
  const clear = (): void => {
    cancelMax();
    cancelTimer?.();
    for (const stop of stops) stop?.removeEventListener("abort", onStop);
  };
  return { signal: limit.signal, clear };
}
