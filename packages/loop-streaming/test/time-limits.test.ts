/**
 * How long a model may be silent and a tool may run, what ends then, and when the clocks stand still.
 */
import type { InlineHook } from "amplifier-core";
import {
  answer,
  breaksOff,
  gate,
  hangs,
  outlineEvents,
  outlineMessage,
  recordTurn,
  runTurn,
  text,
  thinking,
  toolCall,
  unchecked,
  unfinished,
} from "amplifier-testkit";
import { describe, expect, test } from "vitest";
import { loopSession, NO_RECOVERY } from "./loop-session.ts";
import { gatedTool, tool } from "./test-tools.ts";

describe("first_token_timeout", () => {
  test("asks once more, then ends the turn and says what to change", async () => {
    const { session, clock, context } = await loopSession({
      script: [hangs(), hangs()],
      config: { first_token_timeout: 7, retry: { jitter: 0 } },
    });
    const turn = recordTurn(session, "Hi");
    await clock.advance(6_999);
    expect(clock.pending.map(({ waitMs }) => waitMs)).toContain(7_000);
    await clock.advance(1 + 1_000 + 7_000);
    const { events, failure } = await turn;
    expect(outlineEvents(events).slice(4)).toEqual([
      "provider:request #1",
      "provider:retry #1 1 1000ms LLMTimeoutError",
      "provider:error #1 LLMTimeoutError",
      'execution:end timeout "" first_token_timeout LLMTimeoutError',
      "orchestrator:complete timeout turns=1",
      'prompt:complete timeout ""',
    ]);
    expect(failure?.error).toMatchObject({
      name: "LLMTimeoutError",
      message:
        'The model sent nothing for 7 s, the limit "first_token_timeout"; ' +
        'raise "first_token_timeout" in the config of loop-streaming to allow more.',
    });
    expect((await context.getMessages()).map(outlineMessage)).toEqual(['user: "Hi"']);
  });

  test("cuts off a provider that ignores its signal", async () => {
    const { session, clock } = await loopSession({
      script: [hangs({ deaf: true })],
      config: { first_token_timeout: 1, ...NO_RECOVERY },
    });
    const turn = recordTurn(session, "Hi");
    await clock.advance(1_000);
    expect((await turn).failure?.error).toMatchObject({ name: "LLMTimeoutError" });
  });

  test("holds behind a thinking block too, and not between its deltas", async () => {
    const pauses = [gate(), gate()] as const;
    const { session, clock } = await loopSession({
      script: [answer(thinking("Hm"), pauses[0], text("Hi"), pauses[1], text("!"))],
      config: { first_token_timeout: 90, idle_timeout: 10, ...NO_RECOVERY },
    });
    const turn = recordTurn(session, "Hi");
    await pauses[0].reached;
    await clock.advance(80_000);
    pauses[0].open();
    await pauses[1].reached;
    await clock.advance(10_000);
    const { failure } = await turn;
    expect(failure?.error).toMatchObject({ message: expect.stringContaining('10 s, the limit "idle_timeout"') });
  });

  test.each([
    ["a model on this machine", { slowStart: true }, {}],
    ["a model that is asked to think", {}, { reasoning_effort: "high" }],
  ])("is not for %s", async (_name, info, config) => {
    const start = gate();
    const { session, clock, provider } = await loopSession({
      script: [answer(start, text("Hi"))],
      config: { first_token_timeout: 1, ...config },
    });
    const own = provider.getInfo();
    provider.getInfo = () => ({ ...own, ...info });
    const turn = recordTurn(session, "Hi");
    await start.reached;
    await clock.advance(250_000);
    start.open();
    expect((await turn).failure).toBeUndefined();
  });
});

describe("idle_timeout", () => {
  test("is broken by content only: neither by empty deltas nor by usage", async () => {
    const pings = Array.from({ length: 5 }, () => gate());
    const empty = unchecked(
      { type: "block_delta", index: 0, delta: "" },
      { type: "usage", usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 } },
    );
    const { session, clock, context } = await loopSession({
      script: [answer(unfinished(text("Hel")), ...pings.flatMap((ping) => [ping, empty]), hangs())],
      config: { idle_timeout: 10, ...NO_RECOVERY },
    });
    const turn = recordTurn(session, "Hi");
    for (const ping of pings.slice(0, 3)) {
      await ping.reached;
      await clock.advance(3_000);
      ping.open();
    }
    await clock.advance(1_000);
    const { events, failure } = await turn;
    expect(failure?.error).toMatchObject({ name: "LLMTimeoutError" });
    expect(outlineEvents(events).slice(-3)).toEqual([
      'execution:end timeout "Hel" idle_timeout LLMTimeoutError',
      "orchestrator:complete timeout turns=1",
      'prompt:complete timeout "Hel"',
    ]);
    expect((await context.getMessages()).map(outlineMessage).at(-1)).toBe('assistant: "Hel" (interrupted)');
  });

  test("begins anew with each delta", async () => {
    const pauses = Array.from({ length: 6 }, () => gate());
    const { session, clock } = await loopSession({
      script: [answer(...pauses.flatMap((pause, n) => [pause, text(`${n}`)]))],
      config: { idle_timeout: 10 },
    });
    const turn = recordTurn(session, "Hi");
    for (const pause of pauses) {
      await pause.reached;
      await clock.advance(9_000);
      pause.open();
    }
    expect((await turn).failure).toBeUndefined();
    expect(session.lastTurn?.text).toBe("012345");
  });

  test("in the middle of an answer has it continued, like a dead socket", async () => {
    const { session, clock } = await loopSession({
      script: [answer(unfinished(text("The answer is ")), hangs()), answer(text("forty-two."))],
      config: { idle_timeout: 10 },
    });
    const turn = recordTurn(session, "Hi");
    await clock.advance(10_000);
    await turn;
    expect(session.lastTurn).toMatchObject({ status: "success", text: "The answer is forty-two." });
  });
});

describe("tool_timeout", () => {
  test("ends a call that does not, tells the model, and the turn goes on", async () => {
    const held = gatedTool("slow");
    const quick = tool("quick", () => Promise.resolve("ok"));
    const { session, clock, context } = await loopSession({
      script: [answer(toolCall("a", "slow"), toolCall("b", "quick")), answer(text("Fine"))],
      tools: [held.tool, quick],
      config: { tool_timeout: 5 },
    });
    const turn = runTurn(session, "Hi");
    await clock.advance(5_000);
    expect(outlineEvents(await turn).filter((line) => line.startsWith("tool:"))).toEqual([
      "tool:pre a run {}",
      "tool:pre b run {}",
      'tool:post b "ok"',
      "tool:error a timeout",
    ]);
    expect((await context.getMessages()).map(outlineMessage)[2]).toBe(
      'tool(a): "Error: the tool did not finish within 5 s, the limit \\"tool_timeout\\"; ' +
        'what it has done by then stays done."',
    );
    expect(session.lastTurn?.status).toBe("success");
  });

  test("lets go of a tool that ignores it, whose late result is told", async () => {
    const late = gate();
    const { session, clock, log } = await loopSession({
      script: [answer(toolCall("a", "deaf")), answer(text("Fine"))],
      tools: [tool("deaf", () => late.pass().then(() => "late"))],
      config: { tool_timeout: 5 },
    });
    const turn = runTurn(session, "Hi");
    await clock.advance(5_050);
    const events = await turn;
    expect(outlineEvents(events).filter((line) => line.startsWith("tool:error"))).toEqual(["tool:error a timeout"]);
    late.open();
    await clock.advance(0);
    const stop = new AbortController();
    for await (const batch of log.read({ after: events.at(-1)?.seq ?? 0, signal: stop.signal })) {
      expect(outlineEvents(batch)).toEqual(['tool:late_result a "late"']);
      break;
    }
  });
});

test("nothing times out while a person thinks, however long", async () => {
  const asking: InlineHook = {
    name: "asking",
    events: { "tool:pre": () => ({ action: "ask_user", approval_prompt: "May it?", approval_timeout: 100_000 }) },
  };
  const reply = gate();
  const { session, clock, approvals } = await loopSession({
    script: [answer(toolCall("a", "quick"), toolCall("b", "slow")), answer(text("Fine"))],
    tools: [tool("quick", () => Promise.resolve("ok")), gatedTool("slow").tool],
    hooks: [asking],
    config: { timeout: 20, tool_timeout: 5, idle_timeout: 5 },
    replies: [{ gate: reply, choice: "Allow" }, "Deny"],
  });
  const turn = runTurn(session, "Hi");
  await reply.reached;
  await clock.advance(600_000);
  reply.open();
  await turn;
  expect(session.lastTurn?.status).toBe("success");
  expect(approvals?.questions.length).toBe(2);
});

describe("min_delay_between_calls_ms", () => {
  test("spaces the calls of one turn, and says so", async () => {
    const { session, clock } = await loopSession({
      script: [answer(toolCall("a", "quick")), answer(text("Fine"))],
      tools: [tool("quick", () => Promise.resolve("ok"))],
      config: { min_delay_between_calls_ms: 2_000 },
    });
    const turn = runTurn(session, "Hi");
    await clock.advance(2_000);
    expect(outlineEvents(await turn).slice(13, 17)).toEqual([
      "provider:request #2",
      "orchestrator:rate_limit_delay 2000ms",
      "content_block:start 0 text",
      'content_block:delta 0 "Fine"',
    ]);
  });

  test.each(["graceful", "immediate"] as const)("ends at once with a %s stop", async (mode) => {
    const { session, clock } = await loopSession({
      script: [answer(toolCall("a", "quick"))],
      tools: [tool("quick", () => Promise.resolve("ok"))],
      config: { min_delay_between_calls_ms: 2_000 },
    });
    const turn = runTurn(session, "Hi", {
      onEvent: ({ type }) => {
        if (type === "orchestrator:rate_limit_delay") session.cancel(mode);
      },
    });
    await clock.advance(0);
    expect(outlineEvents(await turn).slice(13)).toEqual([
      "provider:request #2",
      "orchestrator:rate_limit_delay 2000ms",
      "provider:error #2 AbortError",
      `cancel:requested ${mode}`,
      `cancel:completed ${mode}`,
      'execution:end cancelled ""',
      "orchestrator:complete cancelled turns=2",
      'prompt:complete cancelled ""',
    ]);
  });
});

test("stream_delay slows the text down, and a stop does not wait for it", async () => {
  const { session, clock } = await loopSession({
    script: [answer(text("a", "b", "c")), answer(text("a", "b", "c"))],
    config: { stream_delay: 0.5, buffer_size: 1 },
  });
  const seen: string[] = [];
  const turn = runTurn(session, "Hi", {
    onEvent: (event) => {
      if (event.type === "content_block:delta") seen.push(`${event.data.delta} ${clock.now() % 100_000}`);
    },
  });
  const startMs = clock.now() % 100_000;
  await clock.advance(1_500);
  await turn;
  expect(seen).toEqual([`a ${startMs + 500}`, `b ${startMs + 1000}`, `c ${startMs + 1500}`]);
  const stopped = runTurn(session, "Hi");
  await clock.advance(600);
  session.cancel();
  await clock.advance(0);
  await stopped;
  expect(session.lastTurn).toMatchObject({ status: "cancelled", text: "ab" });
});

test("a stream that just ends is continued too", async () => {
  const { session } = await loopSession({
    script: [answer(unfinished(text("The answer is ")), breaksOff()), answer(text("forty-two."))],
  });
  await runTurn(session, "Hi");
  expect(session.lastTurn?.text).toBe("The answer is forty-two.");
});
