/** The provider against a real server: what it sends, what it streams, how it is configured and mounted. */
import type { ChatRequest, ModuleCoordinator, Provider } from "amplifier-core";
import { collect } from "amplifier-core";
import { expect, test } from "vitest";
import * as module from "../../src/openai/index.ts";
import { createOpenAIProvider } from "../../src/openai/index.ts";
import { bodyAnswer, sseAnswer, startServer, type LocalServer } from "../wire/local-server.ts";
import { eventsOf, frame } from "../wire/replay.ts";

const signal = new AbortController().signal;
const hello: ChatRequest = { messages: [{ role: "user", content: "Hello" }] };
const answer = sseAnswer(
  frame([
    '{"id":"c1","model":"m-1","system_fingerprint":"fp","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":null}]}',
    '{"id":"c1","model":"m-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
    '{"id":"c1","model":"m-1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}',
    "[DONE]",
  ]),
);

function providerOf(server: LocalServer, config: module.OpenAIConfig = {}): Provider {
  return createOpenAIProvider({ base_url: `${server.url}/v1`, model: "m", ...config }, {});
}

async function bodyOf(request: ChatRequest, config: module.OpenAIConfig = {}): Promise<unknown> {
  const server = await startServer(answer);
  await collect(providerOf(server, config).stream(request, { signal }));
  return JSON.parse(server.requests[0]?.body ?? "");
}

test("a whole call: events in order, batches never empty, the socket kept for the next", async () => {
  const server = await startServer(answer);
  const provider = providerOf(server);
  const { events, batches, error } = await eventsOf(provider.stream(hello, { signal }));
  expect(error).toBeUndefined();
  expect(events).toEqual([
    { type: "block_start", index: 0, block: { type: "text" } },
    { type: "block_delta", index: 0, delta: "Hi" },
    { type: "block_end", index: 0, block: { type: "text", text: "Hi" } },
    { type: "usage", usage: { input_tokens: 3, output_tokens: 1, total_tokens: 4 } },
    { type: "end", finish_reason: "stop", model: "m-1", metadata: { openai: { id: "c1", system_fingerprint: "fp" } } },
  ]);
  expect(Math.min(...batches)).toBeGreaterThan(0);
  await collect(provider.stream(hello, { signal }));
  expect(server.connections()).toBe(1);
});

test("a request carries only what was asked for", async () => {
  expect(await bodyOf(hello)).toEqual({
    model: "m",
    messages: [{ role: "user", content: "Hello" }],
    stream: true,
    stream_options: { include_usage: true },
  });
});

test("a request's options win over the config's, and each has its field", async () => {
  const request: ChatRequest = {
    ...hello,
    model: "other",
    temperature: 0.5,
    top_p: 0.9,
    stop: ["END"],
    max_output_tokens: 7,
    reasoning_effort: "low",
    tool_choice: { name: "t" },
    tools: [{ name: "t", description: "d", parameters: { type: "object" } }],
    response_format: { type: "json_schema", name: "n", schema: { type: "object" }, strict: true },
  };
  expect(await bodyOf(request, { temperature: 1, max_output_tokens: 99, reasoning_effort: "high" })).toEqual({
    model: "other",
    messages: [{ role: "user", content: "Hello" }],
    tools: [{ type: "function", function: { name: "t", description: "d", parameters: { type: "object" } } }],
    tool_choice: { type: "function", function: { name: "t" } },
    response_format: { type: "json_schema", json_schema: { name: "n", schema: { type: "object" }, strict: true } },
    temperature: 0.5,
    top_p: 0.9,
    stop: ["END"],
    max_tokens: 7,
    reasoning_effort: "low",
    stream: true,
    stream_options: { include_usage: true },
  });
});

test("the output limit's field can be chosen for servers that want the other one", async () => {
  const body = await bodyOf(hello, { max_output_tokens: 5, max_tokens_field: "max_completion_tokens" });
  expect(body).toMatchObject({ max_completion_tokens: 5 });
});

test("the key goes into the authorization header, and headers of the config over ours", async () => {
  const server = await startServer(answer);
  await collect(providerOf(server, { api_key: "sk-1", headers: { "X-Title": "t" } }).stream(hello, { signal }));
  await collect(
    providerOf(server, { api_key: "sk-1", headers: { Authorization: "Basic x" } }).stream(hello, { signal }),
  );
  await collect(providerOf(server).stream(hello, { signal }));
  const sent = server.requests.map(({ headers }) => [headers.authorization, headers["x-title"]]);
  expect(sent).toEqual([
    ["Bearer sk-1", "t"],
    ["Basic x", undefined],
    [undefined, undefined],
  ]);
});

test("OPENAI_BASE_URL has its /v1 in it, and a slash at its end does no harm", async () => {
  const server = await startServer(answer);
  const environment = { OPENAI_BASE_URL: `${server.url}/v1/`, OPENAI_API_KEY: " sk-env " };
  await collect(createOpenAIProvider({}, environment).stream(hello, { signal }));
  expect(server.requests[0]).toMatchObject({
    path: "/v1/chat/completions",
    headers: { authorization: "Bearer sk-env" },
  });
});

test("OpenAI's own server without a key is a ConfigurationError that names the variable; another server needs none", () => {
  const missing = expect.objectContaining({
    name: "ConfigurationError",
    message: expect.stringContaining("OPENAI_API_KEY"),
  });
  expect(() => createOpenAIProvider({}, {})).toThrow(missing);
  expect(() => createOpenAIProvider({ base_url: "https://eu.api.openai.com/v1" }, {})).toThrow(missing);
  expect(createOpenAIProvider({ base_url: "http://localhost:11434/v1" }, {}).getInfo()).toMatchObject({
    displayName: "localhost:11434",
    slowStart: true,
  });
  expect(() => createOpenAIProvider({ base_url: "localhost:11434" }, {})).toThrow(
    expect.objectContaining({ name: "ConfigurationError", message: expect.stringContaining("localhost:11434") }),
  );
});

test("an answer without its finish is a StreamError after the events that came", async () => {
  const server = await startServer(sseAnswer(frame(['{"choices":[{"delta":{"content":"half"}}]}', "[DONE]"])));
  const { events, error } = await eventsOf(providerOf(server).stream(hello, { signal }));
  expect(error).toMatchObject({ name: "StreamError", provider: "openai", model: "m" });
  expect(events.map((event) => event.type)).toEqual(["block_start", "block_delta"]);
});

test("events before an error payload of the same read are delivered before the error", async () => {
  const payloads = ['{"choices":[{"delta":{"content":"half"}}]}', '{"error":{"message":"overloaded","code":503}}'];
  const server = await startServer(sseAnswer([frame(payloads).join("")]));
  const { events, error } = await eventsOf(providerOf(server).stream(hello, { signal }));
  expect(events).toHaveLength(2);
  expect(error).toMatchObject({ name: "ProviderUnavailableError", status_code: 503 });
});

test("a finished answer is whole, whether the body ends without [DONE] or the connection breaks after it", async () => {
  const finish = frame(['{"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}']);
  const broken = await startServer((response, request) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(finish[0], () => setImmediate(() => request.socket.resetAndDestroy()));
  });
  const ended = await startServer(sseAnswer(finish));
  for (const server of [ended, broken]) {
    const { events, error } = await eventsOf(providerOf(server).stream(hello, { signal }));
    expect(error).toBeUndefined();
    expect(events.at(-1)).toEqual({ type: "end", finish_reason: "stop" });
  }
});

test("the end comes with [DONE], also when the server keeps the body open", async () => {
  const server = await startServer((response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(frame(['{"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}', "[DONE]"]).join(""));
  });
  const { events, error } = await eventsOf(providerOf(server).stream(hello, { signal }));
  expect(error).toBeUndefined();
  expect(events.at(-1)?.type).toBe("end");
});

test("aborting ends a pending next() and closes the socket; return() does it without an error", async () => {
  const server = await startServer((response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(frame(['{"choices":[{"delta":{"content":"x"}}]}'])[0]);
  });
  const controller = new AbortController();
  const aborted = providerOf(server).stream(hello, { signal: controller.signal })[Symbol.asyncIterator]();
  await aborted.next();
  const pending = aborted.next();
  controller.abort();
  await expect(pending).rejects.toMatchObject({ name: "AbortError" });
  await server.requests[0]?.closed;
  const left = providerOf(server).stream(hello, { signal })[Symbol.asyncIterator]();
  await left.next();
  const waiting = left.next();
  await left.return?.();
  expect(await waiting).toEqual({ done: true, value: undefined });
  await server.requests[1]?.closed;
});

test("an error status is the LLMError it stands for", async () => {
  const server = await startServer(bodyAnswer(401, { error: { message: "bad key" } }));
  await expect(collect(providerOf(server).stream(hello, { signal }))).rejects.toMatchObject({
    name: "AuthenticationError",
    status_code: 401,
    message: expect.stringContaining("Set OPENAI_API_KEY"),
  });
});

test("models are listed with their window where the server tells it", async () => {
  const server = await startServer(
    bodyAnswer(200, {
      data: [{ id: "a" }, { id: "b", name: "B", context_length: 8192 }, { id: "c", max_model_len: 4096 }, {}],
    }),
  );
  expect(await providerOf(server).listModels()).toEqual([
    { id: "a" },
    { id: "b", displayName: "B", contextWindow: 8192 },
    { id: "c", contextWindow: 4096 },
  ]);
  expect(server.requests[0]).toMatchObject({ method: "GET", path: "/v1/models" });
});

test("the module mounts itself under its name", () => {
  const mounted: unknown[] = [];
  const coordinator = {
    mount: (...args: unknown[]) => void mounted.push([args[0], (args[1] as Provider).name, args[2]]),
  } as unknown as ModuleCoordinator;
  void module.mount(coordinator, { base_url: "http://localhost:1/v1", api_key: "x" });
  void module.mount(coordinator, { base_url: "http://localhost:1/v1", name: "ollama", priority: 5 });
  expect(mounted).toEqual([
    ["providers", "openai", "openai"],
    ["providers", "ollama", "ollama"],
  ]);
  expect(module.moduleType).toBe("provider");
});
