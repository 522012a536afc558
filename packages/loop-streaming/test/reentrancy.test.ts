/**
 * What hooks and consumers may do to a session from inside its own turn, and what they cannot change.
 */
import type { InlineHook, Session } from "amplifier-core";
import { answer, gate, recordTurn, runTurn, text, toolCall } from "amplifier-testkit";
import { describe, expect, test } from "vitest";
import { loopSession } from "./loop-session.ts";
import { clockTool, tool } from "./test-tools.ts";

/** A hook on the very first event, which gets the session it belongs to. */
function onStart(act: (session: Session) => unknown): { hook: InlineHook; use: (session: Session) => void } {
  let own: Session | undefined;
  const handler = async (): Promise<void> => void (own && (await act(own)));
  return { hook: { name: "first", events: { "session:start": handler } }, use: (session) => (own = session) };
}

describe("a handler of session:start", () => {
  test("that asks for a turn is told that one runs", async () => {
    const errors: unknown[] = [];
    const { hook, use } = onStart((session) => session.execute("inner").catch((error: unknown) => errors.push(error)));
    const { session } = await loopSession({ script: [answer(text("outer"))], hooks: [hook] });
    use(session);
    expect((await runTurn(session, "Hi")).at(-1)).toMatchObject({ data: { response: "outer" } });
    expect(errors).toEqual([expect.objectContaining({ code: "turn_running" })]);
  });

  test("that cancels stops the turn before any model is asked", async () => {
    const { hook, use } = onStart((session) => session.cancel());
    const { session } = await loopSession({ script: [], hooks: [hook], warnings: [/"first" had not answered/u] });
    use(session);
    expect((await runTurn(session, "Hi")).at(-1)).toMatchObject({ data: { status: "cancelled" } });
  });

  test("that closes the session ends the turn and then the session", async () => {
    const closed: Promise<void>[] = [];
    const { hook, use } = onStart((session) => void closed.push(session.close()));
    const { session, log } = await loopSession({ script: [], hooks: [hook], warnings: [/"first" had not answered/u] });
    use(session);
    const { events } = await recordTurn(session, "Hi");
    await Promise.all(closed);
    expect(events.at(-1)?.type).toBe("prompt:complete");
    expect(log.last()).toBe(events.length + 1);
  });
});

test("a hook cannot talk the loop out of its limits, but may choose the model", async () => {
  const hook: InlineHook = {
    name: "meddler",
    events: {
      "provider:request": (_, data) => ({
        action: "modify",
        data: { ...data, iteration: 0, model: "cheaper", provider: "other" },
      }),
    },
  };
  const { session, provider } = await loopSession({
    script: [answer(toolCall("c1", "clock", { zone: "Oslo" })), answer(text("Stopped."))],
    tools: [clockTool],
    hooks: [hook],
    config: { max_turns: 1 },
  });
  const events = await runTurn(session, "Hi");
  expect(provider.requests.map(({ model }) => model)).toEqual(["cheaper", "cheaper"]);
  expect(events.filter(({ type }) => type === "provider:request").map(({ data }) => data)).toEqual([
    { provider: "scripted", model: "cheaper", iteration: 1 },
    { provider: "scripted", model: "cheaper", iteration: 1, max_reached: true },
  ]);
});

test("a stop while a policy hook thinks is no denial, and the prompt that nobody allowed does not enter", async () => {
  const thinking = gate();
  const hook: InlineHook = {
    name: "policy",
    on_error: "deny",
    events: { "prompt:submit": () => thinking.pass() },
  };
  const { session, context } = await loopSession({
    script: [],
    hooks: [hook],
    warnings: [/"policy" had not answered/u],
  });
  const turn = session.execute("Hi");
  await thinking.reached;
  session.cancel();
  expect(await turn).toBe("");
  expect(session.lastTurn?.status).toBe("cancelled");
  expect(await context.getMessages()).toEqual([]);
});

test("a consumer that changes what it gets changes nothing", async () => {
  const inputs: unknown[] = [];
  const { session } = await loopSession({
    script: [answer(toolCall("c1", "look", { path: "mine" })), answer(text("ok"))],
    tools: [tool("look", (input) => Promise.resolve(inputs.push(input)))],
  });
  await runTurn(session, "Hi", {
    onEvent: (event) => {
      if (event.type !== "content_block:end") return;
      expect(() => Object.assign(event.data.block, { input: { path: "/etc/shadow" } })).toThrow(TypeError);
    },
  });
  expect(inputs).toEqual([{ path: "mine" }]);
});

test("an exclusive call holds back what begins behind it, also while its own arguments still come", async () => {
  const ran: string[] = [];
  const held = gate();
  const { session } = await loopSession({
    script: [answer(toolCall("c1", "alone", {}), toolCall("c2", "shared", {})), answer(text("ok"))],
    tools: [
      tool("alone", async () => void (await held.pass(), ran.push("alone")), { exclusive: true }),
      tool("shared", () => Promise.resolve(void ran.push("shared"))),
    ],
  });
  const turn = runTurn(session, "Hi");
  await held.reached;
  expect(ran).toEqual([]);
  held.open();
  await turn;
  expect(ran).toEqual(["alone", "shared"]);
});

test("the caller's choice of a tool is for the first request only", async () => {
  const { session, provider } = await loopSession({
    script: [answer(toolCall("c1", "clock", { zone: "Oslo" })), answer(text("ok"))],
    tools: [clockTool],
  });
  await runTurn(session, "Hi", { tool_choice: "required" });
  expect(provider.requests.map(({ tool_choice }) => tool_choice)).toEqual(["required", undefined]);
});

test("nothing of a turn keeps the clock busy when its consumer was slow to the end", async () => {
  const { session, clock: own } = await loopSession({
    script: [answer(text(...Array.from({ length: 400 }, () => "x")))],
    config: { buffer_size: 1 },
  });
  await runTurn(session, "Hi", { onEvent: () => own.advance(1) });
  own.assertIdle();
});
