/**
 * Questions that hooks ask the person: what an answer, a silence or nobody to ask makes of a call, and that there is never
 * more than one open.
 */
import type { InlineHook } from "amplifier-core";
import { answer, drainMicrotasks, gate, outlineEvents, recordTurn, runTurn, text, toolCall } from "amplifier-testkit";
import { describe, expect, test } from "vitest";
import { type LoopSetup, loopSession } from "./loop-session.ts";
import { gatedTool, tool } from "./test-tools.ts";

const asking: InlineHook = {
  name: "asking",
  events: {
    "tool:pre": (_event, data) => ({
      action: "ask_user",
      approval_prompt: `Run ${data.tool_call_id}?`,
      approval_timeout: 60,
    }),
  },
};

const ok = tool("act", () => Promise.resolve("ok"));

function setup(fields: Partial<LoopSetup>): LoopSetup {
  return { script: [answer(toolCall("c1", "act")), answer(text("Done"))], tools: [ok], hooks: [asking], ...fields };
}

const relevant = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => /^(?:tool:|approval:|context:message tool)/u.test(line));

test.each(["Allow", "allow once", "Allow always"])("%s lets the call run", async (reply) => {
  const { session, approvals } = await loopSession(setup({ replies: [reply] }));
  expect(relevant(outlineEvents(await runTurn(session, "Go")))).toEqual([
    'approval:required asking "Run c1?"',
    `approval:granted asking ${reply}`,
    "tool:pre c1 run {}",
    'tool:post c1 "ok"',
    'context:message tool(c1): "ok"',
  ]);
  expect(approvals?.questions[0]).toMatchObject({
    prompt: "Run c1?",
    options: ["Allow", "Deny"],
    timeoutMs: 60_000,
    default: "deny",
  });
});

test.each(["Deny", "no", ""])("%j is a no, and the model is told", async (reply) => {
  const { session } = await loopSession(setup({ replies: [reply] }));
  expect(relevant(outlineEvents(await runTurn(session, "Go")))).toEqual([
    'approval:required asking "Run c1?"',
    `approval:denied asking ${reply}`,
    "tool:pre c1 denied {}",
    "tool:error c1 denied",
    'context:message tool(c1): "Denied: User denied: Run c1?"',
  ]);
});

test("with nobody to ask the call is denied and the model is told why", async () => {
  const { session } = await loopSession(setup({ replies: null }));
  expect(relevant(outlineEvents(await runTurn(session, "Go")))).toEqual([
    'approval:required asking "Run c1?"',
    "approval:denied asking no answer",
    "tool:pre c1 denied {}",
    "tool:error c1 denied",
    'context:message tool(c1): "Denied: No approval system available"',
  ]);
});

test("an approval system that fails denies", async () => {
  const { session } = await loopSession(setup({ replies: [{ fails: new Error("no terminal") }] }));
  const lines = relevant(outlineEvents(await runTurn(session, "Go")));
  expect(lines.at(-1)).toBe('context:message tool(c1): "Denied: The question could not be asked: no terminal"');
});

describe.each(["until_withdrawn", "deaf"] as const)("a person who never answers (%s)", (hangs) => {
  test.each([
    ["deny", "approval:denied asking no answer", "tool:error c1 denied"],
    ["allow", "approval:granted asking Allow", 'tool:post c1 "ok"'],
  ] as const)(
    "is taken as the default %s when the question's time is over",
    async (approval_default, told, outcome) => {
      const hook: InlineHook = {
        name: "asking",
        events: {
          "tool:pre": () => ({ action: "ask_user", approval_prompt: "Run?", approval_timeout: 60, approval_default }),
        },
      };
      const { session, clock, approvals } = await loopSession(setup({ hooks: [hook], replies: [{ hangs }] }));
      const turn = runTurn(session, "Go");
      await clock.advance(59_999);
      expect(approvals?.questions).toHaveLength(1);
      expect(session.lastTurn).toBeNull();
      await clock.advance(1);
      const lines = outlineEvents(await turn);
      expect(lines).toContain(told);
      expect(lines).toContain(outcome);
    },
  );

  test.each(["graceful", "immediate"] as const)("a %s stop withdraws the question at once", async (mode) => {
    const { session, clock, approvals } = await loopSession(
      setup({ replies: [{ hangs }], script: [answer(toolCall("c1", "act"))] }),
    );
    const turn = recordTurn(session, "Go");
    await clock.advance(0);
    expect(approvals?.questions).toHaveLength(1);
    session.cancel(mode);
    const { events } = await turn;
    expect(relevant(outlineEvents(events))).toEqual([
      'approval:required asking "Run c1?"',
      "approval:denied asking no answer",
      "tool:pre c1 cancelled {}",
      "tool:error c1 cancelled",
      'context:message tool(c1): "Cancelled: the turn was stopped before this call ran."',
    ]);
    expect(session.lastTurn).toMatchObject({ status: "cancelled" });
  });
});

test("questions of parallel calls come one at a time, in the order of the calls, while allowed ones run", async () => {
  const held = gatedTool("act");
  const first = gate();
  const second = gate();
  const { session, approvals } = await loopSession({
    script: [answer(toolCall("c1", "act"), toolCall("c2", "act"), toolCall("c3", "act")), answer(text("Done"))],
    tools: [held.tool],
    hooks: [asking],
    replies: [{ gate: first, choice: "Allow" }, { gate: second, choice: "Deny" }, "Allow"],
  });
  const turn = runTurn(session, "Go");
  await first.reached;
  await drainMicrotasks();
  expect(approvals?.questions.map(({ prompt }) => prompt)).toEqual(["Run c1?"]);
  first.open();
  await second.reached;
  await drainMicrotasks();
  // The first runs while the second is being asked.
  expect(held.started).toEqual(["c1"]);
  expect(approvals?.questions.map(({ prompt }) => prompt)).toEqual(["Run c1?", "Run c2?"]);
  second.open();
  held.gateOf("c1").open();
  held.gateOf("c3").open();
  await turn;
  expect(approvals?.questions.map(({ prompt }) => prompt)).toEqual(["Run c1?", "Run c2?", "Run c3?"]);
  expect(held.started).toEqual(["c1", "c3"]);
});

test("a hook that takes its time over an earlier call does not let a later call ask first", async () => {
  const slow = gate();
  const hook: InlineHook = {
    name: "asking",
    events: {
      "tool:pre": async (_event, { tool_call_id }) => {
        if (tool_call_id === "c1") await slow.pass();
        return { action: "ask_user", approval_prompt: `Run ${tool_call_id}?` };
      },
    },
  };
  const { session, approvals } = await loopSession({
    script: [answer(toolCall("c1", "act"), toolCall("c2", "act")), answer(text("Done"))],
    tools: [ok],
    hooks: [hook],
    replies: ["Allow", "Allow"],
  });
  const turn = runTurn(session, "Go");
  await slow.reached;
  await drainMicrotasks();
  expect(approvals?.questions).toEqual([]);
  slow.open();
  await turn;
  expect(approvals?.questions.map(({ prompt }) => prompt)).toEqual(["Run c1?", "Run c2?"]);
});

test("the question for an exclusive call is asked while earlier calls run; only its run waits", async () => {
  const slow = gatedTool("slow");
  const alone = gatedTool("alone", { exclusive: true });
  const hook: InlineHook = {
    name: "asking",
    events: {
      "tool:pre": (_event, { tool_name }) =>
        tool_name === "alone" ? { action: "ask_user", approval_prompt: "Run alone?" } : undefined,
    },
  };
  const reply = gate();
  const { session } = await loopSession({
    script: [answer(toolCall("c1", "slow"), toolCall("c2", "alone")), answer(text("Done"))],
    tools: [slow.tool, alone.tool],
    hooks: [hook],
    replies: [{ gate: reply, choice: "Allow" }],
  });
  const turn = runTurn(session, "Go");
  await reply.reached;
  expect(slow.started).toEqual(["c1"]);
  reply.open();
  await drainMicrotasks();
  expect(alone.started).toEqual([]);
  slow.gateOf("c1").open();
  alone.gateOf("c2").open();
  await turn;
  expect(alone.started).toEqual(["c2"]);
});

test("the turn's own time stands still while a question is open", async () => {
  const reply = gate();
  const { session, clock } = await loopSession(
    setup({
      hooks: [{ name: "asking", events: { "tool:pre": () => ({ action: "ask_user", approval_timeout: 10_000 }) } }],
      replies: [{ gate: reply, choice: "Allow" }],
      config: { timeout: 5 },
    }),
  );
  const turn = runTurn(session, "Go");
  await clock.advance(4_000);
  await clock.advance(600_000);
  reply.open();
  await turn;
  expect(session.lastTurn?.status).toBe("success");
});

test("the time that was used before a question still counts after it", async () => {
  const reply = gate();
  const held = gatedTool("act");
  const before = gate();
  const { session, clock } = await loopSession(
    setup({
      script: [answer(before, toolCall("c1", "act"))],
      tools: [held.tool],
      hooks: [{ name: "asking", events: { "tool:pre": () => ({ action: "ask_user", approval_timeout: 10_000 }) } }],
      replies: [{ gate: reply, choice: "Allow" }],
      config: { timeout: 5 },
    }),
  );
  const turn = recordTurn(session, "Go");
  await clock.advance(3_000);
  before.open();
  await reply.reached;
  await clock.advance(600_000);
  reply.open();
  await clock.advance(1_999);
  expect(session.lastTurn).toBeNull();
  await clock.advance(1);
  await turn;
  expect(session.lastTurn).toMatchObject({ status: "timeout", limit: "timeout" });
});

test("a question about the prompt itself may deny the turn before any model is asked", async () => {
  const hook: InlineHook = {
    name: "asking",
    events: { "prompt:submit": () => ({ action: "ask_user", approval_prompt: "Send it?" }) },
  };
  const { session, context } = await loopSession({ script: [], hooks: [hook], replies: ["Deny"] });
  expect(outlineEvents(await runTurn(session, "Hi"))).toEqual([
    "session:start",
    'execution:start "Hi"',
    'approval:required asking "Send it?"',
    "approval:denied asking Deny",
    'prompt:submit "Hi"',
    'execution:end denied "Operation denied: User denied: Send it?"',
    "orchestrator:complete denied turns=0",
    'prompt:complete denied "Operation denied: User denied: Send it?"',
  ]);
  expect(await context.getMessages()).toEqual([]);
});

test("a question after a run that is denied withholds the result", async () => {
  const hook: InlineHook = {
    name: "asking",
    events: { "tool:post": () => ({ action: "ask_user", approval_prompt: "Show it?" }) },
  };
  const { session } = await loopSession(setup({ hooks: [hook], replies: ["Deny"] }));
  expect(relevant(outlineEvents(await runTurn(session, "Go")))).toEqual([
    "tool:pre c1 run {}",
    'approval:required asking "Show it?"',
    "approval:denied asking Deny",
    "tool:post c1 failed: Denied: User denied: Show it?",
    'context:message tool(c1): "Error: Denied: User denied: Show it?"',
  ]);
});

test("a denied request ends the turn as denied, without an outcome for it", async () => {
  const hook: InlineHook = {
    name: "guard",
    events: { "provider:request": () => ({ action: "deny", reason: "budget" }) },
  };
  const { session } = await loopSession({ script: [], hooks: [hook] });
  expect(outlineEvents(await runTurn(session, "Hi")).slice(3)).toEqual([
    'context:message user: "Hi"',
    "provider:request #1",
    'execution:end denied "Operation denied: budget"',
    "orchestrator:complete denied turns=1",
    'prompt:complete denied "Operation denied: budget"',
  ]);
});
