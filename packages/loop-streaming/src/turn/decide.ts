/**
 * Owns what comes next in a turn: pure, read from top to bottom, the first line that fits wins.
 */
import type { TurnStatus } from "amplifier-core";
import type { TurnState } from "./turn-state.ts";

/** What the loop does next. */
export type Step =
  | { readonly kind: "start_turn" }
  | { readonly kind: "acknowledge_stop" }
  | { readonly kind: "await_tools" }
  | { readonly kind: "call_model"; readonly wrapUp: boolean }
  | { readonly kind: "finish_turn"; readonly status: TurnStatus; readonly limit?: string }
  | { readonly kind: "end" };

/** The next step. `maxTurns` is the number of model calls allowed; -1 for no limit. */
export function decide(state: TurnState, maxTurns: number): Step {
  if (state.finished) return { kind: "end" };
  if (!state.started) return { kind: "start_turn" };
  if (state.stop !== null && state.stop.kind !== "timeout" && !state.stopAcknowledged) return { kind: "acknowledge_stop" };
  if (state.answer !== null && !state.answer.resultsStored) return { kind: "await_tools" };
  if (state.failure !== null) return { kind: "finish_turn", status: "error" };
  if (state.stop?.kind === "timeout") return { kind: "finish_turn", status: "timeout", limit: state.stop.limit };
  if (state.stop !== null) return { kind: "finish_turn", status: "cancelled" };
  if (state.denied !== null) return { kind: "finish_turn", status: "denied" };
  if (state.wrappedUp) return { kind: "finish_turn", status: "incomplete", limit: "max_turns" };
  if (state.answer === null) return { kind: "call_model", wrapUp: false };
  if (state.answer.calls.length === 0) return finishOf(state.answer.finishReason === "length");
  return { kind: "call_model", wrapUp: maxTurns !== -1 && state.iteration >= maxTurns };
}

function finishOf(cutByOutputLimit: boolean): Step {
  if (!cutByOutputLimit) return { kind: "finish_turn", status: "success" };
  return { kind: "finish_turn", status: "incomplete", limit: "max_output_tokens" };
}
