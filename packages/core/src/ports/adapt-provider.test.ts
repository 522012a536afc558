/**
 * A provider that can only answer whole, seen as one that streams.
 */
import { describe, expect, it } from "vitest";
import type { ChatRequest, ChatResponse, ResponseFormat, ToolChoice } from "../messages/chat.ts";
import { adaptProvider, type CompletingProvider } from "./adapt-provider.ts";
import type { Provider, ProviderEvent } from "./provider.ts";

const INFO = { id: "whole", displayName: "Whole", defaultModel: "m" };
const USAGE = { input_tokens: 1, output_tokens: 2, total_tokens: 3 };

function answering(complete: CompletingProvider["complete"]): CompletingProvider {
  return { name: "whole", priority: 5, getInfo: () => INFO, listModels: () => Promise.resolve([]), complete };
}

async function batches(response: unknown): Promise<readonly (readonly ProviderEvent[])[]> {
  const provider = adaptProvider(answering(() => Promise.resolve(response as ChatResponse)));
  const all = [];
  const { signal } = new AbortController();
  for await (const batch of provider.stream({ messages: [] }, { signal })) all.push(batch);
  return all;
}

/** What `complete` is asked when a request goes through the adapter. */
async function askedOf(request: ChatRequest): Promise<ChatRequest | undefined> {
  let asked: ChatRequest | undefined;
  const provider = adaptProvider(
    answering((given) => {
      asked = given;
      return Promise.resolve({ content: [], finish_reason: "stop" });
    }),
  );
  for await (const _ of provider.stream(request, { signal: new AbortController().signal }));
  return asked;
}

describe("a request", () => {
  const choices: readonly ToolChoice[] = ["auto", "none", "required", { name: "clock" }];
  const formats: readonly ResponseFormat[] = [
    { type: "text" },
    { type: "json_object" },
    { type: "json_schema", schema: { type: "object" } },
    { type: "json_schema", name: "answer", schema: { type: "object" }, strict: true },
  ];
  const most: Required<ChatRequest> = {
    messages: [{ role: "user", content: "Hi" }],
    tools: [{ name: "clock", parameters: { type: "object" } }],
    model: "m",
    temperature: 0,
    top_p: 0.9,
    max_output_tokens: 100,
    tool_choice: "auto",
    response_format: { type: "text" },
    reasoning_effort: "high",
    stop: ["END"],
    conversation_id: "s1",
    stream: false,
    timeout: 12.5,
    metadata: { user_id: "u" },
  };

  it("comes to the provider with its messages, and with everything else that somebody asked for", async () => {
    expect(await askedOf({ messages: [] })).toEqual({ messages: [] });
    expect(await askedOf(most)).toEqual(most);
  });

  it.each(choices)("comes with its choice of the tool: %j", async (tool_choice) => {
    expect(await askedOf({ messages: [], tool_choice })).toEqual({ messages: [], tool_choice });
  });

  it.each(formats)("comes with the form it wants: %j", async (response_format) => {
    expect(await askedOf({ messages: [], response_format })).toEqual({ messages: [], response_format });
  });
});

describe("a provider without stream", () => {
  it("keeps its name, priority and models, and says that it does not stream", async () => {
    const provider = adaptProvider(answering(() => Promise.reject(new Error("not asked"))));
    expect({ name: provider.name, priority: provider.priority, info: provider.getInfo() }).toEqual({
      name: "whole",
      priority: 5,
      info: { ...INFO, streams: false },
    });
    expect(await provider.listModels()).toEqual([]);
  });

  it("answers in one batch with one delta per block", async () => {
    const call = { type: "tool_call", id: "c1", name: "clock", input: { zone: "Oslo" } } as const;
    const content = [{ type: "thinking", thinking: "Hm.", signature: "s" }, { type: "text", text: "" }, call] as const;
    const tool_calls = [
      { id: "c1", name: "clock", arguments: { zone: "Oslo" } },
      { id: "c2", name: "clock", arguments: {} },
    ];
    const second = { type: "tool_call", id: "c2", name: "clock", input: {} };
    expect(
      await batches({ content, tool_calls, usage: USAGE, finish_reason: "tool_calls", metadata: { a: 1 } }),
    ).toEqual([
      [
        { type: "block_start", index: 0, block: { type: "thinking" } },
        { type: "block_delta", index: 0, delta: "Hm." },
        { type: "block_end", index: 0, block: content[0] },
        { type: "block_start", index: 1, block: { type: "text" } },
        { type: "block_end", index: 1, block: content[1] },
        { type: "block_start", index: 2, block: { type: "tool_call", id: "c1", name: "clock" } },
        { type: "block_delta", index: 2, delta: '{"zone":"Oslo"}' },
        { type: "block_end", index: 2, block: call },
        { type: "block_start", index: 3, block: { type: "tool_call", id: "c2", name: "clock" } },
        { type: "block_delta", index: 3, delta: "{}" },
        { type: "block_end", index: 3, block: second },
        { type: "usage", usage: USAGE },
        { type: "end", finish_reason: "tool_calls", metadata: { a: 1 } },
      ],
    ]);
  });

  it("has everything of its response told: content, calls, usage, degradation, reason, metadata", async () => {
    const response: Required<ChatResponse> = {
      content: [],
      tool_calls: [{ id: "c1", name: "clock", arguments: { zone: "Oslo" } }],
      usage: { ...USAGE, reasoning_tokens: 2, cache_read_tokens: 3, cache_write_tokens: 4, cost_usd: "0.0470" },
      degradation: { requested: "json_schema", actual: "json", reason: "no schemas" },
      finish_reason: "length",
      metadata: { id: "r1" },
    };
    expect((await batches(response))[0]?.slice(2)).toEqual([
      {
        type: "block_end",
        index: 0,
        block: { type: "tool_call", id: "c1", name: "clock", input: { zone: "Oslo" } },
      },
      { type: "usage", usage: response.usage },
      { type: "warning", message: "Asked for json_schema, the answer is json: no schemas" },
      { type: "end", finish_reason: "length", metadata: { id: "r1" } },
    ]);
  });

  it.each([
    [{ content: [{ type: "text", text: "a" }] }, "stop"],
    [{ content: [], tool_calls: [{ id: "c", name: "n", arguments: {} }] }, "tool_calls"],
  ])("may leave the finish reason out: %j", async (response, finish_reason) => {
    expect((await batches(response))[0]?.at(-1)).toEqual({ type: "end", finish_reason });
  });

  it.each([undefined, null, "Hello", { content: "Hello" }])("is told when its answer is none: %j", async (response) => {
    await expect(batches(response)).rejects.toMatchObject({
      name: "LLMError",
      message: expect.stringContaining('Provider "whole" answered'),
    });
  });

  it("warns of an answer that is not quite what was asked for", async () => {
    const degradation = { requested: "json_schema", actual: "json", reason: "the model has no schemas" };
    expect((await batches({ content: [], degradation }))[0]).toEqual([
      { type: "warning", message: "Asked for json_schema, the answer is json: the model has no schemas" },
      { type: "end", finish_reason: "stop" },
    ]);
  });

  it("is not waited for once it is stopped, and not asked when it is stopped before", async () => {
    const stop = new AbortController();
    let asked = 0;
    const provider = adaptProvider(
      answering((_, { signal }) => {
        asked += 1;
        expect(signal).toBe(stop.signal);
        return new Promise(() => undefined);
      }),
    );
    const first = provider.stream({ messages: [] }, { signal: stop.signal })[Symbol.asyncIterator]().next();
    stop.abort(new Error("stopped"));
    await expect(first).rejects.toThrow("stopped");
    const second = provider.stream({ messages: [] }, { signal: stop.signal })[Symbol.asyncIterator]().next();
    await expect(second).rejects.toThrow("stopped");
    expect(asked).toBe(1);
  });

  it("throws its own error", async () => {
    const error = new Error("down");
    const provider = adaptProvider(answering(() => Promise.reject(error)));
    const { signal } = new AbortController();
    const next = provider.stream({ messages: [] }, { signal })[Symbol.asyncIterator]().next();
    await expect(next).rejects.toBe(error);
  });
});

it("a provider that streams is left as it is, and one that can do neither is refused", () => {
  const streaming = { name: "s", stream: () => undefined } as unknown as Provider;
  expect(adaptProvider(streaming)).toBe(streaming);
  expect(() => adaptProvider({ name: "n" } as unknown as Provider)).toThrow(
    'Provider "n" has neither stream nor complete; it needs one of them.',
  );
});
