/**
 * Owns the closing events of a turn, the same on every way out.
 */
import { errorInfo } from "amplifier-core";
import { ORCHESTRATOR } from "../orchestrator-name.ts";
import { responseOf, timedOut } from "../run-turn.ts";
import type { Step } from "../turn/decide.ts";
import type { Turn } from "../turn/turn.ts";

/** Raises `cancel:completed` (if one was requested), `execution:end` and `orchestrator:complete`, and commits the log. */
export async function finishTurn(turn: Turn, end: Extract<Step, { kind: "finish_turn" }>): Promise<void> {
  const { state, stop } = turn;
  if (state.stopAcknowledged) {
    const wasImmediate = stop.reason?.kind !== "graceful";
    const data = { orchestrator: ORCHESTRATOR, was_immediate: wasImmediate, turn_count: state.iteration };
    await turn.emit("cancel:completed", data);
  }
  const failure = state.failure ?? (state.stop?.kind === "timeout" ? { error: timedOut(state.stop) } : null);
  await turn.emit("execution:end", {
    response: responseOf(turn),
    status: end.status,
    usage: state.usage,
    finish_reason: state.answer?.finishReason ?? null,
    ...(end.limit === undefined ? {} : { limit: end.limit }),
    ...(failure === null ? {} : { error: errorInfo(failure.error) }),
  });
  const data = { orchestrator: ORCHESTRATOR, turn_count: state.iteration, status: end.status };
  await turn.emit("orchestrator:complete", data);
  await turn.bounded(turn.hooks.commit(), stop.signal);
}
