/**
 * Turns of sessions: one at a time, many after each other, several sessions on one orchestrator, and a log that fails.
 */
import { createSession, type EventLog, type InlineHook, MemoryEventLog } from "amplifier-core";
import {
  answer,
  ArrayContext,
  assertInvariants,
  checkConversation,
  drainMicrotasks,
  FakeClock,
  gate,
  hangs,
  outlineEvents,
  readLog,
  recordTurn,
  runTurn,
  ScriptedProvider,
  text,
  thinking,
  toolCall,
} from "amplifier-testkit";
import { expect, onTestFinished, test } from "vitest";
import { createLoopConfig, StreamingOrchestrator } from "../src/index.ts";
import { loopSession } from "./loop-session.ts";
import { gatedTool, tool } from "./test-tools.ts";

test("a second turn while one runs is refused and does not disturb the first", async () => {
  const pause = gate();
  const { session, log } = await loopSession({ script: [answer(text("Hel"), pause, text("lo"))] });
  const first = runTurn(session, "One");
  await pause.reached;
  const before = log.last();
  await expect(session.execute("Two")).rejects.toMatchObject({ code: "turn_running", data: { session_id: "session" } });
  await expect(session.stream("Three").next()).rejects.toMatchObject({ code: "turn_running" });
  expect(log.last()).toBe(before);
  pause.open();
  assertInvariants(await first);
  expect(session.lastTurn?.text).toBe("Hello");
});

test.each([[""], ["  \n"], [[]]])("the empty prompt %j is refused before anything happens", async (prompt) => {
  const { session, log } = await loopSession({ script: [] });
  await expect(session.execute(prompt)).rejects.toMatchObject({ code: "prompt_empty" });
  expect(log.last()).toBe(0);
});

test("a closed session runs no turn, tells its end once, and closing twice is as good as once", async () => {
  const { session, log } = await loopSession({ script: [answer(text("Hi"))] });
  await runTurn(session, "Hi");
  await Promise.all([session.close(), session.close()]);
  await session.close();
  await expect(session.execute("More")).rejects.toMatchObject({ code: "session_closed" });
  expect(outlineEvents(await readLog(log)).filter((line) => line.startsWith("session:"))).toEqual([
    "session:start",
    "session:end",
  ]);
});

test("closing stops the running turn and waits for its closing events", async () => {
  const { session, log } = await loopSession({ script: [answer(text("Hel"), hangs())] });
  const turn = recordTurn(session, "Hi");
  await drainMicrotasks();
  await session.close();
  expect(outlineEvents(await readLog(log)).slice(-2)).toEqual(['prompt:complete cancelled "Hel"', "session:end"]);
  expect((await turn).failure).toBeUndefined();
});

test("seq goes on over the turns of a session, and each turn has its own id", async () => {
  const { session, log } = await loopSession({ script: [answer(text("A")), answer(text("B"))] });
  await runTurn(session, "One");
  await runTurn(session, "Two");
  const events = await readLog(log);
  assertInvariants(events, { source: "log" });
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  expect(new Set(events.map(({ turn_id }) => turn_id)).size).toBe(3);
});

test("a log that is not empty makes the session a resumed one, and seq goes on behind it", async () => {
  const log = new MemoryEventLog();
  const first = await loopSession({ script: [answer(text("A"))], log });
  await runTurn(first.session, "One");
  const second = await loopSession({ script: [answer(text("B"))], log });
  const lines = outlineEvents(await runTurn(second.session, "Two"));
  expect(lines[0]).toBe("session:resume");
  assertInvariants(await readLog(log), { source: "log" });
});

test("two sessions on one orchestrator do not see each other", async () => {
  const orchestrator = new StreamingOrchestrator(createLoopConfig({ buffer_size: 1 }));
  const clock = new FakeClock();
  const held = gatedTool("slow");
  const make = async (id: string) => {
    const provider = new ScriptedProvider([answer(text(`${id} `), toolCall("c1", "slow")), answer(text(`done ${id}`))]);
    onTestFinished(() => provider.assertDone());
    const context = new ArrayContext();
    const plan = { session: { orchestrator, context }, providers: [provider], tools: [held.tool] };
    return { session: await createSession(plan, { clock, sessionId: id }), context };
  };
  const [a, b] = await Promise.all([make("a"), make("b")]);
  const first = runTurn(a.session, "One");
  const second = runTurn(b.session, "Two");
  await held.gateOf("c1").reached;
  await drainMicrotasks();
  expect(held.started).toEqual(["c1", "c1"]);
  held.gateOf("c1").open();
  for (const [events, id] of [
    [await first, "a"],
    [await second, "b"],
  ] as const) {
    expect(events.every(({ session_id }) => session_id === id)).toBe(true);
    expect(events.at(-1)).toMatchObject({ data: { response: `done ${id}` } });
  }
  expect(checkConversation(await a.context.getMessages())).toEqual([]);
  clock.assertIdle();
});

test("stopping one of two sessions on one orchestrator leaves the other alone", async () => {
  const orchestrator = new StreamingOrchestrator(createLoopConfig({}));
  const pause = gate();
  const make = (script: ConstructorParameters<typeof ScriptedProvider>[0]) =>
    createSession({
      session: { orchestrator, context: new ArrayContext() },
      providers: [new ScriptedProvider(script)],
    });
  const a = await make([hangs()]);
  const b = await make([answer(text("Hel"), pause, text("lo"))]);
  const first = recordTurn(a, "One");
  const second = runTurn(b, "Two");
  await pause.reached;
  a.cancel();
  await first;
  pause.open();
  expect((await second).at(-1)).toMatchObject({ data: { status: "success", response: "Hello" } });
  expect(a.lastTurn?.status).toBe("cancelled");
});

test("hooks see what is raised with the session's fields and a timestamp, which are never stored", async () => {
  const seen: Record<string, unknown>[] = [];
  const spy: InlineHook = { name: "spy", events: { "execution:start": (_event, data) => void seen.push({ ...data }) } };
  const { session } = await loopSession({ script: [answer(text("Hi"))], hooks: [spy] });
  const events = await runTurn(session, "Hi");
  expect(seen).toEqual([
    { prompt: "Hi", session_id: "session", parent_id: null, timestamp: "2026-01-01T00:00:00.000Z" },
  ]);
  expect(events.find(({ type }) => type === "execution:start")?.data).toEqual({ prompt: "Hi" });
});

test("listening changes nothing: the events with a handler on each are those without any", async () => {
  const script = () => [answer(thinking("Hm"), text("He", "llo"))];
  const plain = await loopSession({ script: script() });
  const expected = outlineEvents(await runTurn(plain.session, "Hi"));
  const types = [...new Set(expected.map((line) => line.split(" ")[0] ?? ""))];
  for (const handler of [() => undefined, () => Promise.resolve(undefined), () => drainMicrotasks()]) {
    const events = Object.fromEntries(types.map((type) => [type, handler]));
    const heard = await loopSession({ script: script(), hooks: [{ name: "all", events }] });
    expect(outlineEvents(await runTurn(heard.session, "Hi"))).toEqual(expected);
  }
});

function failingLog(from: number): EventLog {
  const log = new MemoryEventLog();
  const append = log.append.bind(log);
  return Object.assign(log, {
    append: (events: Parameters<EventLog["append"]>[0], options: { durable: boolean }) =>
      (events[0]?.seq ?? log.last()) >= from ? Promise.reject(new Error("disk full")) : append(events, options),
  });
}

test.each([1, 2, 4, 8, 12])(
  "a log that refuses to store from event %i on ends the turn with log_append_failed, and nothing hangs",
  async (from) => {
    const never = tool("never", () => Promise.resolve("ran"));
    const made = await loopSession({
      script: [answer(text("Hi"), toolCall("c1", "never")), answer(text("Done"))],
      tools: [never],
      log: failingLog(from),
    });
    const { events, failure } = await recordTurn(made.session, "Hi");
    expect(failure?.error).toMatchObject({ code: "log_append_failed" });
    expect(events.at(-1)).toMatchObject({ type: "prompt:complete", data: { status: "error" } });
    made.provider.dropRest();
  },
);

test("a tool does not run when its intent could not be logged", async () => {
  const held = gatedTool("slow");
  held.gateOf("c1").open();
  const made = await loopSession({ script: [answer(toolCall("c1", "slow"))], tools: [held.tool], log: failingLog(8) });
  await recordTurn(made.session, "Hi");
  expect(held.started).toEqual([]);
});

test("a log that never answers does not hold up a stop", async () => {
  const log = Object.assign(new MemoryEventLog(), { append: () => new Promise<void>(() => undefined) });
  const made = await loopSession({ script: [], log });
  const turn = recordTurn(made.session, "Hi");
  await made.clock.advance(60_000);
  made.session.cancel();
  await made.clock.advance(100);
  let settled = false;
  void turn.then(() => (settled = true));
  await drainMicrotasks();
  expect(settled).toBe(true);
});

test("a config given in code is checked as one of a plan is", () => {
  expect(() => createLoopConfig({ buffer_size: 0, timeout: "x", bogus: 1 })).toThrow(
    'The config of module "loop-streaming" is not valid: ',
  );
  expect(() => createLoopConfig({ max_turns: 1, max_iterations: 1 })).toThrow("which is not allowed together");
});

test.each([
  [{ name: "typo", events: { "tool:pre": "deny" } }, 'the handler of "tool:pre" of hook "typo" is no function'],
  [{ name: "case", events: {}, on_error: "Deny" }, 'on_error of hook "case" is "Deny", must be "skip" or "deny"'],
])("a hook written in place is checked: %j", async (hook, message) => {
  await expect(loopSession({ script: [], hooks: [hook as never] })).rejects.toThrow(message);
});
