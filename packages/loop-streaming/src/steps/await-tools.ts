/**
 * Owns waiting for the running calls and putting their results into the conversation, in the order of the calls.
 */
import type { Turn } from "../turn/turn.ts";

/**
 * Returns without results when a stop comes that was not acknowledged yet; the step is then decided again. Persistent
 * text that hooks gave meanwhile enters the conversation behind the results, where every API takes it.
 */
export async function awaitTools(turn: Turn): Promise<void> {
  const { state, answer } = turn;
  if (answer === null) return;
  const wasAcknowledged = state.stopAcknowledged || turn.stop.reason?.kind === "timeout";
  const settled = await answer.batch.settled(wasAcknowledged ? undefined : turn.stop.signal);
  if (!settled) return;
  const calls = state.answer?.phase === "stored" ? state.answer.calls : [];
  // A context that refuses one result is still given the others: every call has to have one.
  for (const { id, name } of calls) {
    const content = turn.state.results.get(id) ?? "Error: the call has no result.";
    await turn.addMessage({ role: "tool", name, tool_call_id: id, content }).catch((error: unknown) => {
      turn.note({ type: "fact:failed", error });
    });
  }
  turn.note({ type: "fact:results_stored" });
  await turn.addInjections();
}
