/**
 * What a broken model call leaves behind: what came is kept, tools that started finish, and the caller gets the original
 * error, after the closing events.
 */
import { AmplifierError, LLMError, type Message, NO_USAGE, type ProviderEvent } from "amplifier-core";
import {
  answer,
  type AnswerPart,
  ArrayContext,
  breaksOff,
  checkConversation,
  fails,
  gate,
  outlineEvents,
  outlineMessage,
  recordTurn,
  runTurn,
  text,
  thinking,
  toolCall,
  unchecked,
  unfinished,
  usage,
} from "amplifier-testkit";
import { describe, expect, test } from "vitest";
import { type LoopSetup, loopSession, NO_RECOVERY } from "./loop-session.ts";
import { gatedTool, tool } from "./test-tools.ts";

const overloaded = new LLMError("ProviderUnavailableError", "overloaded", { status_code: 529, retry_after: 3 });
const never = tool("never", () => Promise.reject(new Error("This tool must not run.")));

/** Runs a turn that fails; returns its lines from the request on, its error, and the stored conversation. */
async function failing(parts: readonly AnswerPart[], setup: Partial<LoopSetup> = {}) {
  const made = await loopSession({
    tools: [never],
    config: { buffer_size: 1, ...NO_RECOVERY },
    ...setup,
    script: [answer(...parts)],
  });
  const { events, failure } = await recordTurn(made.session, "Hi");
  const stored = await made.context.getMessages();
  expect(checkConversation(stored)).toEqual([]);
  return {
    ...made,
    lines: outlineEvents(events).slice(4),
    events,
    error: failure?.error,
    stored: stored.map(outlineMessage),
  };
}

const errorEnding = (name: string, said: string): readonly string[] => [
  `execution:end error ${JSON.stringify(said)} ${name}`,
  "orchestrator:complete error turns=1",
  `prompt:complete error ${JSON.stringify(said)}`,
];

test("an error before the first delta reaches the caller as the very same object", async () => {
  const { lines, error, stored, events } = await failing([fails(overloaded)]);
  expect(error).toBe(overloaded);
  expect(lines).toEqual([
    "provider:request #1",
    "provider:error #1 ProviderUnavailableError",
    ...errorEnding("ProviderUnavailableError", ""),
  ]);
  expect(stored).toEqual(['user: "Hi"']);
  expect(events.find(({ type }) => type === "provider:error")?.data).toEqual({
    provider: "scripted",
    model: "scripted-1",
    request_id: expect.any(String),
    iteration: 1,
    error: { type: "ProviderUnavailableError", msg: "overloaded", retryable: true, status_code: 529, retry_after: 3 },
    recovered: false,
  });
});

test("execute rejects with the original error too", async () => {
  const { session } = await loopSession({ script: [fails(overloaded)], config: NO_RECOVERY });
  await expect(session.execute("Hi")).rejects.toBe(overloaded);
  expect(session.lastTurn).toMatchObject({ status: "error" });
});

test("an error in the middle of text keeps what was said, and the next prompt works", async () => {
  const { lines, error, stored, session, provider } = await failing([
    thinking("Hm"),
    unfinished(text("Hel", "lo")),
    fails(overloaded),
  ]);
  expect(error).toBe(overloaded);
  expect(lines).toEqual([
    "provider:request #1",
    "content_block:start 0 thinking",
    'content_block:delta 0 "Hm"',
    'content_block:end 0 thinking "Hmm"'.replace("Hmm", "Hm"),
    "content_block:start 1 text",
    'content_block:delta 1 "Hel"',
    'content_block:delta 1 "lo"',
    'content_block:end 1 "Hello" (interrupted)',
    "llm:stream_aborted ProviderUnavailableError",
    "provider:error #1 ProviderUnavailableError",
    'context:message assistant: thinking "Hm", "Hello" (interrupted)',
    ...errorEnding("ProviderUnavailableError", "Hello"),
  ]);
  expect(stored).toEqual(['user: "Hi"', 'assistant: thinking "Hm", "Hello" (interrupted)']);
  provider.add(answer(text("Next")));
  await runTurn(session, "And?");
  expect(session.lastTurn?.text).toBe("Next");
});

test("what was held in the buffer when the stream broke is shown", async () => {
  const { lines } = await failing([unfinished(text("a", "b", "c")), fails(overloaded)], {
    config: { buffer_size: 10, ...NO_RECOVERY },
  });
  expect(lines.slice(1, 5)).toEqual([
    "content_block:start 0 text",
    'content_block:delta 0 "a"',
    'content_block:delta 0 "bc"',
    'content_block:end 0 "abc" (interrupted)',
  ]);
});

test("a call that was cut off never runs, is not announced, and has a result that says so", async () => {
  const cut: AnswerPart = unchecked(
    { type: "block_start", index: 1, block: { type: "tool_call", id: "c1", name: "never" } },
    { type: "block_delta", index: 1, delta: '{"path": "/' },
  );
  const { lines, error, stored } = await failing([text("Now"), cut, fails(overloaded)]);
  expect(error).toBe(overloaded);
  expect(lines.slice(4)).toEqual([
    "content_block:start 1 tool_call c1",
    'content_block:delta 1 "{\\"path\\": \\"/"',
    "content_block:end 1 call c1 never{} (interrupted)",
    "llm:stream_aborted ProviderUnavailableError",
    "provider:error #1 ProviderUnavailableError",
    'context:message assistant: "Now", call c1 never{} (interrupted)',
    'context:message tool(c1): "This call was cut off before its arguments were complete, so it was not run."',
    ...errorEnding("ProviderUnavailableError", "Now"),
  ]);
  expect(stored).toHaveLength(3);
});

test.each(["eager", "after_message"])(
  "a call that was complete before the stream broke finishes (%s)",
  async (tool_start) => {
    const held = gatedTool("slow");
    const broken = gate();
    const made = await loopSession({
      script: [answer(toolCall("c1", "slow"), broken, fails(overloaded))],
      tools: [held.tool],
      config: { tool_start, ...NO_RECOVERY },
    });
    const turn = recordTurn(made.session, "Hi");
    await broken.reached;
    broken.open();
    await held.gateOf("c1").reached;
    expect(made.session.lastTurn).toBeNull();
    held.gateOf("c1").open();
    const { events, failure } = await turn;
    expect(failure?.error).toBe(overloaded);
    const lines = outlineEvents(events);
    expect(lines).toContain('tool:post c1 "done c1"');
    expect((await made.context.getMessages()).map(outlineMessage)).toEqual([
      'user: "Hi"',
      "assistant: call c1 slow{}",
      'tool(c1): "done c1"',
    ]);
  },
);

test("a complete call and a cut one both get their result, in order", async () => {
  const held = gatedTool("slow");
  held.gateOf("c1").open();
  const cut: AnswerPart = unchecked(
    { type: "block_start", index: 1, block: { type: "tool_call", id: "c2", name: "slow" } },
    { type: "block_delta", index: 1, delta: "{" },
  );
  const { stored } = await failing([toolCall("c1", "slow"), cut, fails(overloaded)], { tools: [held.tool] });
  expect(stored).toEqual([
    'user: "Hi"',
    "assistant: call c1 slow{}, call c2 slow{} (interrupted)",
    'tool(c1): "done c1"',
    'tool(c2): "This call was cut off before its arguments were complete, so it was not run."',
  ]);
  expect(held.started).toEqual(["c1"]);
});

test("blocks that end in another order than they began: results follow the calls as they are stored", async () => {
  const held = gatedTool("slow");
  held.gateOf("c1").open();
  held.gateOf("c2").open();
  const head = (index: number, id: string): ProviderEvent => ({
    type: "block_start",
    index,
    block: { type: "tool_call", id, name: "slow" },
  });
  const end = (index: number, id: string): ProviderEvent => ({
    type: "block_end",
    index,
    block: { type: "tool_call", id, name: "slow", input: {} },
  });
  const { session, context } = await loopSession({
    config: NO_RECOVERY,
    script: [
      answer(
        unchecked(head(0, "c1"), head(1, "c2"), end(1, "c2"), end(0, "c1"), {
          type: "end",
          finish_reason: "tool_calls",
        }),
      ),
      answer(text("Done")),
    ],
    tools: [held.tool],
  });
  await runTurn(session, "Hi");
  expect((await context.getMessages()).map(outlineMessage).slice(1, 4)).toEqual([
    "assistant: call c1 slow{}, call c2 slow{}",
    'tool(c1): "done c1"',
    'tool(c2): "done c2"',
  ]);
});

test("a stream that stops without its finish is a StreamError, never a short answer", async () => {
  const { lines, error, stored } = await failing([text("Hel"), breaksOff()]);
  expect(error).toMatchObject({ name: "StreamError", retryable: true, provider: "scripted" });
  expect(lines.slice(-7)).toEqual([
    'content_block:end 0 "Hel"',
    "llm:stream_aborted StreamError",
    "provider:error #1 StreamError",
    'context:message assistant: "Hel"',
    ...errorEnding("StreamError", "Hel"),
  ]);
  expect(stored).toEqual(['user: "Hi"', 'assistant: "Hel"']);
});

test("a stream that stops at once is a StreamError", async () => {
  const { error, stored } = await failing([breaksOff()]);
  expect(error).toMatchObject({ name: "StreamError" });
  expect(stored).toEqual(['user: "Hi"']);
});

describe("a provider that breaks the rules of its port", () => {
  const start: ProviderEvent = { type: "block_start", index: 0, block: { type: "text" } };
  const end: ProviderEvent = { type: "end", finish_reason: "stop" };
  const cases: readonly (readonly [string, readonly ProviderEvent[]])[] = [
    ["a delta of a block that is not open", [{ type: "block_delta", index: 0, delta: "x" }, end]],
    ["an end of a block that is not open", [{ type: "block_end", index: 0, block: { type: "text", text: "" } }, end]],
    ["a second start of an open block", [start, { type: "block_delta", index: 0, delta: "x" }, start, end]],
    [
      "a second end of a block",
      [
        start,
        { type: "block_end", index: 0, block: { type: "text", text: "" } },
        { type: "block_end", index: 0, block: { type: "text", text: "" } },
        end,
      ],
    ],
    ["an end of the answer while a block is open", [start, { type: "block_delta", index: 0, delta: "x" }, end]],
    [
      "more after the end of the answer",
      [
        start,
        { type: "block_end", index: 0, block: { type: "text", text: "" } },
        end,
        start,
        { type: "block_end", index: 0, block: { type: "text", text: "" } },
      ],
    ],
    [
      "an index that was used before",
      [
        start,
        { type: "block_end", index: 0, block: { type: "text", text: "" } },
        start,
        { type: "block_delta", index: 0, delta: "y" },
        { type: "block_end", index: 0, block: { type: "text", text: "y" } },
        end,
      ],
    ],
    [
      "a cost that is no decimal string",
      [{ type: "usage", usage: { ...NO_USAGE, cost_usd: 0.047 as unknown as string } }, end],
    ],
    [
      "a block that ends as another kind",
      [start, { type: "block_end", index: 0, block: { type: "thinking", thinking: "x" } }, end],
    ],
  ];
  test.each(cases)("with %s fails the turn by name and leaves nothing open", async (_name, events) => {
    const { error } = await failing([unchecked(...events)]);
    expect(error).toMatchObject({ name: "StreamError", retryable: false });
    expect((error as Error).message).toMatch(/^The provider .*(?:block 0|end of its answer|cost_usd 0.047)/u);
  });
});

test("a provider that throws before it streams fails the same way", async () => {
  const made = await loopSession({ script: [], config: NO_RECOVERY });
  made.provider.stream = () => {
    throw overloaded;
  };
  const { failure, events } = await recordTurn(made.session, "Hi");
  expect(failure?.error).toBe(overloaded);
  expect(outlineEvents(events)).toContain("provider:error #1 ProviderUnavailableError");
});

test.each([["a string"], [null], [{ code: 7 }]])(
  "whatever a provider throws reaches the caller: %j",
  async (thrown) => {
    const { session } = await loopSession({ script: [fails(thrown)] });
    const { failure, events } = await recordTurn(session, "Hi");
    expect(failure).toEqual({ error: thrown });
    expect(events.at(-1)).toMatchObject({ type: "prompt:complete", data: { status: "error" } });
  },
);

test("a provider that throws nothing at all has failed all the same", async () => {
  const { session } = await loopSession({ script: [answer(unfinished(text("Hel")), fails(undefined))] });
  const { failure } = await recordTurn(session, "Hi");
  expect(failure?.error).toMatchObject({ name: "LLMError", message: "The provider threw undefined." });
  expect(session.lastTurn).toMatchObject({ status: "error", text: "Hel" });
});

describe("a context", () => {
  const full = new Error("memory full");

  test("that cannot store the prompt fails the turn before any model is asked", async () => {
    const context = Object.assign(new ArrayContext(), { addMessage: () => Promise.reject(full) });
    const { session } = await loopSession({ script: [], context });
    const { events, failure } = await recordTurn(session, "Hi");
    expect(failure?.error).toBe(full);
    expect(outlineEvents(events)).toEqual([
      "session:start",
      'execution:start "Hi"',
      'prompt:submit "Hi"',
      'execution:end error "" Error',
      "orchestrator:complete error turns=0",
      'prompt:complete error ""',
    ]);
  });

  test("that cannot give the messages fails the call with its own error", async () => {
    const context = Object.assign(new ArrayContext(), { getMessagesForRequest: () => Promise.reject(full) });
    const { session } = await loopSession({ script: [], context });
    const { events, failure } = await recordTurn(session, "Hi");
    expect(failure?.error).toBe(full);
    expect(outlineEvents(events).slice(4)).toEqual([
      "provider:request #1",
      "provider:error #1 Error",
      'execution:end error "" Error',
      "orchestrator:complete error turns=1",
      'prompt:complete error ""',
    ]);
  });

  test("that throws instead of rejecting is the same", async () => {
    const context = Object.assign(new ArrayContext(), {
      getMessagesForRequest: () => {
        throw full;
      },
    });
    const { session } = await loopSession({ script: [], context });
    expect((await recordTurn(session, "Hi")).failure?.error).toBe(full);
  });

  test("that cannot store the answer fails the turn; its tools still settle", async () => {
    const context = new ArrayContext();
    const add = context.addMessage.bind(context);
    context.addMessage = (message) => (message.role === "assistant" ? Promise.reject(full) : add(message));
    const held = gatedTool("slow");
    held.gateOf("c1").open();
    const { session } = await loopSession({ script: [answer(toolCall("c1", "slow"))], context, tools: [held.tool] });
    const { failure } = await recordTurn(session, "Hi");
    expect(failure?.error).toBe(full);
    expect(checkConversation(await context.getMessages())).toEqual([]);
  });
});

test("no provider that fits is an error of the turn, with its bracket", async () => {
  const { session } = await loopSession({ script: [], config: { default_provider: "other" } });
  const { events, failure } = await recordTurn(session, "Hi");
  expect(failure?.error).toBeInstanceOf(AmplifierError);
  expect(failure?.error).toMatchObject({ code: "no_provider", data: { wanted: "other", mounted: ["scripted"] } });
  expect(outlineEvents(events).slice(-3)).toEqual([
    'execution:end error "" AmplifierError',
    "orchestrator:complete error turns=0",
    'prompt:complete error ""',
  ]);
});

test("what the provider had counted before its answer broke is in the turn's usage", async () => {
  const counted = { input_tokens: 12, output_tokens: 3, total_tokens: 15 };
  const { session, events } = await failing([usage(counted), text("Hel"), fails(overloaded)]);
  expect(session.lastTurn?.usage).toEqual(counted);
  expect(events.find(({ type }) => type === "provider:error")?.data).toMatchObject({ usage: counted });
});

test("a context that refuses one result is still given the others, and the turn fails with its error", async () => {
  const refusal = new Error("too big");
  const context = new (class extends ArrayContext {
    override addMessage(message: Message): Promise<void> {
      return message.tool_call_id === "c1" ? Promise.reject(refusal) : super.addMessage(message);
    }
  })();
  const parts = [toolCall("c1", "ok", {}), toolCall("c2", "ok", {})];
  const made = await loopSession({
    tools: [tool("ok", () => Promise.resolve("fine"))],
    context,
    script: [answer(...parts)],
  });
  await expect(made.session.execute("Hi")).rejects.toBe(refusal);
  expect((await context.getMessages()).map(outlineMessage).at(-1)).toBe('tool(c2): "fine"');
});
