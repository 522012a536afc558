/**
 * What an emit does: who is asked, in which order, what comes out, what is stored.
 */
import { describe, expect, it } from "vitest";
import type { Clock } from "../clock.ts";
import type { Event } from "../events/event.ts";
import type { HookResult } from "../ports/hook-registry.ts";
import { EventPublisher } from "../publishing/event-publisher.ts";
import { SessionHooks } from "./session-hooks.ts";

const clock: Clock = { now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6), schedule: () => () => undefined };

function setup() {
  const stored: Event[] = [];
  const reports: string[] = [];
  const publisher = new EventPublisher({ log: null, sessionId: "s1", clock });
  publisher.attach({ push: (event) => stored.push(event), room: () => undefined });
  const hooks = new SessionHooks({ publisher, clock, report: (message) => reports.push(message) });
  hooks.setDefaultFields({ session_id: "s1", parent_id: null });
  return { hooks, stored, reports };
}

const pre = {
  tool_name: "t",
  tool_call_id: "c",
  parallel_group_id: "g",
  tool_input: { a: 1 },
  decision: "run",
} as const;

describe("emit without a handler", () => {
  it("publishes before it returns and promises nothing", () => {
    const { hooks, stored } = setup();
    const decision = hooks.emit("prompt:submit", { prompt: "hi" });
    expect(decision).toEqual({
      action: "continue",
      data: { prompt: "hi" },
      modified: false,
      injections: [],
      messages: [],
    });
    expect(stored).toEqual([
      {
        seq: 1,
        ts: "2026-01-02T03:04:05.006Z",
        session_id: "s1",
        turn_id: null,
        type: "prompt:submit",
        data: { prompt: "hi" },
      },
    ]);
  });

  it("stores no raw provider delta", () => {
    const { hooks, stored } = setup();
    void hooks.emit("llm:stream_block_end", { request_id: "r", block_index: 0, block_type: "text" });
    expect(stored).toEqual([]);
  });
});

describe("handlers", () => {
  it("run by priority, ties in order of registration, each with a frozen copy, default fields and a timestamp", async () => {
    const { hooks } = setup();
    const seen: unknown[] = [];
    const see = (name: string) => (_: string, data: object) => {
      seen.push([name, data, Object.isFrozen(data) && Object.isFrozen((data as { tool_input: object }).tool_input)]);
    };
    hooks.register("tool:pre", see("second"), { priority: 1 });
    hooks.register("tool:pre", see("third"), { priority: 1 });
    hooks.register("tool:pre", see("first"));
    await hooks.emit("tool:pre", pre);
    const data = { ...pre, session_id: "s1", parent_id: null, timestamp: "2026-01-02T03:04:05.006Z" };
    expect(seen).toEqual([
      ["first", data, true],
      ["second", data, true],
      ["third", data, true],
    ]);
  });

  it("are taken away by their own function only, whatever their names", async () => {
    const { hooks } = setup();
    const calls: string[] = [];
    const removeFirst = hooks.register("tool:pre", () => void calls.push("first"), { name: "same" });
    hooks.register("tool:pre", () => void calls.push("second"), { name: "same" });
    removeFirst();
    removeFirst();
    await hooks.emit("tool:pre", pre);
    expect(calls).toEqual(["second"]);
  });

  it("never put their default fields into what is stored, even when they spread what they saw", async () => {
    const { hooks, stored } = setup();
    hooks.register("tool:pre", (_, data) => ({ action: "modify", data: { ...data, tool_input: { a: 2 } } }));
    await hooks.emit("tool:pre", pre);
    expect(stored.map((event) => event.data)).toEqual([{ ...pre, tool_input: { a: 2 } }]);
  });

  it("are asked in turn, so that the next one sees what the one before modified", async () => {
    const { hooks } = setup();
    const seen: unknown[] = [];
    hooks.register("prompt:submit", () => ({ action: "modify", data: { prompt: "two" } }));
    hooks.register("prompt:submit", (_, data) => void seen.push(data.prompt));
    expect(await hooks.emit("prompt:submit", { prompt: "one" })).toMatchObject({
      modified: true,
      data: { prompt: "two" },
    });
    expect(seen).toEqual(["two"]);
  });
});

describe("the decision", () => {
  const answers: Record<string, HookResult> = {
    deny: { action: "deny", reason: "no" },
    ask: { action: "ask_user", approval_prompt: "May I?" },
    inject: { action: "inject_context", context_injection: "text" },
    modify: { action: "modify", data: { prompt: "new" } },
  };

  it.each([
    [["modify"], "continue"],
    [["modify", "inject"], "inject_context"],
    [["inject", "ask"], "ask_user"],
    [["ask", "inject", "modify"], "ask_user"],
    [["ask", "deny"], "deny"],
  ])("of %j is %s, and nothing the others said is lost", async (given, action) => {
    const { hooks } = setup();
    for (const name of given) hooks.register("prompt:submit", () => answers[name]);
    const decision = await hooks.emit("prompt:submit", { prompt: "old" });
    expect(decision.action).toBe(action);
    expect(decision.data.prompt).toBe(given.includes("modify") ? "new" : "old");
    expect(decision.injections.map((each) => each.content)).toEqual(given.includes("inject") ? ["text"] : []);
    expect(decision.questions?.map(({ prompt }) => prompt)).toEqual(action === "ask_user" ? ["May I?"] : undefined);
  });

  it("ends at a denial: later handlers are not asked", async () => {
    const { hooks } = setup();
    let asked = 0;
    hooks.register("prompt:submit", () => answers["deny"]);
    hooks.register("prompt:submit", () => void asked++);
    expect(await hooks.emit("prompt:submit", { prompt: "p" })).toMatchObject({ action: "deny", reason: "no" });
    expect(asked).toBe(0);
  });

  it("ignores actions on events that take none, and says so", async () => {
    const { hooks, reports } = setup();
    hooks.register("execution:start", () => answers["deny"], { name: "policy" });
    expect(await hooks.emit("execution:start", { prompt: "p" })).toMatchObject({ action: "continue" });
    expect(reports).toEqual(['Hook "policy" answered "execution:start" with "deny", which has no effect there.']);
  });
});

describe("a handler that fails", () => {
  it("is reported and skipped, unless its failure denies", async () => {
    const { hooks, reports } = setup();
    const boom = () => {
      throw new Error("boom");
    };
    const remove = hooks.register("tool:pre", boom, { name: "logger" });
    expect(await hooks.emit("tool:pre", pre)).toMatchObject({ action: "continue" });
    remove();
    hooks.register("tool:pre", () => Promise.reject(new Error("bang")), { name: "policy", onError: "deny" });
    expect(await hooks.emit("tool:pre", pre)).toMatchObject({ action: "deny", hook_name: "policy" });
    expect(reports).toEqual(['Hook "logger" failed on "tool:pre": boom', 'Hook "policy" failed on "tool:pre": bang']);
  });

  it.each([["nonsense"], [{ action: "explode" }], [42]])("denies when it answers %j", async (answer) => {
    const { hooks } = setup();
    hooks.register("tool:pre", () => answer as never, { name: "odd" });
    expect(await hooks.emit("tool:pre", pre)).toMatchObject({
      action: "deny",
      reason: 'Hook "odd" returned an invalid response',
    });
  });

  it("and hangs is left behind when the emit's signal is aborted, and named", async () => {
    const { hooks, reports, stored } = setup();
    const stop = new AbortController();
    hooks.register("execution:end", () => new Promise(() => undefined), { name: "stuck" });
    let heard = 0;
    hooks.register("execution:end", () => void heard++, { name: "next" });
    const data = {
      response: "",
      status: "success",
      usage: { input_tokens: 0, output_tokens: 0, total_tokens: 0 },
      finish_reason: null,
    } as const;
    const emitted = hooks.emit("execution:end", data, { signal: stop.signal });
    stop.abort();
    await emitted;
    expect(reports).toEqual(['Hook "stuck" had not answered "execution:end" in time; it was skipped.']);
    // Whoever answers at once is asked all the same.
    expect([heard, ...stored.map((event) => event.type)]).toEqual([1, "execution:end"]);
  });
});

describe("the list of handlers", () => {
  it("names them per event, in the order they run", () => {
    const { hooks } = setup();
    hooks.register("tool:pre", () => undefined, { name: "late", priority: 5 });
    hooks.register("tool:pre", () => undefined, { name: "early" });
    hooks.register("tool:post", () => undefined, { name: "after" });
    expect(hooks.list("tool:pre")).toEqual({ "tool:pre": ["early", "late"] });
    expect(hooks.list()).toEqual({ "tool:pre": ["early", "late"], "tool:post": ["after"] });
  });
});

describe("emitAndCollect", () => {
  it("gives the data of those that answer with some, in order, without the failing, and publishes nothing", async () => {
    const { hooks, reports, stored } = setup();
    const seen: unknown[] = [];
    hooks.register("tool:pre", (_, data) => ({ data: { first: seen.push(data) } }));
    hooks.register("tool:pre", () => undefined);
    hooks.register("tool:pre", () => Promise.reject(new Error("no")), { name: "broken" });
    hooks.register("tool:pre", () => ({ data: { last: true } }));
    expect(await hooks.emitAndCollect("tool:pre", pre)).toEqual([{ first: 1 }, { last: true }]);
    expect(seen).toEqual([pre]);
    expect(reports).toEqual(['Hook "broken" failed on "tool:pre": no']);
    expect(stored).toEqual([]);
  });

  it("leaves a handler behind that takes longer than its time", async () => {
    const timers: (() => void)[] = [];
    const moving: Clock = {
      now: () => 0,
      schedule: (run, ms) => (timers.push(run), expect(ms).toBe(20), () => undefined),
    };
    const reports: string[] = [];
    const publisher = new EventPublisher({ log: null, sessionId: "s1", clock: moving });
    const hooks = new SessionHooks({ publisher, clock: moving, report: (message) => reports.push(message) });
    hooks.register("tool:pre", () => new Promise(() => undefined), { name: "stuck" });
    hooks.register("tool:pre", () => ({ data: { ok: true } }));
    const collected = hooks.emitAndCollect("tool:pre", pre, { timeoutMs: 20 });
    timers[0]?.();
    expect(await collected).toEqual([{ ok: true }]);
    expect(reports).toEqual(['Hook "stuck" had not answered "tool:pre" in time; it was skipped.']);
  });
});

describe("injections", () => {
  it("of one handler may be several, each with its own role and life", async () => {
    const { hooks } = setup();
    const context_injections = [
      { content: "a" },
      { content: "b", role: "user", ephemeral: true, append_to_last_tool_result: true },
      { content: "" },
    ] as const;
    hooks.register("tool:pre", () => ({ action: "inject_context", context_injections, context_injection: "ignored" }), {
      name: "h",
    });
    expect((await hooks.emit("tool:pre", pre)).injections).toEqual([
      {
        content: "a",
        role: "system",
        ephemeral: false,
        append_to_last_tool_result: false,
        hook_name: "h",
        event: "tool:pre",
      },
      {
        content: "b",
        role: "user",
        ephemeral: true,
        append_to_last_tool_result: true,
        hook_name: "h",
        event: "tool:pre",
      },
    ]);
  });
});

describe("what is stored", () => {
  it("is what `settle` makes of the decision, after the handlers", async () => {
    const { hooks, stored } = setup();
    hooks.register("tool:pre", () => ({ action: "deny", reason: "no" }));
    await hooks.emit("tool:pre", pre, {
      settle: (decision) => ({ ...decision.data, decision: decision.action === "deny" ? "denied" : "run" }),
    });
    expect(stored.map((event) => event.data)).toEqual([{ ...pre, decision: "denied" }]);
  });

  it("does not depend on who listens", async () => {
    const silent = setup();
    const watched = setup();
    watched.hooks.register("tool:pre", () => undefined);
    await silent.hooks.emit("tool:pre", pre);
    await watched.hooks.emit("tool:pre", pre);
    expect(watched.stored).toEqual(silent.stored);
  });

  it("asks nobody when handlers are switched off for one emit", async () => {
    const { hooks, stored } = setup();
    let asked = 0;
    hooks.register("tool:pre", () => void asked++);
    await hooks.emit("tool:pre", pre, { handlers: false });
    expect([asked, stored.length]).toEqual([0, 1]);
  });
});
