/**
 * The events of a session's own life: start or resume, fork, config, end. Each once, at its place, whatever happens.
 */
import { createSession, MemoryEventLog, type MountPlan, type Orchestrator, type SessionOptions } from "amplifier-core";
import { ArrayContext, drainMicrotasks, FakeClock, readLog, RecordingDisplay } from "amplifier-testkit";
import { describe, expect, it } from "vitest";
import { dataOf, loop, module, mounted, PLAN, provider } from "./modules-in-memory.ts";

const typesOf = (events: readonly { readonly type: string }[]): readonly string[] => events.map(({ type }) => type);

async function eventsOf(session: { stream: (prompt: string) => AsyncIterable<{ type: string; data: object }> }) {
  const events: { type: string; data: object }[] = [];
  for await (const event of session.stream("Hi")) events.push(event);
  return events;
}

/** A session whose loop is the given one. */
async function sessionWith(orchestrator: Orchestrator, options: SessionOptions = {}, more: Partial<MountPlan> = {}) {
  const log = new MemoryEventLog();
  const plan = { session: { orchestrator, context: new ArrayContext() }, providers: [provider("a")], ...more };
  const session = await createSession(plan, { log, sessionId: "s", ...options });
  return { session, log };
}

describe("session:start", () => {
  it("stands in front of the first turn, once, with the ids of the session and its parent", async () => {
    const { session, log } = await mounted(PLAN, {}, { sessionId: "s" });
    expect(log.last()).toBe(0);
    const first = await eventsOf(session);
    expect(first.map(({ type, data }) => ({ type, ...data }))).toEqual([
      { type: "session:start", session_id: "s", parent_id: null },
      { type: "prompt:complete", response: "answer", status: "success" },
    ]);
    expect(typesOf(await eventsOf(session))).toEqual(["prompt:complete"]);
    expect(typesOf(await eventsOf(session))).toEqual(["prompt:complete"]);
  });

  it("names the parent, which hooks see with every event", async () => {
    const seen: unknown[] = [];
    const hook = { name: "spy", events: { "session:start": (_: string, data: object) => void seen.push(data) } };
    const { session } = await sessionWith(loop, { parentId: "p", clock: new FakeClock() }, { hooks: [hook] });
    const [, start] = await eventsOf(session);
    expect(start?.data).toEqual({ session_id: "s", parent_id: "p" });
    expect(seen).toEqual([{ session_id: "s", parent_id: "p", timestamp: "2026-01-01T00:00:00.000Z" }]);
  });

  it("is not raised again when the first turn fails", async () => {
    let calls = 0;
    const failsOnce = { execute: () => (calls++ === 0 ? Promise.reject(new Error("no")) : Promise.resolve("yes")) };
    const { session, log } = await sessionWith(failsOnce);
    await expect(session.execute("One")).rejects.toThrow("no");
    expect(await session.execute("Two")).toBe("yes");
    expect(dataOf(await readLog(log))).toEqual([
      { type: "session:start", session_id: "s", parent_id: null },
      { type: "prompt:complete", response: "", status: "error" },
      { type: "prompt:complete", response: "yes", status: "success" },
    ]);
  });

  it("is raised once when two turns are asked for at the same time: the second is refused", async () => {
    const { session, log } = await sessionWith(loop);
    const outcomes = await Promise.allSettled([session.execute("One"), session.execute("Two")]);
    expect(outcomes).toMatchObject([{ value: "answer" }, { reason: { code: "turn_running" } }]);
    expect(typesOf(await readLog(log))).toEqual(["session:start", "prompt:complete"]);
  });

  it("is of its own session only: two sessions each have theirs", async () => {
    const one = await sessionWith(loop, { sessionId: "one" });
    const two = await sessionWith(loop, { sessionId: "two" });
    await Promise.all([one.session.execute("Hi"), two.session.execute("Hi")]);
    const startOf = async ({ log }: typeof one) => (await readLog(log))[0]?.data;
    expect(await Promise.all([one, two].map(startOf))).toEqual([
      { session_id: "one", parent_id: null },
      { session_id: "two", parent_id: null },
    ]);
  });

  it("does not come for a prompt that is refused", async () => {
    const { session, log } = await sessionWith(loop);
    await expect(session.execute(" ")).rejects.toMatchObject({ code: "prompt_empty" });
    expect(log.last()).toBe(0);
    await session.execute("Hi");
    expect(typesOf(await readLog(log))).toEqual(["session:start", "prompt:complete"]);
  });
});

describe("session:resume", () => {
  it("stands in its place when the caller says that the session goes on, once", async () => {
    const { session, log } = await sessionWith(loop, { resumed: true, parentId: "p" });
    await session.execute("One");
    await session.execute("Two");
    expect(dataOf(await readLog(log))).toEqual([
      { type: "session:fork", session_id: "s", parent: "p" },
      { type: "session:resume", session_id: "s", parent_id: "p" },
      { type: "prompt:complete", response: "answer", status: "success" },
      { type: "prompt:complete", response: "answer", status: "success" },
    ]);
  });

  it("is what a log that holds something means, unless the caller says otherwise", async () => {
    const log = new MemoryEventLog();
    await (await sessionWith(loop, { log })).session.execute("One");
    await (await sessionWith(loop, { log })).session.execute("Two");
    await (await sessionWith(loop, { log, resumed: false })).session.execute("Three");
    const begun = typesOf(await readLog(log)).filter((type) => type !== "prompt:complete");
    expect(begun).toEqual(["session:start", "session:resume", "session:start"]);
  });
});

describe("session:fork", () => {
  const hooks = (seen: string[]) => [
    { module: "hooks-watch" },
    { name: "inline", events: { "session:fork": () => void seen.push("inline") } },
  ];

  it("ends the mounting of a session with a parent, behind what modules did when it was ready", async () => {
    const seen: string[] = [];
    const watch = module(
      "hook",
      (coordinator) => void coordinator.hooks.register("session:fork", () => void seen.push("module")),
      { onSessionReady: () => void seen.push("ready") },
    );
    const plan = { ...PLAN, session: { ...PLAN.session, metadata: { purpose: "review" } }, hooks: hooks(seen) };
    const { events } = await mounted(plan, { "hooks-watch": watch }, { sessionId: "s", parentId: "p" });
    expect(dataOf(events)).toEqual([
      { type: "session:fork", session_id: "s", parent: "p", metadata: { purpose: "review" } },
    ]);
    expect(events[0]?.turn_id).toBeNull();
    expect(seen).toEqual(["ready", "module", "inline"]);
  });

  it("is the first event of the first stream", async () => {
    const { session } = await sessionWith(loop, { parentId: "p" });
    expect(typesOf(await eventsOf(session))).toEqual(["session:fork", "session:start", "prompt:complete"]);
  });

  it("is not raised without a parent", async () => {
    const { session } = await sessionWith(loop);
    expect(typesOf(await eventsOf(session))).toEqual(["session:start", "prompt:complete"]);
  });

  it("does not hold up a session whose handler never returns: it is skipped after a minute, and named", async () => {
    const clock = new FakeClock();
    const display = new RecordingDisplay([/"stuck" had not answered "session:fork" in time/u]);
    const hook = { name: "stuck", events: { "session:fork": () => new Promise<void>(() => undefined) } };
    const making = sessionWith(loop, { parentId: "p", clock, display }, { hooks: [hook] });
    await clock.advance(60_000);
    const { log } = await making;
    expect(typesOf(await readLog(log))).toEqual(["session:fork"]);
    display.assertExpected();
    clock.assertIdle();
  });
});

describe("session:config", () => {
  const clockTool = { name: "clock", description: "", inputSchema: {}, execute: () => Promise.resolve("") };
  const plan: MountPlan = {
    session: { orchestrator: { module: "loop", config: { depth: 2 } }, raw: true },
    providers: [{ module: "provider-a", config: { api_key: "abc", headers: { "x-auth": "abc" }, model: "m" } }],
    tools: [clockTool],
    hooks: [{ name: "own", events: {} }],
    agents: { helper: { token: "abc" } },
  };
  const raw = {
    session: { orchestrator: { module: "loop", config: { depth: 2 } }, raw: true },
    providers: [{ module: "provider-a", config: { api_key: "[redacted]", headers: "[redacted]", model: "m" } }],
    tools: [{ object: "clock" }],
    hooks: [{ object: "own" }],
    agents: { helper: { token: "[redacted]" } },
  };

  it("tells the plan before each turn, without its secrets, and of what was made in code the name", async () => {
    const { session } = await mounted(plan, {}, { sessionId: "s" });
    const turns = [await eventsOf(session), await eventsOf(session)];
    expect(turns.map(typesOf)).toEqual([
      ["session:start", "session:config", "prompt:complete"],
      ["session:config", "prompt:complete"],
    ]);
    expect([turns[0]?.[1]?.data, turns[1]?.[0]?.data]).toStrictEqual([
      { session_id: "s", raw },
      { session_id: "s", raw },
    ]);
  });

  it("is told to the parent with the fork", async () => {
    const { events } = await mounted(plan, {}, { sessionId: "s", parentId: "p" });
    expect(dataOf(events)).toEqual([{ type: "session:fork", session_id: "s", parent: "p", raw }]);
  });

  it("names a loop and a context that were made in code by their class", async () => {
    class OwnLoop {
      execute = () => Promise.resolve("");
    }
    const session = { orchestrator: new OwnLoop(), context: new ArrayContext(), raw: true };
    const { events } = await mounted({ ...PLAN, session }, {}, { parentId: "p" });
    expect(events[0]?.data).toMatchObject({
      raw: { session: { orchestrator: { object: "OwnLoop" }, context: { object: "ArrayContext" } } },
    });
  });

  it("is not raised unless the plan asks for it", async () => {
    const { session } = await mounted({ ...PLAN, session: { ...PLAN.session, raw: false } });
    expect(typesOf(await eventsOf(session))).toEqual(["session:start", "prompt:complete"]);
  });
});

describe("session:end", () => {
  const cleaning = (ran: string[]) => ({
    tidy: module("tool", (coordinator) => {
      coordinator.mount("tools", { name: "t", description: "", inputSchema: {}, execute: () => Promise.resolve("") });
      coordinator.hooks.register("session:end", () => void ran.push("session:end"));
      coordinator.registerCleanup(() => void ran.push("registered"));
      return async () => void ran.push("returned");
    }),
  });

  it("comes before the modules clean up, which they do last first, each once however often it is closed", async () => {
    const ran: string[] = [];
    const { session, log } = await mounted({ ...PLAN, tools: [{ module: "tidy" }] }, cleaning(ran), { sessionId: "s" });
    await session.execute("Hi");
    await Promise.all([session.close(), session.close()]);
    await session.close();
    expect(ran).toEqual(["session:end", "returned", "registered"]);
    expect(dataOf((await readLog(log)).slice(-1))).toEqual([
      { type: "session:end", session_id: "s", status: "success" },
    ]);
    expect(log.last()).toBe(3);
  });

  it("says how the last turn ended", async () => {
    const usage = { input_tokens: 0, output_tokens: 0, total_tokens: 0 };
    const failing: Orchestrator = {
      execute: async ({ hooks }) => {
        await hooks.emit("execution:end", { response: "", status: "error", usage, finish_reason: null });
        throw new Error("no");
      },
    };
    const { session, log } = await sessionWith(failing);
    await expect(session.execute("Hi")).rejects.toThrow("no");
    await session.close();
    expect(dataOf((await readLog(log)).slice(-1))).toEqual([{ type: "session:end", session_id: "s", status: "error" }]);
  });

  it("comes also for a session that never ran a turn, and when `await using` ends it", async () => {
    const { log } = await (async () => {
      const made = await sessionWith(loop);
      await using _session = made.session;
      return made;
    })();
    expect(typesOf(await readLog(log))).toEqual(["session:end"]);
  });

  it("is raised and everything is cleaned up, although cleanups fail and handlers never return", async () => {
    const clock = new FakeClock();
    const ran: string[] = [];
    const display = new RecordingDisplay([
      /"stuck" had not answered "session:end"/u,
      /failed to clean up: no luck/u,
      /cleanup took longer than 5000 ms/u,
    ]);
    const stuck = { name: "stuck", events: { "session:end": () => new Promise<void>(() => undefined) } };
    const { session, log } = await sessionWith(loop, { clock, display }, { hooks: [stuck] });
    session.coordinator.registerCleanup(() => void ran.push("first"));
    session.coordinator.registerCleanup(() => new Promise(() => undefined));
    session.coordinator.registerCleanup(() => Promise.reject(new Error("no luck")));
    const closing = session.close();
    await clock.advance(1000);
    await clock.advance(5000);
    await closing;
    expect(ran).toEqual(["first"]);
    expect(typesOf(await readLog(log))).toEqual(["session:end"]);
    display.assertExpected();
    clock.assertIdle();
  });

  it("waits five seconds for a log that never stores its last events, and says so", async () => {
    const clock = new FakeClock();
    const display = new RecordingDisplay([/The event log did not store its last events/u]);
    const log = Object.assign(new MemoryEventLog(), { append: () => new Promise<never>(() => undefined) });
    const { session } = await sessionWith(loop, { clock, display, log });
    let closed = false;
    const closing = session.close().then(() => (closed = true));
    await clock.advance(4999);
    expect(closed).toBe(false);
    await clock.advance(1);
    await closing;
    display.assertExpected();
    clock.assertIdle();
  });

  it("rejects when the log refuses the last events, after everything was cleaned up", async () => {
    const log = Object.assign(new MemoryEventLog(), { append: () => Promise.reject(new Error("disk full")) });
    const ran: string[] = [];
    const { session } = await sessionWith(loop, { log });
    session.coordinator.registerCleanup(() => void ran.push("cleaned"));
    await expect(session.close()).rejects.toMatchObject({ code: "log_append_failed" });
    expect(ran).toEqual(["cleaned"]);
  });

  it("lets no turn begin after it", async () => {
    const { session, log } = await sessionWith(loop);
    const closing = session.close();
    await expect(session.execute("Hi")).rejects.toMatchObject({ code: "session_closed" });
    await closing;
    await drainMicrotasks();
    expect(typesOf(await readLog(log))).toEqual(["session:end"]);
  });
});
