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
  it("is shown whatever the action is", async () => {
    const { process, shown } = setup();
    const messages = [{ message: "careful", level: "warning", source: "hook:h" }] as const;
    const left = await process({ ...plain, action: "deny", reason: "no", messages });
    expect(shown).toEqual(["warning hook:h: careful"]);
    expect(left).toMatchObject({ action: "deny", reason: "no" });
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
