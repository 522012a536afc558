/**
 * Carrying a decision out: injections, their limits, messages, questions.
 */
import { describe, expect, it } from "vitest";
import type { Clock } from "../clock.ts";
import type { Event, EventOf } from "../events/event.ts";
import { continueWith } from "../hooks/decision-builder.ts";
import { SessionHooks } from "../hooks/session-hooks.ts";
import type { Message } from "../messages/message.ts";
import type { ApprovalRequest, ApprovalSystem } from "../ports/approval-system.ts";
import type { ContextInjection, Decision } from "../ports/hook-registry.ts";
import { EventPublisher } from "../publishing/event-publisher.ts";
import { SessionCoordinator } from "./session-coordinator.ts";
import type { InjectionLimits } from "./injection-limits.ts";

interface Options {
  readonly approvals?: ApprovalSystem["requestApproval"];
  readonly limits?: Partial<InjectionLimits>;
}

function setup({ approvals, limits }: Options = {}) {
  const timers: { run: () => void; ms: number }[] = [];
  const clock: Clock = {
    now: () => 0,
    schedule: (run, ms) => {
      const timer = { run, ms };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
  };
  const events: Event[] = [];
  const shown: string[] = [];
  const messages: Message[] = [];
  const publisher = new EventPublisher({ log: null, sessionId: "s", clock });
  publisher.attach({ push: (event) => events.push(event), room: () => undefined });
  const coordinator = new SessionCoordinator({
    sessionId: "s",
    parentId: null,
    config: { session: { orchestrator: "loop" } },
    hooks: new SessionHooks({ publisher, clock, report: (message) => shown.push(message) }),
    clock,
    approvalSystem: approvals ? { requestApproval: approvals } : null,
    displaySystem: { showMessage: (message, level, source) => void shown.push(`${level} ${source}: ${message}`) },
    workspace: null,
    limits: { sizeLimit: null, budgetPerTurn: null, ...limits },
  });
  coordinator.mount("context", {
    addMessage: (message) => Promise.resolve(void messages.push(message)),
    getMessages: () => Promise.resolve(messages),
    getMessagesForRequest: () => Promise.resolve(messages),
    setMessages: () => Promise.resolve(),
    clear: () => Promise.resolve(),
  });
  const process = (decision: Decision<"prompt:submit">, signal = new AbortController().signal) =>
    coordinator.processDecision(decision, "prompt:submit", { signal });
  return { coordinator, process, events, shown, messages, timers };
}

function injection(content: string, fields: Partial<ContextInjection> = {}): ContextInjection {
  const rest = { role: "system", ephemeral: false, append_to_last_tool_result: false } as const;
  return { content, ...rest, hook_name: "h", event: "prompt:submit", ...fields };
}

const plain = continueWith<"prompt:submit">({ prompt: "p" });
const withText = (...injections: ContextInjection[]): Decision<"prompt:submit"> => ({
  ...plain,
  action: "inject_context",
  injections,
});
const question = { hook_name: "h", prompt: "May I?", options: ["Allow", "Deny"], timeout: 3, default: "deny" } as const;
const asking: Decision<"prompt:submit"> = { ...plain, action: "ask_user", questions: [question], hook_name: "h" };

describe("an injection", () => {
  it("enters the conversation clean, with where it came from, and the log", async () => {
    const { process, messages, events } = setup();
    const left = await process(withText(injection("a\u0000b\u001b[2J\tc\nd\ud800e")));
    const message = {
      role: "system",
      content: "ab[2J\tc\nde",
      metadata: {
        source: "hook",
        hook_name: "h",
        event: "prompt:submit",
        timestamp: "1970-01-01T00:00:00.000Z",
        requested_role: "system",
        ephemeral: false,
        persisted: true,
      },
    };
    expect(messages).toEqual([message]);
    expect(events.map(({ type, data }) => [type, data])).toEqual([["context:message", { message }]]);
    expect(left).toEqual(plain);
  });

  it("that is ephemeral is left to the caller, clean as well", async () => {
    const { process, messages } = setup();
    const left = await process(withText(injection("a\u0007", { ephemeral: true }), injection("b")));
    expect(messages.map(({ content }) => content)).toEqual(["b"]);
    expect(left).toEqual(withText(injection("a", { ephemeral: true })));
  });

  it("keeps its role, also in what is told of it", async () => {
    const { process, messages } = setup();
    await process(withText(injection("a", { role: "user" })));
    expect(messages).toMatchObject([{ role: "user", metadata: { requested_role: "user" } }]);
  });

  it("of which nothing is left when it is clean is none", async () => {
    const { coordinator, process, messages } = setup();
    expect(await process(withText(injection("\u0000\u001b\u0085\udfff")))).toEqual(plain);
    expect([messages, coordinator.injections.tokens]).toEqual([[], 0]);
  });

  it("keeps white space and every character that is whole", async () => {
    const { process, messages } = setup();
    await process(withText(injection(" \ta\r\n\u00a0é👍 ")));
    expect(messages.map(({ content }) => content)).toEqual([" \ta\r\n\u00a0é👍 "]);
  });

  it("is measured as it enters the conversation: clean", async () => {
    const { process, messages } = setup({ limits: { sizeLimit: 3 } });
    await process(withText(injection("a\u0000b\u0000c\u0000")));
    expect(messages.map(({ content }) => content)).toEqual(["abc"]);
  });

  it("is left to the caller where there is no context, or where the caller says that it adds it itself", async () => {
    const { coordinator, messages } = setup();
    const decision = withText(injection("a"));
    const { signal } = new AbortController();
    const held = await coordinator.processDecision(decision, "prompt:submit", { signal, holdInjections: true });
    coordinator.unmount("context");
    const alone = await coordinator.processDecision(decision, "prompt:submit", { signal });
    expect([held, alone, messages]).toEqual([decision, decision, []]);
  });

  it("enters once: what is left of a decision can be carried out again without it", async () => {
    const { process, messages } = setup();
    await process(await process(withText(injection("a"))));
    expect(messages.map(({ content }) => content)).toEqual(["a"]);
  });

  it("of exactly the limit is allowed, counted in characters, not in UTF-16 units", async () => {
    const { process, messages } = setup({ limits: { sizeLimit: 3 } });
    await process(withText(injection("👍👍👍")));
    expect(messages).toHaveLength(1);
  });

  it("over the limit is refused in the open, and the others are not", async () => {
    const { process, messages, shown, events } = setup({ limits: { sizeLimit: 3 } });
    expect(await process(withText(injection("abcd"), injection("ok")))).toEqual(plain);
    expect(messages.map(({ content }) => content)).toEqual(["ok"]);
    expect(shown).toEqual([
      'error hook:h: Hook "h" tried to inject 4 characters; injection_size_limit is 3. Nothing was injected.',
    ]);
    expect(events[0]).toMatchObject({
      type: "policy:violation",
      data: { policy: "injection_size_limit", hook_name: "h", event: "prompt:submit", limit: 3, actual: 4 },
    });
  });

  it("is not limited where the plan sets no limit", async () => {
    const { process, messages, shown } = setup();
    await process(withText(injection("x".repeat(1_000_000))));
    expect([messages.length, shown]).toEqual([1, []]);
  });

  it("over the turn's budget is told and allowed; a new turn counts anew", async () => {
    const { coordinator, process, messages, shown } = setup({ limits: { budgetPerTurn: 2 } });
    await process(withText(injection("12345678")));
    await process(withText(injection("1234", { ephemeral: true })));
    expect(shown).toEqual([
      "warning hook:h: Hooks have injected 3 tokens in this turn; injection_budget_per_turn is 2.",
    ]);
    coordinator.resetTurn();
    await process(withText(injection("12345678")));
    expect([shown.length, messages.length]).toEqual([1, 2]);
  });
});

describe("a message of a hook", () => {
  const messages = [{ message: "careful", level: "warning", source: "hook:h" }] as const;

  it.each([[plain], [{ ...plain, action: "deny", reason: "no" } as const], [withText(injection("a"))], [asking]])(
    "is shown once, whatever the action is: %j",
    async (decision) => {
      const { process, shown } = setup({ approvals: () => Promise.resolve("Allow") });
      await process(await process({ ...decision, messages }));
      expect(shown).toEqual(["warning hook:h: careful"]);
    },
  );
});

describe("a denial", () => {
  it("comes back as it is, with whose it is; what was said beside it is not lost", async () => {
    const { process, messages } = setup();
    const denied = { ...plain, action: "deny", reason: "no", hook_name: "h", injections: [injection("a")] } as const;
    expect(await process(denied)).toEqual({ ...denied, injections: [] });
    expect(messages.map(({ content }) => content)).toEqual(["a"]);
  });
});

describe("several questions", () => {
  const asks = (...prompts: readonly string[]): Decision<"prompt:submit"> => ({
    ...plain,
    action: "ask_user",
    hook_name: "h0",
    questions: prompts.map((prompt, index) => ({ ...question, prompt, hook_name: `h${index}` })),
  });

  /** Carries out questions that are answered in turn with `answers`. */
  async function askedWith(answers: readonly string[], ...prompts: readonly string[]) {
    const left = [...answers];
    const { process, events } = setup({ approvals: () => Promise.resolve(left.shift() ?? "nobody expected this") });
    const result = await process(asks(...prompts));
    const told = events.map(({ type, data }) => `${type} ${(data as EventOf<"approval:required">["data"]).prompt}`);
    return { result, told };
  }

  it("are asked one after the other, and go on when each is allowed", async () => {
    const { result, told } = await askedWith(["Allow", "Allow once"], "One?", "Two?");
    expect(result).toEqual(plain);
    expect(told).toEqual([
      "approval:required One?",
      "approval:granted One?",
      "approval:required Two?",
      "approval:granted Two?",
    ]);
  });

  it("end at the first no, which is the answer to all of them", async () => {
    const { result, told } = await askedWith(["Deny"], "One?", "Two?");
    expect(result).toEqual({ ...plain, action: "deny", reason: "User denied: One?", hook_name: "h0" });
    expect(told).toEqual(["approval:required One?", "approval:denied One?"]);
  });

  it("are denied by a no to the last one", async () => {
    const { result } = await askedWith(["Allow", "Deny"], "One?", "Two?");
    expect(result).toEqual({ ...plain, action: "deny", reason: "User denied: Two?", hook_name: "h1" });
  });

  it("are asked again each time: that something is always allowed is remembered by nobody here", async () => {
    let asked = 0;
    const { process } = setup({ approvals: () => Promise.resolve(`Allow always ${++asked}`) });
    await process(asks("One?"));
    await process(asks("One?"));
    expect(asked).toBe(2);
  });

  it("that a foreign registry does not name deny: nobody has allowed what was not asked", async () => {
    const { process, events } = setup({ approvals: () => Promise.resolve("Allow") });
    const denied = { ...plain, action: "deny", reason: "A hook wanted to ask, and gave no question" };
    expect(await process({ ...plain, action: "ask_user" })).toEqual(denied);
    expect(events).toEqual([]);
  });
});

describe("a question", () => {
  const outline = (events: readonly Event[]): unknown[] =>
    events.map(({ type, data }) => [type, (data as EventOf<"approval:granted">["data"]).choice]);

  it.each([["Allow"], ["allow once"], ["ALLOW ALWAYS"], ["Allow always (this tool)"]])(
    "answered with %j goes on",
    async (choice) => {
      const { process, events, timers } = setup({ approvals: () => Promise.resolve(choice) });
      expect(await process(asking)).toMatchObject({ action: "continue", data: { prompt: "p" } });
      expect(outline(events)).toEqual([
        ["approval:required", undefined],
        ["approval:granted", choice],
      ]);
      expect(timers).toEqual([]);
    },
  );

  it.each([["Deny"], ["allowed"], ["no"], [""]])("answered with %j is denied", async (choice) => {
    const { process, events } = setup({ approvals: () => Promise.resolve(choice) });
    expect(await process(asking)).toMatchObject({ action: "deny", reason: "User denied: May I?" });
    expect(outline(events)).toEqual([
      ["approval:required", undefined],
      ["approval:denied", choice],
    ]);
  });

  it("that nobody can be asked is denied", async () => {
    const { process } = setup();
    expect(await process(asking)).toMatchObject({ action: "deny", reason: "No approval system available" });
  });

  it.each([
    ["deny", { action: "deny", reason: "Approval timeout - denied by default: May I?" }],
    ["allow", { action: "continue" }],
  ] as const)("that is not answered in time has its default, %s, and is withdrawn", async (answer, result) => {
    const requests: ApprovalRequest[] = [];
    const { process, timers } = setup({
      approvals: (request) => {
        requests.push(request);
        return new Promise(() => undefined);
      },
    });
    const processed = process({ ...asking, questions: [{ ...question, default: answer }] });
    await new Promise((resolve) => setImmediate(resolve));
    expect(timers.map(({ ms }) => ms)).toEqual([3000]);
    timers[0]?.run();
    expect(await processed).toMatchObject(result);
    expect(requests[0]?.signal.aborted).toBe(true);
  });

  it("is withdrawn when the turn stops, which is no denial of anybody", async () => {
    const stop = new AbortController();
    const { process } = setup({ approvals: () => new Promise(() => undefined) });
    const processed = process(asking, stop.signal);
    await new Promise((resolve) => setImmediate(resolve));
    stop.abort();
    expect(await processed).toMatchObject({ action: "deny", withdrawn: true });
  });

  it.each([[undefined], [true], [{}]])("is denied by an answer that is no text: %j", async (choice) => {
    const { process } = setup({ approvals: (() => choice) as never });
    expect(await process(asking)).toMatchObject({ action: "deny", reason: "User denied: May I?" });
  });

  it("may be answered at once by a system in plain JavaScript", async () => {
    const { process } = setup({ approvals: (() => "Allow") as never });
    expect(await process(asking)).toEqual(plain);
  });

  it("is repeated in the reason up to 200 characters, never half of one", async () => {
    const { process } = setup({ approvals: () => Promise.resolve("Deny") });
    const long = { ...question, prompt: `${"x".repeat(199)}👍${"y".repeat(50)}` };
    expect((await process({ ...asking, questions: [long] })).reason).toBe(`User denied: ${"x".repeat(199)}👍`);
  });

  it("goes to the approval system with its options, its time and its default", async () => {
    const requests: ApprovalRequest[] = [];
    const { process } = setup({ approvals: (request) => (requests.push(request), Promise.resolve("Allow")) });
    await process(asking);
    expect(requests).toMatchObject([
      { prompt: "May I?", options: ["Allow", "Deny"], timeoutMs: 3000, default: "deny", signal: { aborted: false } },
    ]);
  });

  it("that cannot be asked is denied with the reason", async () => {
    const { process } = setup({ approvals: () => Promise.reject(new Error("no terminal")) });
    expect(await process(asking)).toMatchObject({
      action: "deny",
      reason: "The question could not be asked: no terminal",
    });
  });

  it("does not lose what other hooks injected or modified", async () => {
    const { process } = setup({ approvals: () => Promise.resolve("Allow") });
    const injections = [injection("x", { ephemeral: true })];
    const left = await process({ ...asking, data: { prompt: "new" }, modified: true, injections });
    expect(left).toMatchObject({ action: "inject_context", data: { prompt: "new" }, modified: true, injections });
  });
});
