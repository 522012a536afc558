/**
 * The table of recovery: what is done about an attempt that brought no whole answer, by what broke it and how far it was.
 */
import { LLMError, type LLMErrorFields, type LLMErrorName } from "amplifier-core";
import { expect, test } from "vitest";
import { createLoopConfig } from "../config.ts";
import { type Recovery, recoveryOf } from "./recovery.ts";
import { type AnswerState, type Broken, NEW_TURN, type TurnState } from "./turn-state.ts";

const limits = createLoopConfig({ max_continuations: 2, retry: { jitter: 0 } });
const error = (name: LLMErrorName, fields: LLMErrorFields = {}): LLMError => new LLMError(name, "gone", fields);
const overloaded = error("ProviderUnavailableError");
const broken: Broken = {
  error: overloaded,
  cut: null,
  limit: null,
  begun: false,
  retries: false,
  nextProvider: null,
  isFormed: false,
  leftMs: 300_000,
};
const begun: Partial<Broken> = { begun: true };
const said: AnswerState = {
  text: "Hel",
  calls: [],
  finishReason: null,
  mayContinue: true,
  phase: "open",
  resultsStored: true,
};
const called: AnswerState = { ...said, calls: [{ id: "c1", name: "clock" }], resultsStored: false };
const again = (seconds: number): Recovery => ({ kind: "retry", delayMs: seconds * 1000, isOwn: true });
const asked = (seconds: number): Recovery => ({ kind: "retry", delayMs: seconds * 1000, isOwn: false });
const fail: Recovery = { kind: "fail" };
const other: Recovery = { kind: "fallback", to: "other" };

const of = (state: Partial<TurnState>, how: Partial<Broken>): Recovery =>
  recoveryOf({ ...NEW_TURN, started: true, iteration: 1, attempts: 1, ...state }, { ...broken, ...how }, limits);

test.each<readonly [string, Partial<TurnState>, Partial<Broken>, Recovery]>([
  ["what the stop cut off stays so", {}, { error: undefined, cut: "stopped" }, { kind: "stop" }],
  ["nor is anything tried once the turn is stopped", { stop: { kind: "graceful" } }, {}, { kind: "stop" }],
  ["a steer closes the answer", {}, { error: undefined, cut: "steered" }, { kind: "close" }],
  ["what is no model error is nobody's to mend", {}, { error: new Error("bug") }, fail],
  ["nor what is no error at all", {}, { error: "gone", nextProvider: "other" }, fail],

  ["a retryable error is tried again after a second", {}, {}, again(1)],
  ["and after two", { attempts: 2 }, {}, again(2)],
  ["but not a third time", { attempts: 3 }, {}, fail],
  ["then the next provider is asked", { attempts: 3 }, { nextProvider: "other" }, other],
  [
    "one that cannot be retried goes elsewhere at once",
    {},
    { error: error("NotFoundError"), nextProvider: "other" },
    other,
  ],
  ["or fails where there is nobody else", {}, { error: error("NotFoundError") }, fail],
  ["a provider that retries by itself has done so", {}, { retries: true }, fail],
  ["and the next one is asked", {}, { retries: true, nextProvider: "other" }, other],

  ["delay_multiplier stretches the delay", {}, { error: error("RateLimitError", { delay_multiplier: 10 }) }, again(10)],
  ["up to max_delay", { attempts: 2 }, { error: error("RateLimitError", { delay_multiplier: 100 }) }, again(30)],
  ["the server's own delay is honoured", {}, { error: error("RateLimitError", { retry_after: 7 }) }, asked(7)],
  ["beyond max_delay too", {}, { error: error("RateLimitError", { retry_after: 90 }) }, asked(90)],
  [
    "whatever the multiplier says",
    {},
    { error: error("RateLimitError", { retry_after: 7, delay_multiplier: 10 }) },
    asked(7),
  ],
  ["beyond the turn's end nothing is waited for", {}, { error: error("RateLimitError", { retry_after: 300 }) }, fail],
  ["a delay of its own is not either", {}, { leftMs: 1000 }, fail],
  ["but up to it it is", {}, { leftMs: 1001 }, again(1)],
  ["the next provider is asked instead of waiting too long", {}, { leftMs: 1000, nextProvider: "other" }, other],

  ["silence is tried once more", {}, { error: error("LLMTimeoutError"), limit: "first_token_timeout" }, again(1)],
  [
    "but not twice",
    { attempts: 2, waitedTwice: true },
    { error: error("LLMTimeoutError"), limit: "first_token_timeout" },
    fail,
  ],
  ["after silence any other error is", { attempts: 2, waitedTwice: true }, {}, again(2)],

  ["a context too long is made shorter", {}, { error: error("ContextLengthError") }, { kind: "compact" }],
  ["once", { compacted: true }, { error: error("ContextLengthError"), nextProvider: "other" }, fail],

  ["after the first delta only what is missing is asked for", { answer: said }, begun, { kind: "continue" }],
  ["once more than once", { answer: said, continuations: 1 }, begun, { kind: "continue" }],
  ["but not more often than allowed", { answer: said, continuations: 2 }, begun, fail],
  ["nor elsewhere", { answer: said, continuations: 2 }, { ...begun, nextProvider: "other" }, fail],
  ["nor where trying again does not help", { answer: said }, { ...begun, error: error("InvalidRequestError") }, fail],
  ["nor where two halves are no whole", { answer: said }, { ...begun, isFormed: true }, fail],
  ["attempts say nothing about it", { answer: said, attempts: 3 }, begun, { kind: "continue" }],
  ["nor who retries by itself", { answer: said }, { ...begun, retries: true }, { kind: "continue" }],
  ["what has only been thought is asked for again", { answer: { ...said, text: "" } }, begun, { kind: "continue" }],
  ["an answer with calls is closed", { answer: called }, begun, { kind: "close" }],
  ["also one of a certain form", { answer: called }, { ...begun, isFormed: true }, { kind: "close" }],
  [
    "but not where the provider made a mistake",
    { answer: called },
    { ...begun, error: error("StreamError", { retryable: false }) },
    fail,
  ],
])("%s", (_name, ...[state, how, expected]) => {
  expect(of(state, how)).toEqual(expected);
});

test.each<LLMErrorName>([
  "ContextLengthError",
  "ContentFilterError",
  "InvalidRequestError",
  "InvalidToolCallError",
  "AbortError",
])("%s is the same everywhere: no other provider is asked", (name) => {
  expect(of({ compacted: true }, { error: error(name), nextProvider: "other" })).toEqual(fail);
});

test.each<LLMErrorName>([
  "LLMError",
  "AuthenticationError",
  "AccessDeniedError",
  "NotFoundError",
  "ConfigurationError",
  "QuotaExceededError",
])("%s is this provider's own: the next one is asked at once", (name) => {
  expect(of({}, { error: error(name), nextProvider: "other" })).toEqual(other);
});

test.each<readonly [string, object]>([
  ["knows no more than its name", {}],
  ["says what it does not know", { retry_after: null, delay_multiplier: undefined }],
])("an error of another copy of the package is one by its name, also where it %s", (_name, fields) => {
  const copy = Object.assign(new Error("m"), { name: "RateLimitError", retryable: true, ...fields });
  expect(of({}, { error: copy })).toEqual(again(1));
});

test("max_delay caps what doubles", () => {
  const many = createLoopConfig({ retry: { attempts: 20, jitter: 0 } });
  const delays = Array.from({ length: 7 }, (_, n) => recoveryOf({ ...NEW_TURN, attempts: n + 1 }, broken, many)).map(
    (recovery) => (recovery.kind === "retry" ? recovery.delayMs : null),
  );
  expect(delays).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
});
