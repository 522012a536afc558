/**
 * A turn without incident: what a consumer, the model and the conversation see of an answer and of tool calls.
 */
import {
  answer,
  finish,
  inFragments,
  normalizeEvents,
  oneRead,
  outlineEvents,
  outlineMessage,
  runTurn,
  signed,
  text,
  thinking,
  toolCall,
  usage,
  warning,
  whole,
} from "amplifier-testkit";
import { expect, test } from "vitest";
import { loopSession, NO_RECOVERY } from "./loop-session.ts";
import { clockTool, gatedTool } from "./test-tools.ts";

test("a plain answer is streamed as it comes, stored, and told by one bracket", async () => {
  const { session, provider, context } = await loopSession({
    script: [answer(thinking("Hm", "m"), text("Hel", "lo"))],
    system: "Be terse.",
    config: { buffer_size: 1 },
  });
  expect(outlineEvents(await runTurn(session, "Hi"))).toEqual([
    "session:start",
    'execution:start "Hi"',
    'prompt:submit "Hi"',
    'context:message user: "Hi"',
    "provider:request #1",
    "content_block:start 0 thinking",
    'content_block:delta 0 "Hm"',
    'content_block:delta 0 "m"',
    'content_block:end 0 thinking "Hmm"',
    "content_block:start 1 text",
    'content_block:delta 1 "Hel"',
    'content_block:delta 1 "lo"',
    'content_block:end 1 "Hello"',
    "provider:response #1 stop",
    'context:message assistant: thinking "Hmm", "Hello"',
    'execution:end success "Hello" stop',
    "orchestrator:complete success turns=1",
    'prompt:complete success "Hello"',
  ]);
  expect(provider.requests).toEqual([
    {
      messages: [
        { role: "system", content: "Be terse." },
        { role: "user", content: "Hi" },
      ],
    },
  ]);
  const stored = await context.getMessages();
  expect(stored.map(outlineMessage)).toEqual(['user: "Hi"', 'assistant: thinking "Hmm", "Hello"']);
});

test("every payload of a turn with a tool is as documented", async () => {
  const held = gatedTool("clock");
  const { session } = await loopSession({
    script: [answer(toolCall("c1", "clock", { zone: "Oslo" })), answer(text("Noon"))],
    tools: [held.tool],
  });
  const events = await runTurn(session, "Time?", {
    onEvent: (event) => {
      if (event.type === "context:message" && event.data.message.role === "assistant") held.gateOf("c1").open();
    },
  });
  const tokens = { input_tokens: 10, output_tokens: 5, total_tokens: 15 };
  const call = { tool_name: "clock", tool_call_id: "c1", parallel_group_id: "group-1" };
  const block = { type: "tool_call", id: "c1", name: "clock", input: { zone: "Oslo" } };
  const model = { provider: "scripted", model: "scripted-1" };
  const head = { block_index: 0, block_type: "tool_call", tool_call_id: "c1", name: "clock" };
  const textHead = { block_index: 0, block_type: "text" };
  const noon = { type: "text", text: "Noon" };
  const total = { input_tokens: 20, output_tokens: 10, total_tokens: 30 };
  expect(normalizeEvents(events)).toEqual([
    { type: "session:start", data: { session_id: "session", parent_id: null } },
    { type: "execution:start", data: { prompt: "Time?" } },
    { type: "prompt:submit", data: { prompt: "Time?" } },
    { type: "context:message", data: { message: { role: "user", content: "Time?" } } },
    { type: "provider:request", data: { ...model, iteration: 1 } },
    { type: "content_block:start", data: { ...head, iteration: 1 } },
    { type: "content_block:delta", data: { ...head, delta: '{"zone":"Oslo"}' } },
    { type: "content_block:end", data: { iteration: 1, block_index: 0, block } },
    { type: "tool:pre", data: { ...call, tool_input: { zone: "Oslo" }, decision: "run" } },
    {
      type: "provider:response",
      data: { ...model, iteration: 1, usage: tokens, finish_reason: "tool_calls", tool_calls: true, streamed: true },
    },
    { type: "context:message", data: { message: { role: "assistant", content: [block] } } },
    {
      type: "tool:post",
      data: { ...call, tool_input: { zone: "Oslo" }, result: { success: true, output: "done c1" } },
    },
    {
      type: "context:message",
      data: { message: { role: "tool", name: "clock", tool_call_id: "c1", content: "done c1" } },
    },
    { type: "provider:request", data: { ...model, iteration: 2 } },
    { type: "content_block:start", data: { ...textHead, iteration: 2 } },
    { type: "content_block:delta", data: { ...textHead, delta: "Noon" } },
    { type: "content_block:end", data: { iteration: 2, block_index: 0, block: noon } },
    {
      type: "provider:response",
      data: { ...model, iteration: 2, usage: tokens, finish_reason: "stop", tool_calls: false, streamed: true },
    },
    { type: "context:message", data: { message: { role: "assistant", content: [noon] } } },
    { type: "execution:end", data: { response: "Noon", status: "success", usage: total, finish_reason: "stop" } },
    { type: "orchestrator:complete", data: { orchestrator: "loop-streaming", turn_count: 2, status: "success" } },
    { type: "prompt:complete", data: { response: "Noon", status: "success" } },
  ]);
  expect(events.every(({ ts, session_id }) => ts === "2026-01-01T00:00:00.000Z" && session_id === "session")).toBe(
    true,
  );
});

test("the model gets back its own blocks with signatures, and the tool's own output", async () => {
  const { session, provider } = await loopSession({
    script: [
      answer(signed(thinking("Look"), "sig"), inFragments(toolCall("c1", "clock", { zone: "Oslo" }), 3)),
      answer(text("Noon")),
    ],
    tools: [clockTool],
  });
  await runTurn(session, "Time?");
  expect(provider.requests[1]).toEqual({
    messages: [
      { role: "user", content: "Time?" },
      {
        role: "assistant",
        content: [
          { type: "thinking", thinking: "Look", signature: "sig" },
          { type: "tool_call", id: "c1", name: "clock", input: { zone: "Oslo" } },
        ],
      },
      { role: "tool", name: "clock", tool_call_id: "c1", content: "12:00 in Oslo" },
    ],
    tools: [{ name: "clock", description: "clock", parameters: clockTool.inputSchema }],
  });
});

test("results of parallel calls enter the conversation in the order of the calls, whichever finishes first", async () => {
  const held = gatedTool("slow");
  const { session, context } = await loopSession({
    script: [answer(toolCall("c1", "slow"), toolCall("c2", "slow"), toolCall("c3", "slow")), answer(text("Done"))],
    tools: [held.tool],
  });
  const opens: Readonly<Record<string, string>> = { "tool:post c3": "c2", "tool:post c2": "c1" };
  const events = await runTurn(session, "Go", {
    onEvent: (event) => {
      if (event.type === "context:message" && event.data.message.role === "assistant") held.gateOf("c3").open();
      const next = event.type === "tool:post" ? opens[`tool:post ${event.data.tool_call_id}`] : undefined;
      if (next !== undefined) held.gateOf(next).open();
    },
  });
  expect(outlineEvents(events).filter((line) => /^(?:tool:|context:message tool)/u.test(line))).toEqual([
    "tool:pre c1 run {}",
    "tool:pre c2 run {}",
    "tool:pre c3 run {}",
    'tool:post c3 "done c3"',
    'tool:post c2 "done c2"',
    'tool:post c1 "done c1"',
    'context:message tool(c1): "done c1"',
    'context:message tool(c2): "done c2"',
    'context:message tool(c3): "done c3"',
  ]);
  expect(held.started).toEqual(["c1", "c2", "c3"]);
  const groups = new Set(events.flatMap((event) => (event.type === "tool:pre" ? [event.data.parallel_group_id] : [])));
  expect(groups.size).toBe(1);
  expect(await context.getMessages()).toHaveLength(6);
});

test("usage is summed over the model calls and the summary of the turn is kept", async () => {
  const { session } = await loopSession({
    script: [
      answer(
        usage({ input_tokens: 1, output_tokens: 1, total_tokens: 2 }),
        toolCall("c1", "clock", { zone: "Oslo" }),
        usage({ input_tokens: 7, output_tokens: 2, total_tokens: 9, cache_read_tokens: 3 }),
      ),
      answer(text("Noon"), usage({ input_tokens: 10, output_tokens: 4, total_tokens: 14, reasoning_tokens: 1 })),
    ],
    tools: [clockTool],
  });
  expect(session.lastTurn).toBeNull();
  const events = await runTurn(session, "Time?");
  expect(session.lastTurn).toEqual({
    text: "Noon",
    status: "success",
    usage: { input_tokens: 17, output_tokens: 6, total_tokens: 23, cache_read_tokens: 3, reasoning_tokens: 1 },
    finish_reason: "stop",
    turn_id: events[1]?.turn_id,
  });
});

test("an answer that the output limit cut off ends the turn as incomplete and says which limit", async () => {
  const { session } = await loopSession({ script: [answer(text("Hal"), finish("length"))], config: NO_RECOVERY });
  const events = await runTurn(session, "Hi");
  expect(outlineEvents(events).slice(-3)).toEqual([
    'execution:end incomplete "Hal" length max_output_tokens',
    "orchestrator:complete incomplete turns=1",
    'prompt:complete incomplete "Hal"',
  ]);
  expect(session.lastTurn).toMatchObject({ text: "Hal", status: "incomplete", limit: "max_output_tokens" });
});

test("what the caller sets for a turn reaches the model, and images too", async () => {
  const { session, provider } = await loopSession({ script: [answer(text("{}"))], tools: [clockTool] });
  const image = { type: "image", source: { type: "url", url: "https://example.org/cat.png" } } as const;
  const options = {
    model: "other",
    temperature: 0.5,
    max_output_tokens: 9,
    tool_choice: "auto",
    response_format: { type: "json_object" },
  } as const;
  const events = await runTurn(session, [{ type: "text", text: "What is it?" }, image], options);
  expect(provider.requests).toEqual([
    {
      ...options,
      messages: [{ role: "user", content: [{ type: "text", text: "What is it?" }, image] }],
      tools: [{ name: "clock", description: "clock", parameters: clockTool.inputSchema }],
    },
  ]);
  expect(events.find(({ type }) => type === "provider:request")?.data).toMatchObject({ model: "other" });
});

test("metadata of an answer is stored with it and handed back, and its own model is told", async () => {
  const { session, provider } = await loopSession({
    script: [
      answer(text("A"), finish("stop", { model: "scripted-1-beta", metadata: { id: "r1" } })),
      answer(text("B")),
    ],
  });
  const events = await runTurn(session, "One");
  expect(events.find(({ type }) => type === "provider:response")?.data).toMatchObject({ model: "scripted-1-beta" });
  await runTurn(session, "Two");
  expect(provider.requests[1]?.messages[1]).toEqual({
    role: "assistant",
    content: [{ type: "text", text: "A" }],
    metadata: { id: "r1" },
  });
});

test("blocks of other kinds pass through whole, and a warning of the adapter is shown to people", async () => {
  const opaque = { type: "opaque", data: { kept: true }, provider: "scripted" } as const;
  const { session, context } = await loopSession({ script: [answer(whole(opaque), warning("Mended."), text("Hi"))] });
  expect(outlineEvents(await runTurn(session, "Hi")).slice(5, 11)).toEqual([
    "content_block:start 0 opaque",
    "content_block:end 0 opaque",
    "user:notification warning Mended.",
    "content_block:start 1 text",
    'content_block:delta 1 "Hi"',
    'content_block:end 1 "Hi"',
  ]);
  expect((await context.getMessages())[1]?.content).toEqual([opaque, { type: "text", text: "Hi" }]);
});

test("an answer without anything is not stored: an empty message is refused by every provider", async () => {
  const { session, context } = await loopSession({ script: [answer(), answer(oneRead(text()))] });
  const events = await runTurn(session, "Hi");
  expect(outlineEvents(events).slice(4)).toEqual([
    "provider:request #1",
    "provider:response #1 stop",
    'execution:end success "" stop',
    "orchestrator:complete success turns=1",
    'prompt:complete success ""',
  ]);
  await runTurn(session, "Hi again");
  expect((await context.getMessages()).map(({ role }) => role)).toEqual(["user", "user"]);
});

test("ids that a server repeats within one answer are told apart everywhere", async () => {
  const { session, context } = await loopSession({
    script: [
      answer(toolCall("same", "clock", { zone: "Oslo" }), toolCall("same", "clock", { zone: "Rome" })),
      answer(text("Done")),
    ],
    tools: [clockTool],
  });
  const events = await runTurn(session, "Time?");
  const starts = events.flatMap((event) => (event.type === "content_block:start" ? [event.data.tool_call_id] : []));
  expect(starts.slice(0, 2)).toEqual(["same", "same_2"]);
  expect((await context.getMessages()).map(outlineMessage).slice(1, 4)).toEqual([
    'assistant: call same clock{"zone":"Oslo"}, call same_2 clock{"zone":"Rome"}',
    'tool(same): "12:00 in Oslo"',
    'tool(same_2): "12:00 in Rome"',
  ]);
});
