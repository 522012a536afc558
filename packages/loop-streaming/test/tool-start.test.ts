/**
 * When a tool starts: while the answer still streams, or after it; alone, or beside others.
 */
import { answer, drainMicrotasks, gate, inFragments, outlineEvents, runTurn, text, toolCall } from "amplifier-testkit";
import { expect, test } from "vitest";
import { loopSession } from "./loop-session.ts";
import { gatedTool, tool } from "./test-tools.ts";

test("a tool runs before the model's message has ended, as soon as its own call is complete", async () => {
  const between = gate();
  const { session } = await loopSession({
    script: [answer(toolCall("c1", "quick"), between, text("More")), answer(text("Done"))],
    tools: [tool("quick", () => Promise.resolve("ok"))],
  });
  const events = await runTurn(session, "Go", {
    // The provider goes on only when the tool's outcome has been seen.
    onEvent: (event) => (event.type === "tool:post" ? between.open() : undefined),
  });
  expect(outlineEvents(events).slice(4, 15)).toEqual([
    "provider:request #1",
    "content_block:start 0 tool_call c1",
    'content_block:delta 0 "{}"',
    "content_block:end 0 call c1 quick{}",
    "tool:pre c1 run {}",
    'tool:post c1 "ok"',
    "content_block:start 1 text",
    'content_block:delta 1 "More"',
    'content_block:end 1 "More"',
    "provider:response #1 tool_calls",
    'context:message assistant: call c1 quick{}, "More"',
  ]);
});

test("a first call runs while the second one's arguments still come", async () => {
  const between = gate();
  const { session } = await loopSession({
    script: [
      answer(toolCall("c1", "quick"), between, inFragments(toolCall("c2", "quick", { n: 2 }), 2)),
      answer(text("Done")),
    ],
    tools: [tool("quick", () => Promise.resolve("ok"))],
  });
  const events = await runTurn(session, "Go", {
    onEvent: (event) => (event.type === "tool:post" ? between.open() : undefined),
  });
  const order = outlineEvents(events).filter((line) => /^(?:tool:post|content_block:start)/u.test(line));
  expect(order.slice(0, 3)).toEqual([
    "content_block:start 0 tool_call c1",
    'tool:post c1 "ok"',
    "content_block:start 1 tool_call c2",
  ]);
});

test("with tool_start after_message nothing runs before the whole answer has come", async () => {
  const between = gate();
  const held = gatedTool("slow");
  const { session } = await loopSession({
    script: [answer(toolCall("c1", "slow"), between, toolCall("c2", "slow")), answer(text("Done"))],
    tools: [held.tool],
    config: { tool_start: "after_message" },
  });
  held.gateOf("c1").open();
  held.gateOf("c2").open();
  const turn = runTurn(session, "Go");
  await between.reached;
  await drainMicrotasks();
  expect(held.started).toEqual([]);
  between.open();
  const lines = outlineEvents(await turn);
  expect(held.started).toEqual(["c1", "c2"]);
  expect(lines.findIndex((line) => line.startsWith("tool:pre"))).toBeGreaterThan(
    lines.indexOf("content_block:end 1 call c2 slow{}"),
  );
});

test("an exclusive call waits for the earlier ones and holds back the later ones", async () => {
  const shared = gatedTool("shared");
  const alone = gatedTool("alone", { exclusive: true });
  const { session } = await loopSession({
    script: [
      answer(toolCall("c1", "shared"), toolCall("c2", "alone"), toolCall("c3", "shared"), toolCall("c4", "shared")),
      answer(text("Done")),
    ],
    tools: [shared.tool, alone.tool],
  });
  const turn = runTurn(session, "Go");
  await shared.gateOf("c1").reached;
  await drainMicrotasks();
  expect([shared.started, alone.started]).toEqual([["c1"], []]);
  shared.gateOf("c1").open();
  await alone.gateOf("c2").reached;
  await drainMicrotasks();
  expect([shared.started, alone.started]).toEqual([["c1"], ["c2"]]);
  alone.gateOf("c2").open();
  await shared.gateOf("c4").reached;
  expect(shared.started).toEqual(["c1", "c3", "c4"]);
  shared.gateOf("c3").open();
  shared.gateOf("c4").open();
  const lines = outlineEvents(await turn).filter((line) => /^(?:tool:|context:message tool)/u.test(line));
  // Prepared at once, run in their place.
  expect(lines).toEqual([
    "tool:pre c1 run {}",
    "tool:pre c2 run {}",
    "tool:pre c3 run {}",
    "tool:pre c4 run {}",
    'tool:post c1 "done c1"',
    'tool:post c2 "done c2"',
    'tool:post c3 "done c3"',
    'tool:post c4 "done c4"',
    'context:message tool(c1): "done c1"',
    'context:message tool(c2): "done c2"',
    'context:message tool(c3): "done c3"',
    'context:message tool(c4): "done c4"',
  ]);
});

test("an exclusive call is not held back by an earlier one that cannot run", async () => {
  const alone = gatedTool("alone", { exclusive: true });
  const { session } = await loopSession({
    script: [answer(toolCall("c1", "nowhere"), toolCall("c2", "alone")), answer(text("Done"))],
    tools: [alone.tool],
  });
  alone.gateOf("c2").open();
  await runTurn(session, "Go");
  expect(alone.started).toEqual(["c2"]);
});

test("at most max_parallel_tools run at the same time, in the order of the calls", async () => {
  const held = gatedTool("slow");
  const calls = ["c1", "c2", "c3", "c4"];
  const { session } = await loopSession({
    script: [answer(...calls.map((id) => toolCall(id, "slow"))), answer(text("Done"))],
    tools: [held.tool],
    config: { max_parallel_tools: 2 },
  });
  const turn = runTurn(session, "Go");
  await held.gateOf("c2").reached;
  await drainMicrotasks();
  expect(held.started).toEqual(["c1", "c2"]);
  held.gateOf("c2").open();
  await held.gateOf("c3").reached;
  await drainMicrotasks();
  expect(held.started).toEqual(["c1", "c2", "c3"]);
  for (const id of calls) held.gateOf(id).open();
  await turn;
  expect(held.started).toEqual(calls);
});

test("progress of a running tool is shown and never reaches the model", async () => {
  const { session, provider } = await loopSession({
    script: [answer(toolCall("c1", "counting")), answer(text("Done"))],
    tools: [
      tool("counting", (_input, { progress }) => {
        const shared = { n: 1 };
        progress(shared);
        shared.n = 2;
        progress(shared);
        return Promise.resolve("counted");
      }),
    ],
  });
  const events = await runTurn(session, "Go");
  expect(outlineEvents(events).filter((line) => line.startsWith("tool:"))).toEqual([
    "tool:pre c1 run {}",
    'tool:progress c1 {"n":1}',
    'tool:progress c1 {"n":2}',
    'tool:post c1 "counted"',
  ]);
  expect(JSON.stringify(provider.requests[1])).not.toContain('"n"');
});

test("progress comes before the call's outcome, however long its handlers take", async () => {
  const slow = gate();
  const { session } = await loopSession({
    script: [answer(toolCall("c1", "counting")), answer(text("Done"))],
    hooks: [{ name: "slow", events: { "tool:progress": () => slow.pass() } }],
    tools: [tool("counting", (_input, { progress }) => (progress(1), progress(2), Promise.resolve("counted")))],
  });
  const turn = runTurn(session, "Go");
  await slow.reached;
  await drainMicrotasks();
  slow.open();
  expect(outlineEvents(await turn).filter((line) => line.startsWith("tool:"))).toEqual([
    "tool:pre c1 run {}",
    "tool:progress c1 1",
    "tool:progress c1 2",
    'tool:post c1 "counted"',
  ]);
});

test("progress that a tool reports after its end is not an event any more", async () => {
  let report: (value: unknown) => void = () => undefined;
  const { session } = await loopSession({
    script: [answer(toolCall("c1", "leaky")), answer(text("Done"))],
    tools: [
      tool("leaky", (_input, { progress }) => {
        report = progress;
        return Promise.resolve("ok");
      }),
    ],
  });
  const events = await runTurn(session, "Go", {
    onEvent: (event) => (event.type === "tool:post" ? report("late") : undefined),
  });
  expect(events.some(({ type }) => type === "tool:progress")).toBe(false);
});

test("a tool gets its own copy of the input: what it changes is seen by nobody", async () => {
  const { session } = await loopSession({
    script: [answer(toolCall("c1", "greedy", { list: [1] })), answer(text("Done"))],
    tools: [
      tool("greedy", (input) => {
        (input as { list: number[] }).list.push(2);
        return Promise.resolve("ok");
      }),
    ],
  });
  const lines = outlineEvents(await runTurn(session, "Go"));
  expect(lines).toContain('tool:pre c1 run {"list":[1]}');
  expect(lines).toContain('context:message assistant: call c1 greedy{"list":[1]}');
});
