/**
 * The limits of a turn: `max_turns` with its wrap-up call, and `timeout`.
 */
import type { AmplifierError, InlineHook } from "amplifier-core";
import { createSession } from "amplifier-core";
import {
  answer,
  ArrayContext,
  breaksOff,
  gate,
  hangs,
  outlineEvents,
  outlineMessage,
  recordTurn,
  runTurn,
  ScriptedProvider,
  text,
  thinking,
  toolCall,
  unfinished,
} from "amplifier-testkit";
import { describe, expect, test } from "vitest";
import * as loopModule from "../src/index.ts";
import { loopSession, NO_RECOVERY } from "./loop-session.ts";
import { clockTool, gatedTool, tool } from "./test-tools.ts";

const call = (id: string) => answer(toolCall(id, "clock", { zone: "Oslo" }));

describe("max_turns", () => {
  test("makes one wrap-up call with the same tools and tool_choice none, when work is unfinished", async () => {
    const { session, provider, context } = await loopSession({
      script: [call("c1"), call("c2"), answer(text("So far: noon."))],
      tools: [clockTool],
      config: { max_turns: 2 },
    });
    const events = await runTurn(session, "Go");
    expect(outlineEvents(events).slice(-10)).toEqual([
      'context:message tool(c2): "12:00 in Oslo"',
      "provider:request #2 wrap-up",
      "content_block:start 1 text",
      'content_block:delta 1 "So far: noon."',
      'content_block:end 1 "So far: noon."',
      "provider:response #2 stop",
      'context:message assistant: "So far: noon."',
      'execution:end incomplete "So far: noon." stop max_turns',
      "orchestrator:complete incomplete turns=2",
      'prompt:complete incomplete "So far: noon."',
    ]);
    const wrapUp = provider.requests[2];
    expect(wrapUp).toMatchObject({ tool_choice: "none", tools: [{ name: "clock" }] });
    expect(wrapUp?.messages.at(-1)?.role).toBe("user");
    // The instruction belongs to the request, not to the conversation.
    expect((await context.getMessages()).filter(({ role }) => role === "user")).toHaveLength(1);
    expect(session.lastTurn).toMatchObject({ status: "incomplete", limit: "max_turns" });
  });

  test("makes no wrap-up call when the last allowed answer finished the work", async () => {
    const { session, provider } = await loopSession({
      script: [call("c1"), answer(text("Done"))],
      tools: [clockTool],
      config: { max_turns: 2 },
    });
    await runTurn(session, "Go");
    expect(provider.calls).toHaveLength(2);
    expect(session.lastTurn).toMatchObject({ status: "success" });
  });

  test("gives a call that the wrap-up makes anyway a not-run result, and ends", async () => {
    const never = tool("never", () => Promise.reject(new Error("This tool must not run.")));
    const { session, context } = await loopSession({
      script: [answer(toolCall("c1", "nowhere")), answer(text("One more"), toolCall("c2", "never"))],
      tools: [never],
      config: { max_turns: 1 },
    });
    const events = await runTurn(session, "Go");
    expect(outlineEvents(events).filter((line) => line.startsWith("tool:"))).toEqual([
      "tool:pre c1 unknown {}",
      "tool:error c1 unknown",
    ]);
    expect((await context.getMessages()).map(outlineMessage).slice(-2)).toEqual([
      'assistant: "One more", call c2 never{}',
      'tool(c2): "This call was not run: the turn has reached its limit of model calls."',
    ]);
    expect(session.lastTurn).toMatchObject({ status: "incomplete", text: "One more" });
  });

  test("has max_iterations as its alias", async () => {
    const { session, provider } = await loopSession({
      script: [call("c1"), answer(text("Wrap"))],
      tools: [clockTool],
      config: { max_iterations: 1 },
    });
    await runTurn(session, "Go");
    expect(provider.calls).toHaveLength(2);
  });

  test("of -1 sets no limit", async () => {
    const count = 30;
    const { session } = await loopSession({
      script: [...Array.from({ length: count }, (_, n) => call(`c${n}`)), answer(text("Done"))],
      tools: [clockTool],
      config: { max_turns: -1 },
    });
    await runTurn(session, "Go");
    expect(session.lastTurn).toMatchObject({
      status: "success",
      text: "Done",
      usage: { total_tokens: 15 * (count + 1) },
    });
  });

  test("is 10 unless the plan says otherwise", async () => {
    const { session, provider } = await loopSession({
      script: [...Array.from({ length: 10 }, (_, n) => call(`c${n}`)), answer(text("Wrap"))],
      tools: [clockTool],
    });
    await runTurn(session, "Go");
    expect(provider.calls).toHaveLength(11);
    expect(session.lastTurn).toMatchObject({ status: "incomplete", limit: "max_turns" });
  });

  test("a wrap-up call whose stream breaks keeps what came and ends the turn with its error", async () => {
    const { session, context } = await loopSession({
      script: [call("c1"), answer(unfinished(text("Wr")), breaksOff())],
      tools: [clockTool],
      config: { max_turns: 1, ...NO_RECOVERY },
    });
    const { events, failure } = await recordTurn(session, "Go");
    expect(failure?.error).toMatchObject({ name: "StreamError" });
    expect(outlineEvents(events).slice(-3)).toEqual([
      'execution:end error "Wr" StreamError',
      "orchestrator:complete error turns=1",
      'prompt:complete error "Wr"',
    ]);
    expect((await context.getMessages()).map(outlineMessage).at(-1)).toBe('assistant: "Wr" (interrupted)');
  });
});

describe("a plan", () => {
  async function mounting(config: Record<string, unknown>): Promise<unknown> {
    const plan = {
      session: { orchestrator: { module: "loop-streaming", config }, context: new ArrayContext() },
      providers: [new ScriptedProvider([])],
    };
    return createSession(plan, { findModule: () => Promise.resolve(loopModule) }).then(
      (session) => session.close(),
      (error: unknown) => error,
    );
  }

  test("that is right mounts", async () => {
    expect(await mounting({ buffer_size: 10, max_turns: 10, timeout: 300 })).toBeUndefined();
    expect(
      await mounting({ max_turns: -1, flush_interval_ms: 0, timeout: 0.5, max_parallel_tools: 1 }),
    ).toBeUndefined();
  });

  test.each([
    [{ max_turns: 1, max_iterations: 1 }, /max_turns.*max_iterations|max_iterations.*max_turns/u],
    [{ max_turns: 0 }, /max_turns.*0/u],
    [{ max_turns: -2 }, /max_turns.*-2/u],
    [{ max_turns: 1.5 }, /max_turns.*1\.5/u],
    [{ max_turns: "10" }, /max_turns.*"10"/u],
    [{ buffer_size: 0 }, /buffer_size.*0/u],
    [{ flush_interval_ms: -1 }, /flush_interval_ms.*-1/u],
    [{ timeout: 0 }, /timeout.*0/u],
    [{ timeout: null }, /timeout.*null/u],
    [{ max_parallel_tools: 0 }, /max_parallel_tools.*0/u],
    [{ tool_start: "late" }, /tool_start.*late/u],
    [{ default_provider: 7 }, /default_provider.*7/u],
    [{ retries: 3 }, /retries/u],
  ])("with %j is refused, naming key and value", async (config, message) => {
    const error = await mounting(config);
    expect(error).toMatchObject({ code: "config_invalid" });
    expect((error as AmplifierError).message).toMatch(message);
  });
});

describe("timeout", () => {
  test("keeps what came, tells its limit, and rejects with turn_timeout", async () => {
    const { session, clock, context, provider } = await loopSession({
      script: [answer(thinking("Hm"), unfinished(text("Hel", "lo")), hangs())],
      config: { timeout: 5, buffer_size: 1 },
    });
    const turn = recordTurn(session, "Hi");
    await clock.advance(4_999);
    expect(session.lastTurn).toBeNull();
    await clock.advance(1);
    const { events, failure } = await turn;
    expect(failure?.error).toMatchObject({ code: "turn_timeout", data: { limit: "timeout", seconds: 5 } });
    expect(outlineEvents(events).slice(8)).toEqual([
      "content_block:start 1 text",
      'content_block:delta 1 "Hel"',
      'content_block:delta 1 "lo"',
      'content_block:end 1 "Hello" (interrupted)',
      "llm:stream_aborted AbortError",
      "provider:error #1 AbortError",
      'context:message assistant: thinking "Hm", "Hello" (interrupted)',
      'execution:end timeout "Hello" timeout AmplifierError',
      "orchestrator:complete timeout turns=1",
      'prompt:complete timeout "Hello"',
    ]);
    expect((await context.getMessages()).map(outlineMessage)).toEqual([
      'user: "Hi"',
      'assistant: thinking "Hm", "Hello" (interrupted)',
    ]);
    expect(provider.calls[0]?.signal.aborted).toBe(true);
    expect(session.lastTurn).toMatchObject({ status: "timeout", limit: "timeout", text: "Hello" });
  });

  test("lets go of a tool after 50 ms and the next prompt works", async () => {
    const late = gate();
    const { session, clock } = await loopSession({
      script: [answer(toolCall("c1", "deaf")), answer(text("Fine"))],
      tools: [tool("deaf", () => late.pass().then(() => "late"))],
      config: { timeout: 5 },
    });
    const turn = recordTurn(session, "Hi");
    await clock.advance(5_000);
    expect(session.lastTurn).toBeNull();
    await clock.advance(50);
    const { events } = await turn;
    expect(outlineEvents(events).slice(-5)).toEqual([
      "tool:error c1 detached",
      'context:message tool(c1): "Cancelled: the turn was stopped before this call finished."',
      'execution:end timeout "" tool_calls timeout AmplifierError',
      "orchestrator:complete timeout turns=1",
      'prompt:complete timeout ""',
    ]);
    await runTurn(session, "And now?");
    expect(session.lastTurn?.text).toBe("Fine");
    late.open();
  });

  test("of execute rejects too, after the closing events", async () => {
    const { session, clock } = await loopSession({ script: [hangs()], config: { timeout: 1 } });
    const turn = session.execute("Hi").catch((error: unknown) => error);
    await clock.advance(1_000);
    expect(await turn).toMatchObject({ code: "turn_timeout" });
    expect(session.lastTurn).toMatchObject({ status: "timeout" });
  });

  test("tells of a tool that listened that it was cancelled", async () => {
    const held = gatedTool("slow");
    const { session, clock } = await loopSession({
      script: [answer(toolCall("c1", "slow"))],
      tools: [held.tool],
      config: { timeout: 5 },
    });
    const turn = recordTurn(session, "Hi");
    await clock.advance(5_000);
    expect(outlineEvents((await turn).events).filter((line) => line.startsWith("tool:"))).toEqual([
      "tool:pre c1 run {}",
      "tool:error c1 cancelled",
    ]);
  });

  test("stands still while the consumer is slow", async () => {
    const pause = gate();
    const words = Array.from({ length: 200 }, (_, n) => `${n} `);
    const { session, clock } = await loopSession({
      script: [answer(text(...words))],
      config: { timeout: 5, buffer_size: 1 },
    });
    let held = false;
    const turn = runTurn(session, "Hi", {
      onEvent: async (event) => {
        if (event.type !== "content_block:delta" || held) return;
        held = true;
        await pause.pass();
      },
    });
    await pause.reached;
    await clock.advance(600_000);
    pause.open();
    await turn;
    expect(session.lastTurn?.status).toBe("success");
  });

  test("also ends a turn whose hook never answers, and names the hook", async () => {
    const stuck: InlineHook = { name: "stuck", events: { "provider:request": () => new Promise(() => undefined) } };
    const { session, clock } = await loopSession({
      script: [],
      hooks: [stuck],
      config: { timeout: 5 },
      warnings: [/Hook "stuck" .*"provider:request"/u],
    });
    const turn = recordTurn(session, "Hi");
    await clock.advance(5_000);
    expect((await turn).failure?.error).toMatchObject({ code: "turn_timeout" });
  });

  test("longer than timers can count does not fire at once", async () => {
    const { session, clock } = await loopSession({ script: [answer(text("Hi"))], config: { timeout: 10_000_000 } });
    const turn = runTurn(session, "Hi");
    await clock.advance(0);
    await turn;
    expect(session.lastTurn?.status).toBe("success");
  });
});
