/**
 * The provider over real HTTP on loopback: what it sends, how it fails, how it stops, what it lists.
 */
import { collect, isLLMError, type LLMError, type ProviderEvent } from "amplifier-core";
import { describe, expect, it, test } from "vitest";
import { createAnthropicProvider, mount } from "../../src/anthropic/index.ts";
import { bodyAnswer, sseAnswer, startServer, type Answer, type LocalServer } from "../wire/local-server.ts";
import { eventsOf, frame } from "../wire/replay.ts";

const KEY = "sk-ant-secret";
const request = { messages: [{ role: "user" as const, content: "Hi" }] };
const signal = new AbortController().signal;

const HELLO = [
  { type: "message_start", message: { id: "msg_1", model: "claude-test-1", usage: { input_tokens: 1 } } },
  { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
  { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hello" } },
  { type: "content_block_stop", index: 0 },
  { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 2 } },
  { type: "message_stop" },
];

function sse(payloads: readonly object[]): string[] {
  return frame(
    payloads.map((payload) => JSON.stringify(payload)),
    (payload) => (JSON.parse(payload) as { type: string }).type,
  );
}

const provider = (server: LocalServer, config: object = {}) =>
  createAnthropicProvider({ base_url: server.url, api_key: KEY, model: "claude-test", ...config }, {});

/** Sends the beginning of an answer and keeps the connection open. */
function unfinished(payloads: readonly object[]): Answer {
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const event of sse(payloads)) response.write(event);
  };
}

describe("a call of the Messages API", () => {
  it("posts to /v1/messages below the base address, with key, version and body", async () => {
    const server = await startServer(sseAnswer(sse(HELLO)));
    const answer = await collect(
      provider(server, { base_url: `${server.url}/proxy/`, headers: { "X-Team": "a" } }).stream(request, { signal }),
    );
    expect(answer).toEqual({
      content: [{ type: "text", text: "Hello" }],
      finish_reason: "stop",
      usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
      metadata: { anthropic: { id: "msg_1" } },
    });
    const [seen] = server.requests;
    expect(seen).toMatchObject({
      method: "POST",
      path: "/proxy/v1/messages",
      headers: {
        "x-api-key": KEY,
        "anthropic-version": "2023-06-01",
        "content-type": "application/json",
        "x-team": "a",
      },
    });
    expect(seen?.headers).not.toHaveProperty("anthropic-beta");
    expect(JSON.parse(seen?.body ?? "")).toEqual({
      model: "claude-test",
      max_tokens: 8_192,
      stream: true,
      messages: [{ role: "user", content: [{ type: "text", text: "Hi", cache_control: { type: "ephemeral" } }] }],
    });
  });

  it("adds its own betas to those of the config", async () => {
    const server = await startServer(sseAnswer(sse(HELLO)));
    const model = "claude-opus-5-5";
    const thinking = { type: "thinking" as const, thinking: "", signature: "s", provider: "anthropic", model };
    const content = [thinking, { type: "text" as const, text: "Hello" }];
    const messages = [...request.messages, { role: "assistant" as const, content }, ...request.messages];
    await collect(provider(server, { model, headers: { "anthropic-beta": "mine" } }).stream({ messages }, { signal }));
    expect(server.requests[0]?.headers["anthropic-beta"]).toBe("mine,thinking-binding-controls-2026-08-01");
  });

  it("keeps the connection for the next call", async () => {
    const server = await startServer(sseAnswer(sse(HELLO)));
    for (let call = 0; call < 3; call++) await collect(provider(server).stream(request, { signal }));
    expect(server.connections()).toBe(1);
  });

  it("sends nothing before it is pulled", async () => {
    const server = await startServer(sseAnswer(sse(HELLO)));
    provider(server).stream(request, { signal });
    expect(server.requests).toHaveLength(0);
  });

  it("fails in the stream, not in the call, when the request has no form in this API", async () => {
    const server = await startServer();
    const stream = provider(server).stream({ ...request, response_format: { type: "json_object" } }, { signal });
    const { error } = await eventsOf(stream);
    expect(isLLMError(error, "ConfigurationError")).toBe(true);
    expect(server.requests).toHaveLength(0);
  });
});

describe("a call that fails", () => {
  const anthropicError = (type: string, message: string) => ({ type: "error", error: { type, message } });

  it.each<[number, unknown, Partial<LLMError>]>([
    [
      400,
      anthropicError("invalid_request_error", "messages: wrong"),
      { name: "InvalidRequestError", retryable: false },
    ],
    [400, anthropicError("invalid_request_error", "prompt is too long: 9 > 8 maximum"), { name: "ContextLengthError" }],
    [401, anthropicError("authentication_error", `invalid x-api-key ${KEY}`), { name: "AuthenticationError" }],
    [403, anthropicError("permission_error", "no"), { name: "AccessDeniedError" }],
    [404, anthropicError("not_found_error", "model: claude-x"), { name: "NotFoundError" }],
    [429, anthropicError("rate_limit_error", "slow down"), { name: "RateLimitError", retryable: true, retry_after: 7 }],
    [500, anthropicError("api_error", "oops"), { name: "ProviderUnavailableError", retryable: true }],
    [529, anthropicError("overloaded_error", "Overloaded"), { name: "ProviderUnavailableError", retryable: true }],
    [502, "<html><h1>Bad gateway</h1></html>", { name: "ProviderUnavailableError", retryable: true }],
  ])("with status %i throws the right error without the key", async (status, body, expected) => {
    const server = await startServer(bodyAnswer(status, body, { "retry-after": "7" }));
    const { events, error } = await eventsOf(provider(server).stream(request, { signal }));
    expect(events).toEqual([]);
    expect(error).toMatchObject({ status_code: status, provider: "anthropic", model: "claude-test", ...expected });
    expect(String(error)).not.toContain(KEY);
  });

  it("in the middle of its stream gives what came before, then throws", async () => {
    const overloaded = anthropicError("overloaded_error", "Overloaded");
    const server = await startServer(sseAnswer(sse([...HELLO.slice(0, 3), overloaded])));
    const { events, error } = await eventsOf(provider(server).stream(request, { signal }));
    expect(events.map((event) => event.type)).toEqual(["usage", "block_start", "block_delta"]);
    expect(isLLMError(error, "ProviderUnavailableError")).toBe(true);
  });

  it.each([3, 4])("by ending after %i events is a broken stream, never a short answer", async (count) => {
    const server = await startServer(sseAnswer(sse(HELLO.slice(0, count))));
    const { events, error } = await eventsOf(provider(server).stream(request, { signal }));
    expect(events.some((event) => event.type === "end")).toBe(false);
    expect(isLLMError(error, "StreamError")).toBe(true);
  });

  it("by a connection that is cut is a broken stream", async () => {
    const server = await startServer((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(sse(HELLO.slice(0, 3)).join(""), () => response.destroy());
    });
    const { error } = await eventsOf(provider(server).stream(request, { signal }));
    expect(isLLMError(error, "StreamError")).toBe(true);
  });
});

test("a stop reason is the finish, whether the body ends behind it, the connection breaks or half an end mark comes", async () => {
  const finished = sse(HELLO.slice(0, 5)).join("");
  const ended = await startServer(sseAnswer([finished]));
  const half = await startServer(sseAnswer([finished, 'event: message_stop\ndata: {"type":"mess']));
  const broken = await startServer((response, { socket }) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(finished, () => setImmediate(() => socket.resetAndDestroy()));
  });
  for (const server of [ended, half, broken]) {
    const { events, error } = await eventsOf(provider(server).stream(request, { signal }));
    expect(error).toBeUndefined();
    expect(events.at(-1)).toMatchObject({ type: "end", finish_reason: "stop" });
  }
});

describe("stopping a call", () => {
  it("by its signal closes the socket and throws an AbortError", async () => {
    const server = await startServer(unfinished(HELLO.slice(0, 3)));
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
    expect(events.at(-1)).toEqual({ type: "block_delta", index: 0, delta: "Hello" });
  });

  it("before it began sends nothing", async () => {
    const server = await startServer();
    const { error } = await eventsOf(provider(server).stream(request, { signal: AbortSignal.abort() }));
    expect(isLLMError(error, "AbortError")).toBe(true);
    expect(server.requests).toHaveLength(0);
  });

  it("by leaving the loop closes the socket", async () => {
    const server = await startServer(unfinished(HELLO.slice(0, 3)));
    for await (const batch of provider(server).stream(request, { signal })) {
      if (batch.length > 0) break;
    }
    await server.requests[0]?.closed;
  });
});

describe("the provider beside its calls", () => {
  it("lists models with their limits and whether they continue a prefill", async () => {
    const data = [
      { id: "claude-opus-5-5", display_name: "Claude Opus 5.5", max_input_tokens: 1_000_000, max_tokens: 128_000 },
      { id: "claude-haiku-4-5", max_input_tokens: null },
      { name: "no id" },
    ];
    const server = await startServer(bodyAnswer(200, { data, has_more: false }));
    expect(await provider(server).listModels()).toEqual([
      {
        id: "claude-opus-5-5",
        displayName: "Claude Opus 5.5",
        contextWindow: 1_000_000,
        maxOutputTokens: 128_000,
        supportsPrefill: false,
      },
      { id: "claude-haiku-4-5", supportsPrefill: true },
    ]);
    expect(server.requests[0]).toMatchObject({ method: "GET", path: "/v1/models?limit=1000" });
  });

  it("lists nothing when the server answers with something else", async () => {
    const server = await startServer(bodyAnswer(200, []));
    expect(await provider(server).listModels()).toEqual([]);
  });

  it("says what it is", async () => {
    expect(createAnthropicProvider({ api_key: KEY, priority: 5 }, {})).toMatchObject({
      name: "anthropic",
      priority: 5,
    });
    expect(createAnthropicProvider({ api_key: KEY }, {}).getInfo()).toMatchObject({
      id: "anthropic",
      displayName: "Anthropic",
    });
    const server = await startServer();
    expect(provider(server).getInfo()).toEqual({
      id: "anthropic",
      displayName: new URL(server.url).host,
      defaultModel: "claude-test",
      slowStart: true,
    });
    expect(createAnthropicProvider({ api_key: KEY }, {}).getInfo().slowStart).toBeUndefined();
    expect(createAnthropicProvider({ api_key: KEY, thinking_budget: 2048 }, {}).getInfo().slowStart).toBe(true);
  });

  it("mounts itself under its name", () => {
    const mounted: unknown[] = [];
    const coordinator = { mount: (...args: unknown[]) => mounted.push(...args) };
    mount(coordinator as never, { api_key: KEY, name: "second" });
    expect(mounted).toEqual(["providers", expect.objectContaining({ name: "second" }), "second"]);
  });
});
