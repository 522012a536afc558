/** The provider speaking Responses over real HTTP on loopback: what it sends, hands back, asks again, and how it fails. */
import { collect, isLLMError, type LLMError, type Message, type Provider, type ProviderEvent } from "amplifier-core";
import { describe, expect, it } from "vitest";
import { createOpenAIProvider, type OpenAIConfig } from "../../src/openai/index.ts";
import { resolveOpenAIConfig } from "../../src/openai/openai-config.ts";
import { bodyAnswer, sseAnswer, startServer, type Answer, type LocalServer } from "../wire/local-server.ts";
import { eventsOf, frame } from "../wire/replay.ts";

const KEY = "sk-secret";
const MODEL = "gpt-6.1-sol";
const request = { messages: [{ role: "user" as const, content: "Hi" }] };
const signal = new AbortController().signal;

const message = { id: "msg_1", type: "message", role: "assistant", content: [{ type: "output_text", text: "Hello" }] };
const completed = (output: readonly object[] = [message]): object => ({
  type: "response.completed",
  response: {
    id: "r1",
    model: "gpt-6.1-sol-2026-09-29",
    output,
    usage: { input_tokens: 3, output_tokens: 1, total_tokens: 4 },
  },
});
const HELLO = [
  { type: "response.created", response: { id: "r1", model: "gpt-6.1-sol-2026-09-29" } },
  { type: "response.output_text.delta", output_index: 0, content_index: 0, delta: "Hel" },
  { type: "response.output_text.delta", output_index: 0, content_index: 0, delta: "lo" },
  { type: "response.output_item.done", output_index: 0, item: message },
  completed(),
];

const sse = (payloads: readonly object[]): string[] =>
  frame(
    payloads.map((payload) => JSON.stringify(payload)),
    (payload) => (JSON.parse(payload) as { type: string }).type,
  );
const hello = sseAnswer(sse(HELLO));

const provider = (server: LocalServer, config: OpenAIConfig = {}): Provider =>
  createOpenAIProvider({ base_url: `${server.url}/v1`, api: "responses", api_key: KEY, model: MODEL, ...config }, {});

const bodyAt = (server: LocalServer, index: number): Readonly<Record<string, unknown>> =>
  JSON.parse(server.requests[index]?.body ?? "") as Record<string, unknown>;

/** Sends the beginning of an answer and keeps the connection open. */
const unfinished: Answer = (response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const event of sse(HELLO.slice(0, 2))) response.write(event);
};

describe("which API is spoken", () => {
  it.each<[OpenAIConfig, string]>([
    [{}, "responses"],
    [{ base_url: "https://api.openai.com/v1/" }, "responses"],
    [{ base_url: "https://eu.api.openai.com/v1" }, "responses"],
    [{ base_url: "https://openrouter.ai/api/v1" }, "chat"],
    [{ base_url: "http://localhost:11434/v1" }, "chat"],
    [{ base_url: "https://api.openai.com.example.org/v1" }, "chat"],
    [{ api: "chat" }, "chat"],
    [{ api: "responses", base_url: "http://localhost:11434/v1" }, "responses"],
  ])("with %j is %s", (config, api) => {
    expect(resolveOpenAIConfig({ api_key: KEY, ...config }, {}).api).toBe(api);
  });

  it("follows the address in the environment too", () => {
    const environment = { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: "http://localhost:1/v1" };
    expect(resolveOpenAIConfig({}, environment).api).toBe("chat");
    expect(resolveOpenAIConfig({}, { OPENAI_API_KEY: KEY }).api).toBe("responses");
  });
});

describe("the provider", () => {
  it.each<[OpenAIConfig, boolean]>([
    [{ model: MODEL }, true],
    [{ model: "gpt-4.1" }, false],
    [{ model: "gpt-5.4", reasoning_effort: "none" }, false],
    [{ model: MODEL, api: "chat" }, false],
    [{ model: "gpt-oss-20b", base_url: "https://example.org/v1", api: "responses" }, false],
    [{ model: "gpt-oss-20b", base_url: "http://localhost:1/v1", api: "responses" }, true],
  ])("with %j may be slow to begin: %s", (config, slow) => {
    expect(createOpenAIProvider({ api_key: KEY, ...config }, {}).getInfo().slowStart ?? false).toBe(slow);
  });
});

describe("a call of the Responses API", () => {
  it("posts to /responses with the key in its header, and streams the answer", async () => {
    const server = await startServer(hello);
    expect(await collect(provider(server, { headers: { "X-Team": "a" } }).stream(request, { signal }))).toEqual({
      content: [{ type: "text", text: "Hello" }],
      finish_reason: "stop",
      usage: { input_tokens: 3, output_tokens: 1, total_tokens: 4 },
      metadata: { openai: { id: "r1" } },
    });
    expect(server.requests[0]).toMatchObject({
      method: "POST",
      path: "/v1/responses",
      headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json", "x-team": "a" },
    });
    expect(bodyAt(server, 0)).toEqual({
      model: MODEL,
      input: [{ role: "user", content: "Hi" }],
      reasoning: { summary: "auto" },
      include: ["reasoning.encrypted_content"],
      store: false,
      stream: true,
    });
  });

  it("tells what it left out before anything else", async () => {
    const server = await startServer(hello);
    const { events } = await eventsOf(provider(server).stream({ ...request, temperature: 0 }, { signal }));
    const message = `temperature left out: ${MODEL} takes none while it reasons.`;
    expect(events[0]).toEqual({ type: "warning", message });
  });

  it("keeps the connection for the next call, and sends nothing before it is pulled", async () => {
    const server = await startServer(hello);
    provider(server).stream(request, { signal });
    for (let call = 0; call < 3; call++) await collect(provider(server).stream(request, { signal }));
    expect(server.requests).toHaveLength(3);
    expect(server.connections()).toBe(1);
  });

  it("is whole with response.completed, also when the server keeps the body open or drops it", async () => {
    for (const after of [() => undefined, (close: () => void) => setImmediate(close)]) {
      const server = await startServer((response, { socket }) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write(sse(HELLO).join(""), () => void after(() => socket.resetAndDestroy()));
      });
      const { events, error } = await eventsOf(provider(server).stream(request, { signal }));
      expect(error).toBeUndefined();
      expect(events.at(-1)?.type).toBe("end");
    }
  });
});

describe("what an answer says", () => {
  const reasoning = {
    id: "rs_1",
    type: "reasoning",
    encrypted_content: "sealed",
    summary: [{ type: "summary_text", text: "Two." }],
  };
  const search = { id: "ws_1", type: "web_search_call", status: "completed", action: { type: "search", query: "x" } };
  const call = {
    id: "fc_1",
    type: "function_call",
    call_id: "c1",
    name: "look",
    arguments: '{"x":1}',
    status: "completed",
  };
  const free = { id: "ctc_1", type: "custom_tool_call", call_id: "c2", name: "sql", input: "SELECT 1" };
  const commentary = { ...message, phase: "commentary" };
  const OUTPUT = [reasoning, search, commentary, call, free];

  /** Asks once, gives each call a result, asks again, and returns what the second request says of the first answer. */
  async function handedBack(first: OpenAIConfig, second: OpenAIConfig): Promise<unknown> {
    const events = OUTPUT.map((item, output_index) => ({ type: "response.output_item.done", output_index, item }));
    const server = await startServer(sseAnswer(sse([...events, completed(OUTPUT)])), hello);
    const answer = await collect(provider(server, first).stream(request, { signal }));
    const results = (answer.tool_calls ?? []).map(({ id, name }): Message => ({
      role: "tool",
      tool_call_id: id,
      name,
      content: `${name} done`,
    }));
    const messages = [...request.messages, { role: "assistant" as const, content: answer.content }, ...results];
    await collect(provider(server, second).stream({ messages }, { signal }));
    return bodyAt(server, 1)["input"];
  }

  const said = [
    { role: "assistant", content: "Hello", phase: "commentary" },
    { type: "function_call", call_id: "c1", name: "look", arguments: '{"x":1}' },
    { type: "custom_tool_call", call_id: "c2", name: "sql", input: "SELECT 1" },
    { type: "function_call_output", call_id: "c1", output: "look done" },
    { type: "custom_tool_call_output", call_id: "c2", output: "sql done" },
  ];

  it("goes back with the next call: what is sealed untouched, calls with their results", async () => {
    expect(await handedBack({}, {})).toEqual([{ role: "user", content: "Hi" }, reasoning, search, ...said]);
  });

  it.each<[string, OpenAIConfig]>([
    ["another model", { model: "gpt-5.4" }],
    ["another provider", { name: "second" }],
  ])("goes to %s without what is sealed", async (_, config) => {
    expect(await handedBack({}, config)).toEqual([{ role: "user", content: "Hi" }, ...said]);
  });

  it("goes to a server of Chat Completions as text and calls", async () => {
    const server = await startServer(
      sseAnswer(
        sse([
          ...OUTPUT.map((item, output_index) => ({ type: "response.output_item.done", output_index, item })),
          completed(),
        ]),
      ),
      sseAnswer(frame(['{"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}', "[DONE]"])),
    );
    const answer = await collect(provider(server).stream(request, { signal }));
    const messages = [...request.messages, { role: "assistant" as const, content: answer.content }];
    await collect(provider(server, { api: "chat" }).stream({ messages }, { signal }));
    const call = (id: string, name: string, args: string): object => ({
      id,
      type: "function",
      function: { name, arguments: args },
    });
    expect(bodyAt(server, 1)["messages"]).toEqual([
      { role: "user", content: "Hi" },
      {
        role: "assistant",
        content: "Hello",
        tool_calls: [call("c1", "look", '{"x":1}'), call("c2", "sql", '{"input":"SELECT 1"}')],
      },
    ]);
  });
});

describe("summaries of reasoning", () => {
  const refusal = (text: string): Answer =>
    bodyAnswer(400, { error: { message: text, type: "invalid_request_error", param: "reasoning.summary" } });
  const unverified = refusal("Your organization must be verified to generate reasoning summaries.");

  it.each([
    ["to the organization", unverified],
    ["by the model", refusal("Unsupported parameter: 'reasoning.summary' is not supported with this model.")],
  ])("that are refused %s are asked for once: the answer comes without, and this is told", async (_, refused) => {
    const server = await startServer(refused, hello);
    const asked = provider(server);
    const first = await eventsOf(asked.stream(request, { signal }));
    const second = await eventsOf(asked.stream(request, { signal }));
    expect([first.error, second.error]).toEqual([undefined, undefined]);
    expect(first.events[0]).toMatchObject({
      type: "warning",
      message: expect.stringContaining("reasoning_summary: none"),
    });
    expect(first.events.slice(1)).toEqual(second.events);
    const asks = server.requests.map((_request, index) => bodyAt(server, index)["reasoning"]);
    expect(asks).toEqual([{ summary: "auto" }, undefined, undefined]);
  });

  it("are not the reason of any other refusal, which is passed on and not asked again", async () => {
    for (const answer of [
      refusal("Unknown parameter: 'input[1].x'"),
      bodyAnswer(500, "reasoning summaries are down"),
    ]) {
      const server = await startServer(answer);
      const { error } = await eventsOf(provider(server).stream(request, { signal }));
      expect(isLLMError(error)).toBe(true);
      expect(server.requests).toHaveLength(1);
    }
  });

  it("that are refused although nobody asked for them are the error they are", async () => {
    const server = await startServer(unverified);
    const { error } = await eventsOf(provider(server, { reasoning_summary: "none" }).stream(request, { signal }));
    expect(error).toMatchObject({ name: "InvalidRequestError", status_code: 400 });
    expect(server.requests).toHaveLength(1);
  });

  it("are not asked again for by one that has left meanwhile", async () => {
    let arrive = (): void => undefined;
    const arrived = new Promise<void>((resolve) => {
      arrive = resolve;
    });
    const server = await startServer(() => arrive(), hello);
    const stream = provider(server).stream(request, { signal })[Symbol.asyncIterator]();
    const pending = stream.next();
    await arrived;
    await stream.return?.();
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(server.requests).toHaveLength(1);
  });
});

describe("a call that fails", () => {
  const said = (message: string, code?: string): object => ({
    error: { message, type: "invalid_request_error", code },
  });

  it.each<[number, unknown, Partial<LLMError>, string]>([
    [400, said("Unknown parameter"), { name: "InvalidRequestError", retryable: false }, "Unknown parameter"],
    [400, said("Too long.", "context_length_exceeded"), { name: "ContextLengthError" }, "shorten it"],
    [400, said("Flagged.", "invalid_prompt"), { name: "ContentFilterError" }, "Flagged"],
    [401, said(`Incorrect API key: ${KEY}`), { name: "AuthenticationError" }, "Set OPENAI_API_KEY"],
    [403, said("No."), { name: "AccessDeniedError" }, "OPENAI_API_KEY"],
    [404, said(`The model ${MODEL} does not exist`, "model_not_found"), { name: "NotFoundError" }, `(${MODEL})`],
    [429, said("Slow down", "rate_limit_exceeded"), { name: "RateLimitError", retryable: true }, "Slow down"],
    [429, said("Pay.", "insufficient_quota"), { name: "QuotaExceededError", retryable: false }, "billing page"],
    [500, said("Oops", "server_error"), { name: "ProviderUnavailableError", retryable: true }, "Oops"],
    [502, "<html><h1>Bad gateway</h1></html>", { name: "ProviderUnavailableError" }, "Bad gateway"],
    [503, said("Busy"), { name: "ProviderUnavailableError", retryable: true }, "Busy"],
  ])("with status %i and %j is the right error, says what to do and not the key", async (...row) => {
    const [status, body, expected, advice] = row;
    const server = await startServer(bodyAnswer(status, body));
    const { events, error } = await eventsOf(provider(server).stream(request, { signal }));
    expect(events).toEqual([]);
    expect(error).toMatchObject({ status_code: status, provider: "openai", model: MODEL, ...expected });
    expect(String(error)).toContain(advice);
    expect(String(error)).not.toContain(KEY);
  });

  it("in the middle of its stream gives what came before, then throws", async () => {
    const failed = { type: "response.failed", response: { error: { code: "server_error", message: "Oops" } } };
    const server = await startServer(sseAnswer([sse([...HELLO.slice(0, 2), failed]).join("")]));
    const { events, error } = await eventsOf(provider(server).stream(request, { signal }));
    expect(events.map((event) => event.type)).toEqual(["block_start", "block_delta"]);
    expect(error).toMatchObject({ name: "ProviderUnavailableError", provider: "openai", model: MODEL });
  });

  it("by ending without its end, or with its connection, is a broken stream and never a short answer", async () => {
    const cut: Answer = (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(sse(HELLO.slice(0, 4)).join(""), () => response.destroy());
    };
    for (const answer of [sseAnswer(sse(HELLO.slice(0, 4))), sseAnswer([]), cut]) {
      const server = await startServer(answer);
      const { events, error } = await eventsOf(provider(server).stream(request, { signal }));
      expect(events.some((event) => event.type === "end")).toBe(false);
      expect(isLLMError(error, "StreamError")).toBe(true);
    }
  });

  it("with an answer that is no stream says to look at base_url", async () => {
    const server = await startServer(bodyAnswer(200, { id: "r1", object: "response", output: [message] }));
    const { error } = await eventsOf(provider(server).stream(request, { signal }));
    expect(error).toMatchObject({ name: "ConfigurationError", message: expect.stringContaining("base_url") as string });
  });
});

describe("stopping a call", () => {
  it("by its signal closes the socket and throws an AbortError", async () => {
    const server = await startServer(unfinished);
    const controller = new AbortController();
    const events: ProviderEvent[] = [];
    const reading = (async () => {
      for await (const batch of provider(server).stream(request, { signal: controller.signal })) {
        events.push(...batch);
        if (events.some((event) => event.type === "block_delta")) controller.abort();
      }
    })();
    await expect(reading).rejects.toSatisfy((error) => isLLMError(error, "AbortError"));
    await server.requests[0]?.closed;
    expect(events.at(-1)).toEqual({ type: "block_delta", index: 0, delta: "Hel" });
  });

  it("before it began sends nothing", async () => {
    const server = await startServer();
    const { error } = await eventsOf(provider(server).stream(request, { signal: AbortSignal.abort() }));
    expect(isLLMError(error, "AbortError")).toBe(true);
    expect(server.requests).toHaveLength(0);
  });

  it("by leaving the loop, or by return() before a pending next(), closes the socket", async () => {
    const server = await startServer(unfinished);
    for await (const batch of provider(server).stream(request, { signal })) {
      if (batch.some((event) => event.type === "block_delta")) break;
    }
    await server.requests[0]?.closed;
    const stream = provider(server).stream(request, { signal })[Symbol.asyncIterator]();
    await stream.next();
    const drained = eventsOf({ [Symbol.asyncIterator]: () => stream });
    await stream.return?.();
    expect((await drained).error).toBeUndefined();
    await server.requests[1]?.closed;
  });
});
