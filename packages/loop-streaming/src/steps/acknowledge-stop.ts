/**
 * Owns telling everybody that the turn is stopping, once, as soon as the loop has seen it.
 */
import type { Turn } from "../turn/turn.ts";
import { ORCHESTRATOR } from "../orchestrator-name.ts";

/** Raises `cancel:requested` and runs the token's callbacks, bounded like everything after a stop. */
export async function acknowledgeStop(turn: Turn): Promise<void> {
  const state = turn.stop.reason?.kind === "graceful" ? "graceful" : "immediate";
  const { iteration } = turn.state;
  await turn.emit("cancel:requested", { orchestrator: ORCHESTRATOR, state, turn_count: iteration });
  const { coordinator } = turn.input;
  if (coordinator === undefined) return;
  const report = (error: unknown): void =>
    coordinator.displaySystem.showMessage(`A cancel callback failed: ${String(error)}`, "warning", ORCHESTRATOR);
  await turn.bounded(coordinator.cancellation.triggerCallbacks(report), turn.stop.signal);
}
