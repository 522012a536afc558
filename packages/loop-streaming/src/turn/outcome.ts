/**
 * Owns what a turn comes to for its caller: a text, or an error. It is settled when the turn begins to close, so that the
 * closing events and the caller are told the same.
 */
import { AmplifierError } from "amplifier-core";
import type { Step } from "./decide.ts";
import type { StopReason, TurnState } from "./turn-state.ts";

/** The last step of every turn. */
export type FinishStep = Extract<Step, { kind: "finish_turn" }>;

/** What the caller gets. */
export interface Outcome {
  readonly response: string;
  /** What is thrown instead of returning the response. */
  readonly failure: { readonly error: unknown } | null;
  /** What `execution:end` says about it: also a time limit, which is no failure of anybody. */
  readonly error: unknown;
}

/** The outcome of a turn that ends with `step`. */
export function outcomeOf(state: TurnState, { status }: FinishStep): Outcome {
  const response = status === "denied" ? `Operation denied: ${state.denied}` : (state.answer?.text ?? "");
  const failure = state.failure ?? stopFailure(state.stop, status);
  const isCallers = state.stop?.kind === "caller" && status === "cancelled";
  return { response, failure, error: isCallers ? undefined : failure?.error };
}

// A cancelled turn is no error: whoever cancelled it keeps what came. An aborted signal and a time limit are.
function stopFailure(stop: StopReason | null, status: FinishStep["status"]): { readonly error: unknown } | null {
  if (status === "cancelled" && stop?.kind === "caller") return { error: stop.error };
  if (status === "timeout" && stop?.kind === "timeout") return { error: timedOut(stop) };
  return null;
}

function timedOut(stop: Extract<StopReason, { kind: "timeout" }>): AmplifierError<"turn_timeout"> {
  const { limit, seconds, hooks } = stop;
  const waited = hooks.map(({ hook, event }) => ` Hook "${hook}" had not answered "${event}".`).join("");
  const message =
    `The turn was stopped by its limit "${limit}" of ${seconds} s; ` +
    `raise "${limit}" in the config of loop-streaming to allow more.${waited}`;
  return new AmplifierError("turn_timeout", message, {
    data: { limit, seconds, ...(hooks.length === 0 ? {} : { hooks }) },
  });
}
