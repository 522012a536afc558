/**
 * What the answers of handlers come to: one decision, from which nothing that anybody said is missing.
 */
import type { HookHandler, HookResult } from "amplifier-core";
import { describe, expect, it } from "vitest";
import { PRE, recordedHooks } from "./recorded-hooks.ts";

/** The decision about a prompt that `results` are given to, one handler each, named h1, h2 ... */
async function decide(...results: readonly (HookResult | undefined | null)[]) {
  const { hooks, reports } = recordedHooks();
  for (const [index, result] of results.entries()) {
    hooks.register("prompt:submit", () => result as HookResult, { name: `h${index + 1}` });
  }
  const decision = await hooks.emit("prompt:submit", { prompt: "old" });
  return { decision, reports };
}

const CONTINUE = { action: "continue", data: { prompt: "old" }, modified: false, injections: [], messages: [] };
const injected = (content: string, fields: object = {}) => ({
  content,
  role: "system",
  ephemeral: false,
  append_to_last_tool_result: false,
  hook_name: "h1",
  event: "prompt:submit",
  ...fields,
});

describe("a handler that has nothing to say", () => {
  it.each([[undefined], [null], [{}], [{ action: "continue" }], [{ action: null, user_message: null, reason: null }]])(
    "lets things go on: %j",
    async (result) => {
      expect(await decide(result as HookResult)).toEqual({ decision: CONTINUE, reports: [] });
    },
  );

  it("may ask for its output to be kept quiet, and may answer with fields nobody knows", async () => {
    const { decision, reports } = await decide({ suppress_output: true, of_its_own: 1 } as HookResult);
    expect([decision, reports]).toEqual([CONTINUE, []]);
  });
});

describe("an answer with a field that cannot be meant", () => {
  it.each([
    { action: "allow" },
    { reason: 5 },
    { context_injection_role: "tool" },
    { ephemeral: "yes" },
    { context_injections: [{ role: "user" }] },
    { approval_options: [] },
    { approval_timeout: Number.POSITIVE_INFINITY },
    { approval_timeout: -1 },
    { approval_default: "maybe" },
    { user_message_level: "loud" },
  ])("denies: %o", async (answer) => {
    const { decision, reports } = await decide(answer as HookResult);
    expect(decision).toMatchObject({ action: "deny", reason: 'Hook "h1" returned an invalid response' });
    expect(reports).toHaveLength(1);
  });
});

describe("a modification", () => {
  it("replaces the payload whole but for what names the call, and the action stays continue", async () => {
    const { hooks } = recordedHooks();
    hooks.register("tool:pre", () => ({ action: "modify", data: { tool_input: { b: 2 } } }));
    expect(await hooks.emit("tool:pre", PRE)).toMatchObject({ action: "continue", modified: true });
    const { tool_name, tool_call_id, parallel_group_id } = PRE;
    const named = { tool_name, tool_call_id, parallel_group_id };
    expect((await hooks.emit("tool:pre", PRE)).data).toEqual({ ...named, tool_input: { b: 2 } });
  });

  it("that names another call denies: a policy behind it would judge the wrong one", async () => {
    const { hooks, reports } = recordedHooks();
    const judged: unknown[] = [];
    hooks.register("tool:pre", (_, data) => ({ action: "modify", data: { ...data, tool_name: "harmless" } }), {
      name: "renamer",
    });
    hooks.register("tool:pre", (_, data) => void judged.push(data.tool_name));
    expect(await hooks.emit("tool:pre", PRE)).toMatchObject({
      action: "deny",
      reason: 'Hook "renamer" changed "tool_name" of "tool:pre", which no hook may',
    });
    expect(judged).toEqual([]);
    expect(reports).toHaveLength(1);
  });

  it("behind a question has the question asked anew, about what would run", async () => {
    const { hooks } = recordedHooks();
    const ask: HookHandler<"tool:pre"> = (_, data) => ({
      action: "ask_user",
      approval_prompt: `Run ${JSON.stringify(data.tool_input)}?`,
    });
    hooks.register("tool:pre", ask, { priority: 1 });
    hooks.register("tool:pre", (_, data) => ({ action: "modify", data: { ...data, tool_input: { b: 2 } } }), {
      priority: 2,
    });
    const decision = await hooks.emit("tool:pre", PRE);
    expect(decision).toMatchObject({ action: "ask_user", data: { tool_input: { b: 2 } } });
    expect(decision.questions?.map(({ prompt }) => prompt)).toEqual(['Run {"b":2}?']);
  });

  it("by who asks, when asked anew, denies: nobody would have seen it", async () => {
    const { hooks } = recordedHooks();
    let turns = 0;
    hooks.register(
      "tool:pre",
      (_, data) =>
        turns++ === 0 ? { action: "ask_user" } : { action: "modify", data: { ...data, tool_input: { c: 3 } } },
      { name: "sly", priority: 1 },
    );
    hooks.register("tool:pre", (_, data) => ({ action: "modify", data: { ...data, tool_input: { b: 2 } } }), {
      priority: 2,
    });
    // Asked anew it asks nothing and modifies: the question it had is gone, and so is what could be allowed.
    expect(await hooks.emit("tool:pre", PRE)).toMatchObject({ action: "deny", hook_name: "sly" });
  });

  it.each([
    [
      "throws where it is read",
      {
        action: "modify",
        get data(): never {
          throw new Error("getter");
        },
      },
    ],
    ["is a circle", { action: "modify", data: circle() }],
    ["is a Map", new Map([["action", "deny"]])],
  ])("that %s denies, and the emit goes on", async (_how, answer) => {
    const { hooks, reports } = recordedHooks();
    hooks.register("tool:pre", () => answer as never, { name: "odd" });
    expect(await hooks.emit("tool:pre", PRE)).toMatchObject({ action: "deny", hook_name: "odd" });
    expect(reports).toHaveLength(1);
  });

  it("is data, not the handler's object: what the handler does to it later changes nothing", async () => {
    const { hooks, published } = recordedHooks();
    const data = { ...PRE, tool_input: { a: 2 } };
    hooks.register("tool:pre", () => ({ action: "modify", data }));
    const decision = await hooks.emit("tool:pre", PRE);
    data.tool_input.a = 3;
    const modified = { ...PRE, tool_input: { a: 2 } };
    expect([decision.data, published[0]?.data]).toEqual([modified, modified]);
  });

  it.each([[{}], [{ data: { promt: "typo" } }], [{ data: { prompt: "" } }]])(
    "that is none for its event denies: modify with %j",
    async (given) => {
      const { decision, reports } = await decide({ action: "modify", ...given });
      expect(decision).toMatchObject({ action: "deny", reason: 'Hook "h1" returned an invalid response' });
      expect(reports).toEqual(['Hook "h1" answered "prompt:submit" with something that is no hook result.']);
    },
  );
});

describe("a denial", () => {
  it("has a reason also where the handler gave none, and says whose it is", async () => {
    const { decision } = await decide({}, { action: "deny" });
    expect(decision).toEqual({ ...CONTINUE, action: "deny", reason: "No reason given", hook_name: "h2" });
  });

  it("keeps what handlers before it injected, modified and said", async () => {
    const { decision } = await decide(
      { action: "inject_context", context_injection: "text", user_message: "note" },
      { action: "modify", data: { prompt: "new" } },
      { action: "deny", reason: "no", user_message: "denied" },
    );
    expect(decision).toEqual({
      action: "deny",
      reason: "no",
      hook_name: "h3",
      data: { prompt: "new" },
      modified: true,
      injections: [injected("text")],
      messages: [
        { message: "note", level: "info", source: "hook:h1" },
        { message: "denied", level: "info", source: "hook:h3" },
      ],
    });
  });
});

describe("questions", () => {
  it("have defaults for all that a handler leaves open", async () => {
    const { decision } = await decide({ action: "ask_user" });
    const question = {
      hook_name: "h1",
      prompt: "Allow this operation?",
      options: ["Allow", "Deny"],
      timeout: 300,
      default: "deny",
    };
    expect(decision).toEqual({ ...CONTINUE, action: "ask_user", hook_name: "h1", questions: [question] });
  });

  it("of several handlers are all kept, in the order they ran", async () => {
    const { decision } = await decide(
      { action: "ask_user", approval_prompt: "One?" },
      {},
      {
        action: "ask_user",
        approval_prompt: "Two?",
        approval_options: ["Allow once", "Never"],
        approval_timeout: 5,
        approval_default: "allow",
      },
    );
    expect(decision.action).toBe("ask_user");
    expect(decision.questions).toEqual([
      { hook_name: "h1", prompt: "One?", options: ["Allow", "Deny"], timeout: 300, default: "deny" },
      { hook_name: "h3", prompt: "Two?", options: ["Allow once", "Never"], timeout: 5, default: "allow" },
    ]);
  });
});

describe("injections", () => {
  it("have the role system and stay in the conversation, unless the handler says otherwise", async () => {
    const { decision } = await decide(
      { action: "inject_context", context_injection: "plain" },
      {
        action: "inject_context",
        context_injection: "special",
        context_injection_role: "user",
        ephemeral: true,
        append_to_last_tool_result: true,
      },
    );
    const special = { role: "user", ephemeral: true, append_to_last_tool_result: true, hook_name: "h2" };
    expect(decision).toEqual({
      ...CONTINUE,
      action: "inject_context",
      injections: [injected("plain"), injected("special", special)],
    });
  });

  it("without a text are none", async () => {
    expect((await decide({ action: "inject_context" })).decision).toEqual(CONTINUE);
    expect((await decide({ action: "inject_context", context_injection: "" })).decision).toEqual(CONTINUE);
  });
});

describe("a message to the person", () => {
  it("survives from every handler, whatever it answers, also on events that take no action", async () => {
    const { hooks } = recordedHooks();
    hooks.register("execution:start", () => ({ user_message: "hello" }), { name: "greeter" });
    hooks.register("execution:start", () => ({
      action: "continue",
      user_message: "careful",
      user_message_level: "warning",
      user_message_source: "guard",
    }));
    expect((await hooks.emit("execution:start", { prompt: "p" })).messages).toEqual([
      { message: "hello", level: "info", source: "hook:greeter" },
      { message: "careful", level: "warning", source: "hook:guard" },
    ]);
  });
});

describe("collecting data", () => {
  it("has no use for actions: a denial does not keep the others from being asked", async () => {
    const { hooks } = recordedHooks();
    hooks.register("tool:pre", () => ({ action: "deny", data: { first: true } }));
    hooks.register("tool:pre", () => ({ data: { second: true } }));
    expect(await hooks.emitAndCollect("tool:pre", PRE)).toEqual([{ first: true }, { second: true }]);
  });

  it("leaves out who has no data, and reports what is no hook result", async () => {
    const { hooks, reports } = recordedHooks();
    for (const answer of [null, {}, { data: null }, { data: "text" }, "nonsense"]) {
      hooks.register("tool:pre", () => answer as HookResult, { name: JSON.stringify(answer) });
    }
    expect(await hooks.emitAndCollect("tool:pre", PRE)).toEqual([]);
    const complaint = 'answered "tool:pre" with something that is no hook result.';
    expect(reports).toEqual([`Hook "{"data":"text"}" ${complaint}`, `Hook ""nonsense"" ${complaint}`]);
  });

  it("asks one after the other, each with a second of its own", async () => {
    const { hooks, clock, reports } = recordedHooks();
    for (const name of ["one", "two"]) hooks.register("tool:pre", () => new Promise(() => undefined), { name });
    hooks.register("tool:pre", () => ({ data: { last: true } }));
    const collected = hooks.emitAndCollect("tool:pre", PRE);
    await clock.advance(999);
    expect(reports).toEqual([]);
    await clock.advance(1);
    expect(reports).toEqual(['Hook "one" had not answered "tool:pre" in time; it was skipped.']);
    await clock.advance(1000);
    expect([await collected, reports.length]).toEqual([[{ last: true }], 2]);
  });
});

function circle(): object {
  const data: Record<string, unknown> = { tool_input: {} };
  data["self"] = data;
  return data;
}
