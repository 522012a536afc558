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
  [{ status: "incomplete", limit: "budget" }, /^A limit ended the turn: budget\.$/],
] as const)("%j is told as a limit", (fields, notice) => {
  const meter = new TurnMeter(new HandClock());
  meter.watch(turnEnd(fields));
  expect(meter.limitNotice()).toMatch(notice);
});
