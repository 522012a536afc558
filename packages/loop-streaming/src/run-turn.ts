/**
 * Owns the loop: decide, perform, again, until the turn has ended. What is decided is `decide`'s, what a step does is its
 * own file's; here is only that every way out goes through the closing events and that the caller gets the first error.
 */
import { AmplifierError } from "amplifier-core";
import { perform } from "./perform.ts";
import { decide, type Step } from "./turn/decide.ts";
import type { Turn } from "./turn/turn.ts";
import type { StopReason } from "./turn/turn-state.ts";

/**
 * Runs a turn to its end and resolves with the text of its last answer.
 * Rejects, after the closing events, with the first error of the turn: the provider's own, the caller's abort reason, or
 * AmplifierError `turn_timeout`, `no_provider`, `log_append_failed`.
 */
export async function runTurn(turn: Turn): Promise<string> {
  try {
    for (let step = next(turn); step.kind !== "end"; step = next(turn)) {
      await perform(step, turn).catch((error: unknown) => fail(turn, step, error));
    }
  } finally {
    turn.dispose();
  }
  const { failure, stop } = turn.state;
  if (failure !== null) throw failure.error;
  if (stop !== null) throwUnlessCancelled(stop);
  return responseOf(turn);
}

function next(turn: Turn): Step {
  return decide(turn.state, turn.config.maxTurns);
}

// A broken closing step would be decided again for ever: its failure ends the loop.
function fail(turn: Turn, step: Step, error: unknown): void {
  if (step.kind === "finish_turn") throw error;
  turn.note({ type: "fact:failed", error });
}

/** What the turn says: the last answer's text so far, or that it was denied. */
export function responseOf({ state }: Turn): string {
  if (state.denied !== null) return `Operation denied: ${state.denied}`;
  return state.answer?.text ?? "";
}

// A cancelled turn is no error: whoever cancelled it keeps what came. An aborted signal and a time limit are.
function throwUnlessCancelled(stop: StopReason): void {
  if (stop.kind === "caller") throw stop.error;
  if (stop.kind === "timeout") throw timedOut(stop);
}

/** The error of a turn that a time limit ended. */
export function timedOut(stop: Extract<StopReason, { kind: "timeout" }>): AmplifierError<"turn_timeout"> {
  const message =
    `The turn was stopped by its limit "${stop.limit}" of ${stop.seconds} s; ` +
    `raise "${stop.limit}" in the config of loop-streaming to allow more.`;
  return new AmplifierError("turn_timeout", message, { data: { limit: stop.limit, seconds: stop.seconds } });
}
