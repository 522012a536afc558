/**
 * A turn is stopped at each single event of a rich scenario, in every way there is; whatever the moment, the turn settles
 * in time, the invariants hold, the conversation is valid, and the next prompt just works.
 */
import type { Event } from "amplifier-core";
import {
  answer,
  assertInvariants,
  checkConversation,
  drainMicrotasks,
  outlineEvents,
  readLog,
  runTurn,
  text,
} from "amplifier-testkit";
import { describe, expect, test } from "vitest";
import {
  type RichSession,
  richSession,
  settleWithin,
  type StopPlace,
  stopRichTurn,
  type StopWay,
} from "./rich-turn.ts";

/** What the stopped turn and the one behind it must come to. Throws what is wrong. */
async function expectRecovery(made: RichSession, stopped: readonly Event[], limitMs = 0): Promise<void> {
  const { session, provider, context, log, held, clock } = made;
  expect(checkConversation(await context.getMessages())).toEqual([]);
  provider.dropRest();
  provider.add(answer(text("Next")));
  const next = runTurn(session, "And now?");
  await settleWithin(next, clock, limitMs);
  expect((await next).at(-1)).toMatchObject({ type: "prompt:complete", data: { status: "success", response: "Next" } });
  expect(checkConversation(provider.requests.at(-1)?.messages ?? [])).toEqual([]);
  expect(stopped.filter(({ type }) => type === "prompt:complete")).toHaveLength(1);
  held.open();
  await drainMicrotasks();
  assertInvariants(await readLog(log), { source: "log" });
}

async function wholeTurn(tool_start: string): Promise<readonly Event[]> {
  const made = await richSession({ tool_start });
  return stopRichTurn(made, { at: Infinity, way: "immediate", place: "publication" });
}

describe.each(["eager", "after_message"])("with tool_start %s", (tool_start) => {
  test("the scenario is whole when nobody stops it", async () => {
    const events = await wholeTurn(tool_start);
    assertInvariants(events);
    expect(events.at(-1)).toMatchObject({ data: { status: "incomplete", response: "Done" } });
    expect(events.length).toBeGreaterThan(60);
    const lines = outlineEvents(events);
    expect(lines.filter((line) => /^tool:(?:post|error)/u.test(line))).toEqual([
      "tool:error c3 denied",
      "tool:post c2 failed: broken",
      'tool:post c1 "late"',
    ]);
    expect(lines.filter((line) => /^provider:|steering/u.test(line))).toEqual([
      "provider:request #1",
      "provider:retry #1 1 1ms RateLimitError",
      "provider:response #1 tool_calls",
      "provider:request #2",
      "provider:error #2 StreamError recovered",
      "provider:request #2 again",
      "provider:response #2 stop",
      'orchestrator:steering_injected next "And be brief"',
      "provider:request #2 wrap-up",
      "provider:response #2 stop",
      'orchestrator:steering_returned next "And be brief" turn_ended',
    ]);
  });

  describe.each<StopPlace>(["consumer", "publication"])("stopped from its %s", (place) => {
    test.each<StopWay>(["graceful", "immediate", "signal", "break"])("%s at every event", async (way) => {
      const count = (await wholeTurn(tool_start)).length;
      const problems: string[] = [];
      for (let at = 1; at <= count; at++) {
        const made = await richSession({ tool_start });
        const events = await stopRichTurn(made, { at, way, place });
        const type = events[at - 1]?.type;
        await expectRecovery(made, events).catch((error: unknown) => problems.push(`${at} ${type}: ${String(error)}`));
      }
      expect(problems).toEqual([]);
    });
  });
});

test.each<StopWay>(["graceful", "immediate", "signal", "break"])(
  "%s at every event, while every event has handlers that take their time",
  async (way) => {
    const types = [...new Set((await wholeTurn("eager")).map(({ type }) => type))];
    const slow = { name: "slow", events: Object.fromEntries(types.map((type) => [type, () => drainMicrotasks()])) };
    const count = (await wholeTurn("eager")).length;
    const problems: string[] = [];
    for (let at = 1; at <= count; at++) {
      const made = await richSession({}, [slow]);
      const events = await stopRichTurn(made, { at, way, place: "publication", limitMs: 1_050 });
      await expectRecovery(made, events, 50).catch((error: unknown) => problems.push(`${at}: ${String(error)}`));
      // A handler that was asked when the stop came is skipped, and that is told.
      for (const { message, level } of made.display.shown) {
        if (level === "warning" && message.startsWith('Hook "slow" had not answered')) made.display.expect(/slow/u);
      }
    }
    expect(problems).toEqual([]);
  },
);
