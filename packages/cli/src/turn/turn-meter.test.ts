import { expect, test } from "vitest";
import { delta, event, turnEnd } from "../../test/support/events.ts";
import { HandClock } from "../../test/support/fake-io.ts";
import { TurnMeter } from "./turn-meter.ts";

test("the summary has model, tokens, time to the first token and time in all", () => {
  const clock = new HandClock();
  const meter = new TurnMeter(clock);
  clock.advance(410);
  meter.watch(delta("a"));
  clock.advance(1000);
  meter.watch(delta("b"));
  const usage = { input_tokens: 12, output_tokens: 3, total_tokens: 15 };
  meter.watch(
    event("provider:response", {
      provider: "p",
      model: "m-1",
      iteration: 1,
      usage,
      finish_reason: "stop",
      tool_calls: false,
      streamed: true,
    }),
  );
  meter.watch(turnEnd({ usage: { ...usage, cache_read_tokens: 10, reasoning_tokens: 2 } }));
  expect(meter.summary()).toBe(
    "m-1, 12 tokens in (10 from cache), 3 out (2 thinking), first token after 0.41 s, 1.41 s in all",
  );
  expect(meter.limitNotice()).toBeNull();
});

test("estimated tokens are called so, and no token is no time", () => {
  const meter = new TurnMeter(new HandClock());
  meter.watch(turnEnd({ usage: { input_tokens: 1, output_tokens: 0, total_tokens: 1, estimated: true } }));
  expect(meter.summary()).toBe("about 1 tokens in, 0 out, no token, 0.00 s in all");
});

test("a turn without an end has no usage", () => {
  expect(new TurnMeter(new HandClock()).summary()).toBe("no token, 0.00 s in all");
});

test.each([
  [{ status: "incomplete", limit: "max_turns" }, /^A limit ended the turn: max_turns \(the agent took as many steps/],
  [{ status: "timeout", limit: "timeout" }, /^A limit ended the turn: timeout \(/],
  [{ status: "incomplete", finish_reason: "length" }, /^A limit ended the turn: the model's output limit\.$/],
  [{ status: "incomplete", limit: "max_output_tokens" }, /^A limit ended the turn: max_output_tokens \(the model may/],
  [
    { status: "incomplete", limit: "content_filter", finish_reason: "content_filter" },
    /^The provider withheld the rest of the answer \(content_filter\)\.$/,
  ],
  [{ status: "incomplete", limit: "refusal" }, /^The model refused to answer, or to go on \(refusal\)\.$/],
  [{ status: "incomplete", finish_reason: "pause" }, /^The provider paused the answer before its end \(pause\); /],
  [{ status: "incomplete", limit: "max_turns", finish_reason: "pause" }, /^A limit ended the turn: max_turns/],
  [{ status: "incomplete", limit: "budget" }, /^A limit ended the turn: budget\.$/],
] as const)("%j is told as a limit", (fields, notice) => {
  const meter = new TurnMeter(new HandClock());
  meter.watch(turnEnd(fields));
  expect(meter.limitNotice()).toMatch(notice);
});

test("tokens that nobody counted are left out", () => {
  const meter = new TurnMeter(new HandClock());
  meter.watch(turnEnd({ usage: { input_tokens: 0, output_tokens: 0, total_tokens: 0 } }));
  expect(meter.summary()).toBe("no token, 0.00 s in all");
});

const NOTHING = "The model answered nothing.";

test.each([
  ["nothing at all", { seen: [], end: {}, notice: NOTHING }],
  ["thinking and blanks", { seen: [delta("so", "thinking"), delta(" \n")], end: {}, notice: NOTHING }],
  ["text", { seen: [delta("Hi")], end: {}, notice: null }],
  ["text that no delta told of", { seen: [], end: { response: "Hi" }, notice: null }],
  ["a turn that did not go well", { seen: [], end: { status: "incomplete" }, notice: null }],
] as const)("an empty answer is told, seen %s", (_what, { seen, end, notice }) => {
  const meter = new TurnMeter(new HandClock());
  for (const each of [...seen, turnEnd(end)]) meter.watch(each);
  expect(meter.emptyNotice()).toBe(notice);
});
