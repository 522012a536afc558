/**
 * Owns the closing events of a turn, the same on every way out.
 */
import { errorInfo, NO_USAGE } from "amplifier-core";
import { ORCHESTRATOR } from "../orchestrator-name.ts";
import type { FinishStep, Outcome } from "../turn/outcome.ts";
import type { Turn } from "../turn/turn.ts";

/**
 * Hands back steers that wait, raises `cancel:completed` (if one was requested), `execution:end` and `orchestrator:complete`, and commits the log.
 * Resolves with the turn's text, or rejects with its failure; a log that refuses the last events is one only when there
 * was none before.
 */
export async function finishTurn(
  turn: Turn,
  { step, outcome }: { readonly step: FinishStep; readonly outcome: Outcome },
): Promise<string> {
  const { state, stop } = turn;
  await returnSteers(turn);
  if (state.stopAcknowledged) {
    const wasImmediate = stop.reason?.kind !== "graceful";
    const data = { orchestrator: ORCHESTRATOR, was_immediate: wasImmediate, turn_count: state.iteration };
    await turn.emit("cancel:completed", data);
  }
  const { status, limit } = step;
  await turn.emit("execution:end", {
    response: outcome.response,
    status,
    usage: state.usage,
    ...(state.estimatedUsage === NO_USAGE ? {} : { estimated_usage: state.estimatedUsage }),
    finish_reason: state.answer?.finishReason ?? null,
    ...(limit === undefined ? {} : { limit }),
    ...(outcome.error === undefined ? {} : { error: errorInfo(outcome.error) }),
  });
  await turn.emit("orchestrator:complete", {
    orchestrator: ORCHESTRATOR,
    turn_count: state.iteration,
    status,
    ...(state.continued ? { continued: true } : {}),
  });
  const refused = await turn.bounded(turn.hooks.commit(), stop.signal).then(
    () => null,
    (error: unknown) => ({ error }),
  );
  const failure = outcome.failure ?? refused;
  if (failure !== null) throw failure.error;
  return outcome.response;
}

// What the person said and the turn could not take is theirs again.
async function returnSteers(turn: Turn): Promise<void> {
  for (const { id, content, mode } of turn.steering.close()) {
    const data = { orchestrator: ORCHESTRATOR, id, content, mode, reason: "turn_ended" as const };
    await turn.emit("orchestrator:steering_returned", data);
  }
}
