/**
 * Owns the pause between two calls of the model, where the config wants one.
 */
import type { Turn } from "../turn/turn.ts";

/** Waits until the next call may be made; false when `signal` was aborted first. */
export async function keepPace(turn: Turn, signal: AbortSignal): Promise<boolean> {
  const { lastCallEndMs, config, state } = turn;
  const configuredMs = config.minDelayBetweenCallsMs;
  if (signal.aborted) return false;
  if (lastCallEndMs === null) return true;
  const elapsedMs = turn.clock.now() - lastCallEndMs;
  const delayMs = configuredMs - elapsedMs;
  if (delayMs <= 0) return true;
  await turn.emit("orchestrator:rate_limit_delay", {
    delay_ms: delayMs,
    configured_ms: configuredMs,
    elapsed_ms: elapsedMs,
    iteration: state.iteration,
  });
  return turn.wait(delayMs, signal);
}
