/**
 * Owns what comes next in a turn: pure, read from top to bottom, the first line that fits wins.
 */
import type { FinishReason, TurnStatus } from "amplifier-core";
import type { LoopConfig } from "../config.ts";
import { type Recovery, recoveryOf } from "./recovery.ts";
import { type Broken, isOver, type NextCall, type TurnState } from "./turn-state.ts";

/** What a model call is. `wrap_up`: the last one, without tools. */
export type CallKind = "iteration" | "wrap_up" | NextCall;

/** What the loop does next. */
export type Step =
  | { readonly kind: "start_turn" | "store_answer" | "acknowledge_stop" | "await_tools" }
  | { readonly kind: "recover"; readonly broken: Broken; readonly recovery: Recovery }
  | { readonly kind: "inject_steers"; readonly all: boolean }
  | { readonly kind: "call_model"; readonly call: CallKind }
  | { readonly kind: "finish_turn"; readonly status: TurnStatus; readonly limit?: string };

/** The limits that decisions hang on. */
export type DecisionLimits = Pick<LoopConfig, "maxTurns" | "maxContinuations" | "retry">;

/** The next step. */
export function decide(state: TurnState, limits: DecisionLimits): Step {
  if (!state.started) return { kind: "start_turn" };
  const unfinished = stepOfAnswer(state, limits);
  if (unfinished !== null) return unfinished;
  if (mustAcknowledge(state)) return { kind: "acknowledge_stop" };
  if (state.answer !== null && !state.answer.resultsStored) return { kind: "await_tools" };
  const ending = endOf(state);
  const steers = steersDue(state, ending !== null);
  if (steers !== null) return { kind: "inject_steers", all: steers === "all" };
  if (ending !== null) return { kind: "finish_turn", ...ending };
  const isLast = limits.maxTurns !== -1 && state.iteration >= limits.maxTurns;
  return { kind: "call_model", call: isLast ? "wrap_up" : "iteration" };
}

/** What the iteration's answer still needs before it is in the conversation; null when it needs nothing. */
function stepOfAnswer(state: TurnState, limits: DecisionLimits): Step | null {
  const { broken, answer, nextCall } = state;
  if (broken !== null) return { kind: "recover", broken, recovery: recoveryOf(state, broken, limits) };
  if (nextCall !== null && !isOver(state)) return { kind: "call_model", call: nextCall };
  if (answer?.phase !== "open") return null;
  return isToContinue(state, limits) ? { kind: "call_model", call: "continuation" } : { kind: "store_answer" };
}

/** The output limit cut an answer that is all text. */
function isToContinue(state: TurnState, { maxContinuations }: DecisionLimits): boolean {
  const { answer, continuations } = state;
  if (answer === null || isOver(state) || continuations >= maxContinuations) return false;
  return answer.finishReason === "length" && answer.mayContinue && answer.calls.length === 0;
}

function mustAcknowledge({ stop, stopAcknowledged }: TurnState): boolean {
  return stop !== null && stop.kind !== "timeout" && !stopAcknowledged;
}

/** Which steers enter now, or null. Behind the wrap-up nothing can be answered any more. */
function steersDue(state: TurnState, isEnding: boolean): "next" | "all" | null {
  const { next, after } = state.steers;
  if (isOver(state) || state.wrappedUp || state.iteration === 0) return null;
  if (isEnding) return next + after > 0 ? "all" : null;
  return next > 0 ? "next" : null;
}

/** How the turn ends now, or null when it goes on. */
function endOf(state: TurnState): { readonly status: TurnStatus; readonly limit?: string } | null {
  const over = endOfOver(state);
  if (over !== null) return over;
  if (state.wrappedUp) return { status: "incomplete", limit: "max_turns" };
  if (state.answer === null || state.answer.calls.length > 0) return null;
  // Whoever steered it away from its answer wants another one; a provider that pauses asks to be called again.
  if (state.answer.finishReason === null || state.answer.finishReason === "pause") return null;
  const limit = CUT_BY[state.answer.finishReason];
  return limit === undefined ? { status: "success" } : { status: "incomplete", limit };
}

function endOfOver({
  failure,
  denied,
  stop,
}: TurnState): { readonly status: TurnStatus; readonly limit?: string } | null {
  if (failure !== null)
    return failure.limit === undefined ? { status: "error" } : { status: "timeout", limit: failure.limit };
  if (denied !== null) return { status: "denied" };
  if (stop === null) return null;
  return stop.kind === "timeout" ? { status: "timeout", limit: stop.limit } : { status: "cancelled" };
}

/** What cut an answer that its provider calls finished: it must not pass for a whole one. */
const CUT_BY: { readonly [K in FinishReason]?: string } = {
  length: "max_output_tokens",
  content_filter: "content_filter",
  refusal: "refusal",
};
