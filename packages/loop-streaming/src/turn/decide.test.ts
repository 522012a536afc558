/**
 * The table of the loop: what comes next in each state of a turn.
 */
import { expect, test } from "vitest";
import { createLoopConfig } from "../config.ts";
import { decide, type Step } from "./decide.ts";
import { type AnswerState, NEW_TURN, type TurnState } from "./turn-state.ts";

const limits = createLoopConfig({ max_turns: 3, max_continuations: 2, retry: { jitter: 0 } });
const calls = [{ id: "c1", name: "clock" }];
const done: AnswerState = {
  text: "Hi",
  calls: [],
  finishReason: "stop",
  mayContinue: true,
  phase: "stored",
  resultsStored: true,
};
const open: AnswerState = { ...done, phase: "open" };
const working: AnswerState = { ...done, calls, finishReason: "tool_calls", resultsStored: false };
const worked: AnswerState = { ...working, resultsStored: true };
const graceful = { kind: "graceful" } as const;
const timeout = { kind: "timeout", limit: "timeout", seconds: 5, hooks: [] } as const;
const failure = { error: new Error("gone") };
const finish = (status: Extract<Step, { kind: "finish_turn" }>["status"], limit?: string): Step =>
  limit === undefined ? { kind: "finish_turn", status } : { kind: "finish_turn", status, limit };

test.each<readonly [string, Partial<TurnState>, Step]>([
  ["a new turn starts", { started: false }, { kind: "start_turn" }],
  ["even one that is stopped already", { started: false, stop: graceful }, { kind: "start_turn" }],
  ["a started turn asks the model", {}, { kind: "call_model", call: "iteration" }],
  ["an answer without calls is the end", { answer: done }, finish("success")],
  [
    "one that was cut by the output limit is incomplete",
    { answer: { ...done, finishReason: "length" } },
    finish("incomplete", "max_output_tokens"),
  ],
  ["calls are awaited", { answer: working }, { kind: "await_tools" }],
  ["and then the model is asked again", { answer: worked, iteration: 1 }, { kind: "call_model", call: "iteration" }],
  ["at the limit it is asked to wrap up", { answer: worked, iteration: 3 }, { kind: "call_model", call: "wrap_up" }],
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
  ["an answer that is over is stored", { answer: open, iteration: 1 }, { kind: "store_answer" }],
  [
    "one that the output limit cut is continued",
    { answer: { ...open, finishReason: "length" }, iteration: 1 },
    { kind: "call_model", call: "continuation" },
  ],
  [
    "but not more often than allowed",
    { answer: { ...open, finishReason: "length" }, iteration: 1, continuations: 2 },
    { kind: "store_answer" },
  ],
  [
    "nor when it calls a tool",
    { answer: { ...open, calls, finishReason: "length" }, iteration: 1 },
    { kind: "store_answer" },
  ],
  [
    "nor when it has a form",
    { answer: { ...open, finishReason: "length", mayContinue: false }, iteration: 1 },
    { kind: "store_answer" },
  ],
  [
    "nor when the turn is stopped",
    { answer: { ...open, finishReason: "length" }, iteration: 1, stop: graceful },
    { kind: "store_answer" },
  ],
  [
    "a call is made again when that was decided",
    { nextCall: "retry", iteration: 1 },
    { kind: "call_model", call: "retry" },
  ],
  [
    "but not when the turn is stopped by then",
    { nextCall: "again", iteration: 1, stop: timeout },
    finish("timeout", "timeout"),
  ],
  [
    "a steer enters before the next call",
    { answer: worked, iteration: 1, steers: { next: 1, after: 1 } },
    { kind: "inject_steers", all: false },
  ],
  [
    "one for later waits for the end",
    { answer: worked, iteration: 1, steers: { next: 0, after: 1 } },
    { kind: "call_model", call: "iteration" },
  ],
  [
    "which then is none",
    { answer: done, iteration: 1, steers: { next: 0, after: 1 } },
    { kind: "inject_steers", all: true },
  ],
  [
    "behind the wrap-up nothing enters",
    { answer: done, iteration: 3, wrappedUp: true, steers: { next: 1, after: 0 } },
    finish("incomplete", "max_turns"),
  ],
  [
    "nor into a turn that is stopped",
    { answer: worked, iteration: 1, stop: timeout, steers: { next: 1, after: 0 } },
    finish("timeout", "timeout"),
  ],
  [
    "a limit on silence is a time limit",
    { answer: done, failure: { ...failure, limit: "idle_timeout" } },
    finish("timeout", "idle_timeout"),
  ],
  [
    "an answer that pauses is asked to go on",
    { answer: { ...done, finishReason: "pause" } },
    { kind: "call_model", call: "iteration" },
  ],
])("%s", (_name, state, step) => {
  expect(decide({ ...NEW_TURN, started: true, ...state }, limits)).toEqual(step);
});

test("without a limit of turns nothing is wrapped up", () => {
  const state = { ...NEW_TURN, started: true, answer: worked, iteration: 1_000 };
  expect(decide(state, { ...limits, maxTurns: -1 })).toEqual({ kind: "call_model", call: "iteration" });
});
