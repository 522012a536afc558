/**
 * Owns what comes next in a turn: pure, read from top to bottom, the first line that fits wins.
 */
import type { FinishReason, TurnStatus } from "amplifier-core";
import type { TurnState } from "./turn-state.ts";

/** What the loop does next. */
export type Step =
  | { readonly kind: "start_turn" }
  | { readonly kind: "acknowledge_stop" }
  | { readonly kind: "await_tools" }
  | { readonly kind: "call_model"; readonly wrapUp: boolean }
  | { readonly kind: "finish_turn"; readonly status: TurnStatus; readonly limit?: string };

/** The next step. `maxTurns` is the number of model calls allowed; -1 for no limit. */
export function decide(state: TurnState, maxTurns: number): Step {
  if (!state.started) return { kind: "start_turn" };
  if (mustAcknowledge(state)) return { kind: "acknowledge_stop" };
  if (state.answer !== null && !state.answer.resultsStored) return { kind: "await_tools" };
  const ending = endOf(state);
  if (ending !== null) return { kind: "finish_turn", ...ending };
  if (state.answer === null) return { kind: "call_model", wrapUp: false };
  return { kind: "call_model", wrapUp: maxTurns !== -1 && state.iteration >= maxTurns };
}

function mustAcknowledge({ stop, stopAcknowledged }: TurnState): boolean {
  return stop !== null && stop.kind !== "timeout" && !stopAcknowledged;
}

/** How the turn ends now, or null when it goes on. */
function endOf(state: TurnState): { readonly status: TurnStatus; readonly limit?: string } | null {
  if (state.failure !== null) return { status: "error" };
  if (state.denied !== null) return { status: "denied" };
  if (state.stop?.kind === "timeout") return { status: "timeout", limit: state.stop.limit };
  if (state.stop !== null) return { status: "cancelled" };
  if (state.wrappedUp) return { status: "incomplete", limit: "max_turns" };
  if (state.answer === null || state.answer.calls.length > 0) return null;
  // The provider asks to be called again with what it has said so far.
  if (state.answer.finishReason === "pause") return null;
  const limit = CUT_BY[state.answer.finishReason ?? "stop"];
  return limit === undefined ? { status: "success" } : { status: "incomplete", limit };
}

/** What cut an answer that its provider calls finished: it must not pass for a whole one. */
const CUT_BY: { readonly [K in FinishReason]?: string } = {
  length: "max_output_tokens",
  content_filter: "content_filter",
  refusal: "refusal",
};
