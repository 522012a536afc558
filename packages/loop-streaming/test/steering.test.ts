/**
 * What the person says while a turn runs: it enters before the next model call, now, or when the turn would end; and it is
 * handed back when it cannot enter. Nothing said is lost.
 */
import { createSession, type Orchestrator, type Session, type SteerMode } from "amplifier-core";
import {
  answer,
  ArrayContext,
  checkConversation,
  fails,
  gate,
  hangs,
  outlineEvents,
  outlineMessage,
  recordTurn,
  runTurn,
  ScriptedProvider,
  text,
  toolCall,
  unfinished,
} from "amplifier-testkit";
import { LLMError } from "amplifier-core";
import { describe, expect, test } from "vitest";
import { loopSession } from "./loop-session.ts";
import { clockTool, gatedTool, tool } from "./test-tools.ts";

const oslo = toolCall("c1", "clock", { zone: "Oslo" });

/** Steers when an event of a type comes: the first one, or the `count`th (`"content_block:delta 2"`). */
function steersAt(session: Session, moment: string, steers: readonly [string, SteerMode?][]) {
  const [type, count = 1] = moment.split(" ");
  let seen = 0;
  return (event: { readonly type: string }): void => {
    if (event.type !== type || ++seen !== Number(count)) return;
    for (const [said, mode] of steers) session.steer(said, mode === undefined ? {} : { mode });
  };
}

describe("a steer for the next model call", () => {
  test("enters behind the results of the running tools, in the order it was said", async () => {
    const { session, context, provider } = await loopSession({
      script: [answer(oslo), answer(text("Bye"))],
      tools: [clockTool],
    });
    const onEvent = steersAt(session, "tool:pre", [["Be short."], ["And polite."]]);
    const events = await runTurn(session, "Hi", { onEvent });
    expect(outlineEvents(events).slice(9)).toEqual([
      "provider:response #1 tool_calls",
      'context:message assistant: call c1 clock{"zone":"Oslo"}',
      'tool:post c1 "12:00 in Oslo"',
      'context:message tool(c1): "12:00 in Oslo"',
      'context:message user: "Be short."',
      'orchestrator:steering_injected next "Be short."',
      'context:message user: "And polite."',
      'orchestrator:steering_injected next "And polite."',
      "provider:request #2",
      "content_block:start 0 text",
      'content_block:delta 0 "Bye"',
      'content_block:end 0 "Bye"',
      "provider:response #2 stop",
      'context:message assistant: "Bye"',
      'execution:end success "Bye" stop',
      "orchestrator:complete success turns=2",
      'prompt:complete success "Bye"',
    ]);
    expect(provider.requests[1]?.messages.map(outlineMessage).slice(-2)).toEqual([
      'user: "Be short."',
      'user: "And polite."',
    ]);
    expect(checkConversation(await context.getMessages())).toEqual([]);
  });

  test("that comes during the last answer is answered in the same turn", async () => {
    const { session } = await loopSession({ script: [answer(text("One")), answer(text("Two"))] });
    const events = await runTurn(session, "Hi", { onEvent: steersAt(session, "content_block:delta", [["More"]]) });
    expect(outlineEvents(events).filter((line) => /request|steering|execution:end/u.test(line))).toEqual([
      "provider:request #1",
      'orchestrator:steering_injected next "More"',
      "provider:request #2",
      'execution:end success "Two" stop',
    ]);
  });

  test("that comes at the last allowed iteration is answered by the wrap-up", async () => {
    const { session } = await loopSession({
      script: [answer(text("One")), answer(text("Two"))],
      config: { max_turns: 1 },
    });
    const events = await runTurn(session, "Hi", { onEvent: steersAt(session, "content_block:delta", [["More"]]) });
    expect(outlineEvents(events).filter((line) => /request|steering|execution:end/u.test(line))).toEqual([
      "provider:request #1",
      'orchestrator:steering_injected next "More"',
      "provider:request #1 wrap-up",
      'execution:end incomplete "Two" stop max_turns',
    ]);
  });
});

test("a steer for later enters when the turn would end", async () => {
  const { session } = await loopSession({
    script: [answer(oslo), answer(text("One")), answer(text("Two"))],
    tools: [clockTool],
  });
  const events = await runTurn(session, "Hi", { onEvent: steersAt(session, "tool:pre", [["Then this", "after"]]) });
  expect(outlineEvents(events).filter((line) => /request|steering|execution:end/u.test(line))).toEqual([
    "provider:request #1",
    "provider:request #2",
    'orchestrator:steering_injected after "Then this"',
    "provider:request #3",
    'execution:end success "Two" stop',
  ]);
});

describe("a steer for now", () => {
  test("stops the model's answer, keeps what came, and goes on", async () => {
    const { session, context, provider } = await loopSession({
      script: [answer(unfinished(text("Hel", "lo")), hangs()), answer(text("Fine"))],
      config: { buffer_size: 1 },
    });
    const events = await runTurn(session, "Hi", {
      onEvent: steersAt(session, "content_block:delta 2", [["Stop, do this", "now"]]),
    });
    expect(outlineEvents(events).slice(4)).toEqual([
      "provider:request #1",
      "content_block:start 0 text",
      'content_block:delta 0 "Hel"',
      'content_block:delta 0 "lo"',
      'content_block:end 0 "Hello" (interrupted)',
      "llm:stream_aborted AbortError",
      "provider:error #1 AbortError recovered",
      'context:message assistant: "Hello" (interrupted)',
      'context:message user: "Stop, do this"',
      'orchestrator:steering_injected now "Stop, do this"',
      "provider:request #2",
      "content_block:start 0 text",
      'content_block:delta 0 "Fine"',
      'content_block:end 0 "Fine"',
      "provider:response #2 stop",
      'context:message assistant: "Fine"',
      'execution:end success "Fine" stop',
      "orchestrator:complete success turns=2",
      'prompt:complete success "Fine"',
    ]);
    expect(provider.calls[0]?.signal.aborted).toBe(true);
    expect(provider.calls[1]?.signal.aborted).toBe(false);
    expect(checkConversation(await context.getMessages())).toEqual([]);
  });

  test("before anything came leaves no empty answer", async () => {
    const { session, context, clock, provider } = await loopSession({ script: [hangs(), answer(text("Fine"))] });
    const turn = runTurn(session, "Hi");
    await clock.advance(1000);
    expect(provider.calls.length).toBe(1);
    session.steer("No, this", { mode: "now" });
    await turn;
    expect((await context.getMessages()).map(outlineMessage)).toEqual([
      'user: "Hi"',
      'user: "No, this"',
      'assistant: "Fine"',
    ]);
  });

  test("ends a tool that may be left, and waits for one that may not", async () => {
    const left = gatedTool("left", { cancellable: true });
    const kept = gatedTool("kept");
    const { session, context } = await loopSession({
      script: [answer(toolCall("a", "left"), toolCall("b", "kept")), answer(text("Fine"))],
      tools: [left.tool, kept.tool],
    });
    const turn = runTurn(session, "Hi", {
      onEvent: ({ type }) => {
        if (type === "tool:pre" && left.started.length === 1) session.steer("Hurry", { mode: "now" });
        if (type === "tool:error") kept.gateOf("b").open();
      },
    });
    await turn;
    expect((await context.getMessages()).map(outlineMessage)).toEqual([
      'user: "Hi"',
      "assistant: call a left{}, call b kept{}",
      'tool(a): "Cancelled: the person has said something new before this call finished."',
      'tool(b): "done b"',
      'user: "Hurry"',
      'assistant: "Fine"',
    ]);
  });

  test("ends the wait for a retry", async () => {
    const { session, clock } = await loopSession({
      script: [fails(new LLMError("RateLimitError", "slow down", { retry_after: 30 })), answer(text("Fine"))],
    });
    const turn = runTurn(session, "Hi", { onEvent: steersAt(session, "provider:retry", [["Never mind", "now"]]) });
    await clock.advance(0);
    expect(outlineEvents(await turn).slice(4, 9)).toEqual([
      "provider:request #1",
      "provider:retry #1 1 30000ms RateLimitError",
      "provider:error #1 RateLimitError recovered",
      'context:message user: "Never mind"',
      'orchestrator:steering_injected now "Never mind"',
    ]);
  });

  test("does not cut the wrap-up, and is handed back", async () => {
    const { session } = await loopSession({
      script: [answer(oslo), answer(text("Wrapped", " up"))],
      tools: [clockTool],
      config: { max_turns: 1, buffer_size: 1 },
    });
    const events = await runTurn(session, "Hi", {
      onEvent: steersAt(session, "content_block:delta 2", [["Wait", "now"]]),
    });
    expect(outlineEvents(events).slice(-4)).toEqual([
      'orchestrator:steering_returned now "Wait" turn_ended',
      'execution:end incomplete "Wrapped up" stop max_turns',
      "orchestrator:complete incomplete turns=1",
      'prompt:complete incomplete "Wrapped up"',
    ]);
  });
});

test.each(["graceful", "immediate"] as const)("a %s stop hands back what waits", async (mode) => {
  const { session } = await loopSession({ script: [answer(unfinished(text("Hel")), hangs())] });
  const events = await runTurn(session, "Hi", {
    onEvent: ({ type }) => {
      if (type !== "content_block:delta") return;
      session.steer("One");
      session.steer("Two", { mode: "after" });
      session.cancel(mode);
    },
  });
  expect(outlineEvents(events).filter((line) => line.includes("steering"))).toEqual([
    'orchestrator:steering_returned next "One" turn_ended',
    'orchestrator:steering_returned after "Two" turn_ended',
  ]);
  const ids = events.flatMap((event) => (event.type === "orchestrator:steering_returned" ? [event.data.id] : []));
  expect(new Set(ids).size).toBe(2);
});

test("a steer that waits can be withdrawn, once, and says so", async () => {
  const { session, provider } = await loopSession({ script: [answer(oslo), answer(text("Bye"))], tools: [clockTool] });
  const withdrawn: boolean[] = [];
  const events = await runTurn(session, "Hi", {
    onEvent: ({ type }) => {
      if (type !== "tool:pre") return;
      const { id, withdraw } = session.steer("Oops");
      expect(id).not.toBe("");
      withdrawn.push(withdraw(), withdraw());
    },
  });
  expect(withdrawn).toEqual([true, false]);
  expect(outlineEvents(events).filter((line) => line.includes("steering"))).toEqual([
    'orchestrator:steering_returned next "Oops" withdrawn',
  ]);
  expect(JSON.stringify(provider.requests)).not.toContain("Oops");
});

describe("a steer is refused", () => {
  test("while no turn runs, before and after one", async () => {
    const { session } = await loopSession({ script: [answer(text("Hi"))] });
    const refusal = expect.objectContaining({ code: "steer_refused", data: { reason: "no_turn" } });
    expect(() => session.steer("Hello")).toThrow(refusal);
    await runTurn(session, "Hi");
    expect(() => session.steer("Hello")).toThrow(refusal);
  });

  test.each([
    ["blank text", { said: "  \n", mode: "next" as const, reason: "empty" }],
    ["a mode there is none of", { said: "Hello", mode: "soon" as SteerMode, reason: "mode" }],
  ])("when it is %s", async (_name, { said, mode, reason }) => {
    const { session } = await loopSession({ script: [answer(text("Hi"))] });
    await runTurn(session, "Hi", {
      onEvent: ({ type }) => {
        if (type !== "provider:request") return;
        const refused = expect.objectContaining({ code: "steer_refused", data: { reason } });
        expect(() => session.steer(said, { mode })).toThrow(refused);
      },
    });
  });

  test("when a hundred wait, loudly, and the hundred enter", async () => {
    const { session } = await loopSession({ script: [answer(oslo), answer(text("Bye"))], tools: [clockTool] });
    const events = await runTurn(session, "Hi", {
      onEvent: ({ type }) => {
        if (type !== "tool:pre") return;
        for (let n = 0; n < 100; n++) session.steer(`${n}`);
        expect(() => session.steer("one too many")).toThrow(/100 steers wait already.*one too many/u);
      },
    });
    expect(events.filter(({ type }) => type === "orchestrator:steering_injected").length).toBe(100);
  });

  test("by an orchestrator that takes none", async () => {
    const held = gate();
    const other: Orchestrator = { execute: () => held.pass().then(() => "done") };
    const session = await createSession({
      session: { orchestrator: other, context: new ArrayContext() },
      providers: [new ScriptedProvider([])],
    });
    const turn = session.execute("Hi");
    await held.reached;
    expect(() => session.steer("Hello")).toThrow(expect.objectContaining({ data: { reason: "unsupported" } }));
    held.open();
    await turn;
  });
});

test("two sessions on one orchestrator are steered apart", async () => {
  const shared = (await loopSession({ script: [] })).session.coordinator.get("orchestrator") as Orchestrator;
  const held = [gate(), gate()] as const;
  const sessions = await Promise.all(
    held.map(async (each) => {
      const provider = new ScriptedProvider([answer(toolCall("c", "wait")), answer(text("Bye"))]);
      const wait = tool("wait", () => each.pass().then(() => "ok"));
      const session = await createSession({
        session: { orchestrator: shared, context: new ArrayContext() },
        providers: [provider],
        tools: [wait],
      });
      return { session, provider };
    }),
  );
  const turns = sessions.map(({ session }) => recordTurn(session, "Hi"));
  await Promise.all(held.map(({ reached }) => reached));
  sessions[0]?.session.steer("Only one");
  for (const each of held) each.open();
  await Promise.all(turns);
  expect(sessions.map(({ provider }) => JSON.stringify(provider.requests).includes("Only one"))).toEqual([true, false]);
});
