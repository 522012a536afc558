/**
 * The table of the loop: what comes next in each state of a turn.
 */
import { expect, test } from "vitest";
import { decide, type Step } from "./decide.ts";
import { type AnswerState, NEW_TURN, type TurnState } from "./turn-state.ts";

const calls = [{ id: "c1", name: "clock" }];
const done: AnswerState = { text: "Hi", calls: [], finishReason: "stop", stored: true, resultsStored: true };
const working: AnswerState = { ...done, calls, finishReason: "tool_calls", resultsStored: false };
const worked: AnswerState = { ...working, resultsStored: true };
const graceful = { kind: "graceful" } as const;
const timeout = { kind: "timeout", limit: "timeout", seconds: 5 } as const;
const failure = { error: new Error("gone") };
const finish = (status: Extract<Step, { kind: "finish_turn" }>["status"], limit?: string): Step =>
  limit === undefined ? { kind: "finish_turn", status } : { kind: "finish_turn", status, limit };

test.each<readonly [string, Partial<TurnState>, Step]>([
  ["a new turn starts", { started: false }, { kind: "start_turn" }],
  ["even one that is stopped already", { started: false, stop: graceful }, { kind: "start_turn" }],
  ["a started turn asks the model", {}, { kind: "call_model", wrapUp: false }],
  ["an answer without calls is the end", { answer: done }, finish("success")],
  [
    "one that was cut by the output limit is incomplete",
    { answer: { ...done, finishReason: "length" } },
    finish("incomplete", "max_output_tokens"),
  ],
  ["calls are awaited", { answer: working }, { kind: "await_tools" }],
  ["and then the model is asked again", { answer: worked, iteration: 1 }, { kind: "call_model", wrapUp: false }],
  ["at the limit it is asked to wrap up", { answer: worked, iteration: 3 }, { kind: "call_model", wrapUp: true }],
  ["and that is the end", { answer: done, iteration: 3, wrappedUp: true }, finish("incomplete", "max_turns")],
  [
    "also when it called a tool again, once its results are stored",
    { answer: worked, iteration: 3, wrappedUp: true },
    finish("incomplete", "max_turns"),
  ],
  ["a stop is acknowledged first", { answer: working, stop: graceful }, { kind: "acknowledge_stop" }],
  ["then running calls settle", { answer: working, stop: graceful, stopAcknowledged: true }, { kind: "await_tools" }],
  ["then the turn is cancelled", { answer: worked, stop: graceful, stopAcknowledged: true }, finish("cancelled")],
  ["a time limit is no cancel", { answer: working, stop: timeout }, { kind: "await_tools" }],
  ["and has its own status", { answer: worked, stop: timeout }, finish("timeout", "timeout")],
  ["a failure waits for the calls that run", { answer: working, failure }, { kind: "await_tools" }],
  ["and then ends the turn", { answer: worked, failure }, finish("error")],
  ["a failure outweighs a stop", { answer: worked, failure, stop: graceful, stopAcknowledged: true }, finish("error")],
  ["a denial ends the turn", { denied: "no" }, finish("denied")],
  ["a denial outweighs a stop", { denied: "no", stop: graceful, stopAcknowledged: true }, finish("denied")],
  [
    "an answer that pauses is asked to go on",
    { answer: { ...done, finishReason: "pause" } },
    { kind: "call_model", wrapUp: false },
  ],
])("%s", (_name, state, step) => {
  expect(decide({ ...NEW_TURN, started: true, ...state }, 3)).toEqual(step);
});

test("without a limit of turns nothing is wrapped up", () => {
  const state = { ...NEW_TURN, started: true, answer: worked, iteration: 1_000 };
  expect(decide(state, -1)).toEqual({ kind: "call_model", wrapUp: false });
});
