/**
 * A stop while a port hangs and listens to nobody: provider, context, tool and hooks are left within their bounds, and what
 * was skipped is named.
 */
import type { CancelMode, ContextManager, Event, EventType, InlineHook } from "amplifier-core";
import {
  answer,
  ArrayContext,
  assertInvariants,
  drainMicrotasks,
  type FakeClock,
  gate,
  hangs,
  outlineEvents,
  outlineMessage,
  readLog,
  recordTurn,
  runTurn,
  text,
  thinking,
  toolCall,
  unfinished,
} from "amplifier-testkit";
import { describe, expect, test } from "vitest";
import { type LoopSession, loopSession } from "./loop-session.ts";
import { clockTool, gatedTool, tool } from "./test-tools.ts";

/** How long a port that ignores a stop is waited for, and how long the handlers of all closing events together. */
const DETACH_MS = 30;
const HANDLERS_MS = 1_000;

const forever = (): Promise<never> => new Promise(() => undefined);
const oslo = toolCall("c1", "clock", { zone: "Oslo" });

/** Moves time until `work` has settled and returns how long that took; -1 when it did not within `limitMs`. */
async function timeToSettle(work: Promise<unknown>, clock: FakeClock, limitMs: number): Promise<number> {
  let settled = false;
  const mark = (): void => void (settled = true);
  void work.then(mark, mark);
  await drainMicrotasks();
  for (let ms = 0; ms <= limitMs; ms += 10) {
    if (settled) return ms;
    await clock.advance(10);
  }
  return -1;
}

/** Starts a turn, lets it run until it can do no more, stops it, and returns how long it took to settle. */
async function stopWhenStuck(
  made: LoopSession,
  mode: CancelMode,
  limitMs: number,
): Promise<{ ms: number; events: readonly Event[] }> {
  const turn = recordTurn(made.session, "Hi");
  await made.clock.advance(0);
  made.session.cancel(mode);
  const ms = await timeToSettle(turn, made.clock, limitMs);
  if (ms === -1) throw new Error(`The turn had not settled ${limitMs} ms after the stop.`);
  return { ms, events: (await turn).events };
}

describe.each<CancelMode>(["graceful", "immediate"])("a %s stop", (mode) => {
  test("leaves a provider that ignores its signal at once, and keeps what came", async () => {
    const made = await loopSession({
      script: [answer(thinking("Hm"), unfinished(text("Hel", "lo")), hangs({ deaf: true }))],
      config: { buffer_size: 1 },
    });
    const { ms, events } = await stopWhenStuck(made, mode, 0);
    expect(ms).toBe(0);
    expect(outlineEvents(events).slice(11)).toEqual([
      'content_block:end 1 "Hello" (interrupted)',
      "llm:stream_aborted AbortError",
      "provider:error #1 AbortError",
      'context:message assistant: thinking "Hm", "Hello" (interrupted)',
      `cancel:requested ${mode}`,
      `cancel:completed ${mode}`,
      'execution:end cancelled "Hello"',
      "orchestrator:complete cancelled turns=1",
      'prompt:complete cancelled "Hello"',
    ]);
    expect(made.provider.calls[0]?.signal.aborted).toBe(true);
  });

  test("while a context never gives its messages settles in 30 ms", async () => {
    const context = Object.assign(new ArrayContext(), { getMessagesForRequest: forever });
    const made = await loopSession({ script: [], context });
    const { ms, events } = await stopWhenStuck(made, mode, DETACH_MS);
    expect(ms).toBeLessThanOrEqual(DETACH_MS);
    expect(outlineEvents(events).slice(4)).toEqual([
      "provider:request #1",
      "provider:error #1 AbortError",
      `cancel:requested ${mode}`,
      `cancel:completed ${mode}`,
      'execution:end cancelled ""',
      "orchestrator:complete cancelled turns=1",
      'prompt:complete cancelled ""',
    ]);
  });

  test.each(["user", "assistant", "tool"])(
    "while a context never stores a message of role %s settles in 30 ms",
    async (role) => {
      const context = hangingOn(role);
      const made = await loopSession({ script: role === "user" ? [] : [answer(oslo)], context, tools: [clockTool] });
      const { ms, events } = await stopWhenStuck(made, mode, DETACH_MS);
      expect(ms).toBeLessThanOrEqual(DETACH_MS);
      expect(events.at(-1)).toMatchObject({ type: "prompt:complete", data: { status: "cancelled" } });
    },
  );

  test("while a context hangs on each of many results settles in 30 ms, not 30 ms a result", async () => {
    const made = await loopSession({
      script: [answer(oslo, toolCall("c2", "clock", { zone: "A" }), toolCall("c3", "clock", { zone: "B" }))],
      context: hangingOn("tool"),
      tools: [clockTool],
    });
    const { ms } = await stopWhenStuck(made, mode, 1_000);
    expect(ms).toBeLessThanOrEqual(DETACH_MS);
  });

  test("withdraws the wait of calls that have not started, while one that runs is treated as it should be", async () => {
    const held = gatedTool("slow");
    const made = await loopSession({
      script: [answer(toolCall("c1", "slow"), toolCall("c2", "slow"))],
      tools: [held.tool],
      config: { max_parallel_tools: 1 },
    });
    const turn = recordTurn(made.session, "Go");
    await held.gateOf("c1").reached;
    await drainMicrotasks();
    made.session.cancel(mode);
    await drainMicrotasks();
    held.gateOf("c1").open();
    const lines = outlineEvents((await turn).events).filter((line) => line.startsWith("tool:"));
    expect(held.started).toEqual(["c1"]);
    expect(lines.toSorted()).toEqual(
      [
        "tool:pre c1 run {}",
        "tool:pre c2 run {}",
        mode === "graceful" ? 'tool:post c1 "done c1"' : "tool:error c1 cancelled",
        "tool:error c2 cancelled",
      ].toSorted(),
    );
  });
});

function hangingOn(role: string): ContextManager {
  const context = new ArrayContext();
  const add = context.addMessage.bind(context);
  context.addMessage = (message) => (message.role === role ? forever() : add(message));
  return context;
}

test("a running tool that ignores an immediate stop is detached after 30 ms; its late result is told and never stored", async () => {
  const late = gate();
  const made = await loopSession({
    script: [answer(toolCall("c1", "deaf"), oslo2()), answer(text("Next"))],
    tools: [tool("deaf", () => late.pass().then(() => "late")), clockTool],
  });
  const { ms, events } = await stopWhenStuck(made, "immediate", DETACH_MS);
  expect(ms).toBe(DETACH_MS);
  expect(outlineEvents(events).filter((line) => /^(?:tool:|context:message tool|cancel:)/u.test(line))).toEqual([
    "tool:pre c1 run {}",
    'tool:pre c2 run {"zone":"Oslo"}',
    'tool:post c2 "12:00 in Oslo"',
    "cancel:requested immediate",
    "tool:error c1 detached",
    'context:message tool(c1): "Cancelled: the turn was stopped before this call finished."',
    'context:message tool(c2): "12:00 in Oslo"',
    "cancel:completed immediate",
  ]);
  late.open();
  await drainMicrotasks();
  const stored = await readLog(made.log);
  expect(outlineEvents(stored).at(-1)).toBe('tool:late_result c1 "late"');
  expect(stored.at(-1)?.turn_id).toBe(events.find(({ type }) => type === "execution:start")?.turn_id);
  await runTurn(made.session, "And now?");
  assertInvariants(await readLog(made.log), { source: "log" });
  expect((await made.context.getMessages()).map(outlineMessage).slice(2, 4)).toEqual([
    'tool(c1): "Cancelled: the turn was stopped before this call finished."',
    'tool(c2): "12:00 in Oslo"',
  ]);
});

function oslo2() {
  return toolCall("c2", "clock", { zone: "Oslo" });
}

test("a graceful stop waits for the running tools; an immediate one behind it does not, and both are one cancel", async () => {
  const late = gate();
  const made = await loopSession({
    script: [answer(toolCall("c1", "deaf"))],
    tools: [tool("deaf", () => late.pass().then(() => "late"))],
  });
  const turn = recordTurn(made.session, "Go");
  await made.clock.advance(0);
  made.session.cancel("graceful");
  await made.clock.advance(60_000);
  expect(made.session.lastTurn).toBeNull();
  made.session.cancel("immediate");
  expect(await timeToSettle(turn, made.clock, DETACH_MS)).toBe(DETACH_MS);
  const lines = outlineEvents((await turn).events).filter((line) => line.startsWith("cancel:"));
  expect(lines).toEqual(["cancel:requested graceful", "cancel:completed immediate"]);
  late.open();
});

const everyEvent: readonly EventType[] = [
  "session:start",
  "execution:start",
  "prompt:submit",
  "context:message",
  "provider:request",
  "content_block:start",
  "content_block:delta",
  "content_block:end",
  "llm:stream_block_start",
  "llm:stream_block_delta",
  "llm:stream_block_end",
  "tool:pre",
  "tool:post",
  "tool:progress",
  "provider:response",
  "execution:end",
  "orchestrator:complete",
  "prompt:complete",
];

describe.each<CancelMode>(["graceful", "immediate"])("a %s stop while a hook hangs", (mode) => {
  test.each(everyEvent)("on %s settles within a second, and the hook is named", async (type) => {
    let asked = 0;
    const stuck: InlineHook = { name: "stuck", events: { [type]: () => (asked++, forever()) } };
    const made = await loopSession({
      script: [answer(oslo, text("Hi")), answer(text("Done"))],
      hooks: [stuck],
      tools: [{ ...clockTool, execute: (input, context) => (context.progress(1), clockTool.execute(input, context)) }],
    });
    const { ms, events } = await stopWhenStuck(made, mode, 2 * HANDLERS_MS);
    expect(asked).toBeGreaterThan(0);
    expect(ms).toBeLessThanOrEqual(HANDLERS_MS + DETACH_MS);
    expect(events.at(-1)?.type).toBe("prompt:complete");
    expect(made.display.shown.length).toBeGreaterThan(0);
    for (const { message } of made.display.shown) {
      expect(message).toContain(`Hook "stuck" had not answered "${type}"`);
      made.display.expect(/Hook "stuck"/u);
    }
    made.provider.dropRest();
  });
});

test.each(["session:start", "prompt:complete"] as const)(
  "the caller's signal bounds a hook that hangs on %s too",
  async (type) => {
    const made = await loopSession({
      script: type === "session:start" ? [] : [answer(text("Hi"))],
      hooks: [{ name: "stuck", events: { [type]: forever } }],
      warnings: [/Hook "stuck"/u],
    });
    const caller = new AbortController();
    const turn = recordTurn(made.session, "Hi", { signal: caller.signal });
    await made.clock.advance(5_000);
    caller.abort(new Error("enough"));
    expect(await timeToSettle(turn, made.clock, HANDLERS_MS)).toBe(type === "session:start" ? 0 : HANDLERS_MS);
    expect((await turn).events.at(-1)?.type).toBe("prompt:complete");
  },
);

test("hooks that hang on every closing event share one second", async () => {
  const events = Object.fromEntries(
    ["provider:error", "cancel:requested", "cancel:completed", "execution:end", "orchestrator:complete"].map((type) => [
      type,
      forever,
    ]),
  );
  const made = await loopSession({
    script: [answer(unfinished(text("Hel")), hangs())],
    hooks: [{ name: "stuck", events }],
    warnings: Array.from({ length: 5 }, () => /Hook "stuck"/u),
  });
  const { ms } = await stopWhenStuck(made, "immediate", 5 * HANDLERS_MS);
  expect(ms).toBeLessThanOrEqual(HANDLERS_MS);
});

test("a caller's signal that was aborted before the turn stops it before anything is asked", async () => {
  const { session, context } = await loopSession({ script: [] });
  const { events, failure } = await recordTurn(session, "Hi", { signal: AbortSignal.abort(new Error("too late")) });
  expect(failure?.error).toMatchObject({ message: "too late" });
  expect(outlineEvents(events).filter((line) => !line.startsWith("session:"))).toEqual([
    'execution:start "Hi"',
    'prompt:submit "Hi"',
    'context:message user: "Hi"',
    "cancel:requested immediate",
    "cancel:completed immediate",
    'execution:end cancelled ""',
    "orchestrator:complete cancelled turns=0",
    'prompt:complete cancelled ""',
  ]);
  expect((await context.getMessages()).map(outlineMessage)).toEqual(['user: "Hi"']);
});

test("the caller's abort rejects with its reason; a cancel resolves with the text so far", async () => {
  const { session, provider } = await loopSession({
    script: [answer(unfinished(text("Hel")), hangs()), answer(unfinished(text("lo")), hangs())],
  });
  const reason = new Error("enough");
  const caller = new AbortController();
  const first = session.execute("Hi", { signal: caller.signal });
  await drainMicrotasks();
  caller.abort(reason);
  await expect(first).rejects.toBe(reason);
  expect(session.lastTurn).toMatchObject({ status: "cancelled", text: "Hel" });
  const second = session.execute("Hi");
  await drainMicrotasks();
  session.cancel();
  expect(await second).toBe("lo");
  expect(provider.calls).toHaveLength(2);
});

test("cancel without a turn does nothing, also not to the next turn", async () => {
  const { session } = await loopSession({ script: [answer(text("Hi"))] });
  session.cancel();
  session.cancel("graceful");
  await runTurn(session, "Hi");
  expect(session.lastTurn?.status).toBe("success");
});
