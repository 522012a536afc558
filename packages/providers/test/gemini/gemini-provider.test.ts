/** The provider over real HTTP on loopback: what it sends, how it fails, how it stops, what it lists. */
import { collect, isLLMError, type LLMError, type Message, type ProviderEvent } from "amplifier-core";
import { describe, expect, it } from "vitest";
import { createGeminiProvider, configSchema, moduleType, mount } from "../../src/gemini/index.ts";
import { bodyAnswer, sseAnswer, startServer, type Answer, type LocalServer } from "../wire/local-server.ts";
import { eventsOf, frame } from "../wire/replay.ts";

const KEY = "AIza-secret";
const MODEL = "gemini-3.8-flash";
const request = { messages: [{ role: "user" as const, content: "Hi" }] };
const signal = new AbortController().signal;

const chunk = (parts: readonly object[], more: object = {}): object => ({
  candidates: [{ content: { parts, role: "model" }, index: 0, ...more }],
  usageMetadata: { promptTokenCount: 3, candidatesTokenCount: 1, totalTokenCount: 4 },
  modelVersion: "gemini-3.8-flash-001",
  responseId: "r1",
});
const HELLO = [chunk([{ text: "Hel" }]), chunk([{ text: "lo" }], { finishReason: "STOP" })];

const sse = (payloads: readonly object[]): string[] => frame(payloads.map((payload) => JSON.stringify(payload)));

const provider = (server: LocalServer, config: object = {}) =>
  createGeminiProvider({ base_url: server.url, api_key: KEY, model: MODEL, ...config }, {});

/** Sends the beginning of an answer and keeps the connection open. */
function unfinished(payloads: readonly object[]): Answer {
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const event of sse(payloads)) response.write(event);
  };
}

describe("a call of the Gemini API", () => {
  it("posts to the model's streamGenerateContent, with the key in its header and never in the address", async () => {
    const server = await startServer(sseAnswer(sse(HELLO)));
    const base_url = `${server.url}/proxy/`;
    expect(
      await collect(provider(server, { base_url, headers: { "X-Team": "a" } }).stream(request, { signal })),
    ).toEqual({
      content: [{ type: "text", text: "Hello" }],
      finish_reason: "stop",
      usage: { input_tokens: 3, output_tokens: 1, total_tokens: 4 },
      metadata: { gemini: { id: "r1" } },
    });
    const [seen] = server.requests;
    expect(seen).toMatchObject({
      method: "POST",
      path: "/proxy/v1beta/models/gemini-3.8-flash:streamGenerateContent?alt=sse",
      headers: { "x-goog-api-key": KEY, "content-type": "application/json", "x-team": "a" },
    });
    expect(JSON.parse(seen?.body ?? "")).toEqual({
      contents: [{ role: "user", parts: [{ text: "Hi" }] }],
      generationConfig: { thinkingConfig: { includeThoughts: true } },
    });
  });

  it("takes a version in the address, and the path of a model that has one", async () => {
    const server = await startServer(sseAnswer(sse(HELLO)));
    const cloud = provider(server, { base_url: `${server.url}/v1/publishers/google` });
    await collect(cloud.stream({ ...request, model: "tunedModels/my model?" }, { signal }));
    await collect(cloud.stream({ ...request, model: "gemini-2.5-pro" }, { signal }));
    expect(server.requests.map(({ path }) => path)).toEqual([
      "/v1/publishers/google/tunedModels/my%20model%3F:streamGenerateContent?alt=sse",
      "/v1/publishers/google/models/gemini-2.5-pro:streamGenerateContent?alt=sse",
    ]);
  });

  it("tells what it left out before anything else", async () => {
    const server = await startServer(sseAnswer(sse(HELLO)));
    const { events } = await eventsOf(provider(server).stream({ ...request, temperature: 0 }, { signal }));
    expect(events[0]).toEqual({ type: "warning", message: `temperature left out: ${MODEL} takes none.` });
  });

  it("keeps the connection for the next call, and sends nothing before it is pulled", async () => {
    const server = await startServer(sseAnswer(sse(HELLO)));
    provider(server).stream(request, { signal });
    for (let call = 0; call < 3; call++) await collect(provider(server).stream(request, { signal }));
    expect(server.requests).toHaveLength(3);
    expect(server.connections()).toBe(1);
  });

  it("hands an answer's calls, thoughts and signatures back as they came", async () => {
    const parts = [
      { text: "Hm.", thought: true, thoughtSignature: "s0" },
      { text: "Let me look.", thoughtSignature: "s1" },
      { functionCall: { id: "c1", name: "a", args: { x: 1 } }, thoughtSignature: "s2" },
      { functionCall: { name: "b", args: {} } },
    ];
    const server = await startServer(sseAnswer(sse([chunk(parts, { finishReason: "STOP" })])));
    const answer = await collect(provider(server).stream(request, { signal }));
    const results = (answer.tool_calls ?? []).map(({ id, name }): Message => ({
      role: "tool",
      tool_call_id: id,
      name,
      content: `${name} done`,
    }));
    const messages = [...request.messages, { role: "assistant" as const, content: answer.content }, ...results];
    await collect(provider(server).stream({ messages }, { signal }));
    expect(JSON.parse(server.requests[1]?.body ?? "")).toMatchObject({
      contents: [
        { role: "user", parts: [{ text: "Hi" }] },
        { role: "model", parts },
        {
          role: "user",
          parts: [
            { functionResponse: { id: "c1", name: "a", response: { output: "a done" } } },
            { functionResponse: { name: "b", response: { output: "b done" } } },
          ],
        },
      ],
    });
    expect(server.requests[1]?.body).not.toContain("gemini_");
  });
});

describe("a call that fails", () => {
  /** Google's error, said as `STATUS: message`. */
  const said = (code: number, words: string, details: readonly object[] = []): object => {
    const [, status, message] = /^([A-Z_]+): (.*)$/s.exec(words) ?? [];
    return { error: { code, status, message, details } };
  };

  it.each<[number, unknown, Partial<LLMError>, string]>([
    [400, said(400, "INVALID_ARGUMENT: Unknown name"), { name: "InvalidRequestError" }, "Unknown name"],
    [
      400,
      said(400, `INVALID_ARGUMENT: API key not valid: ${KEY}.`, [{ reason: "API_KEY_INVALID" }]),
      { name: "AuthenticationError", retryable: false },
      "Set GEMINI_API_KEY to a valid key",
    ],
    [
      400,
      said(400, "INVALID_ARGUMENT: The input token count (9) exceeds the maximum number of tokens allowed (8)."),
      { name: "ContextLengthError" },
      "start a new one or shorten it",
    ],
    [403, said(403, "PERMISSION_DENIED: No."), { name: "AccessDeniedError" }, "check GEMINI_API_KEY"],
    [
      404,
      said(404, "NOT_FOUND: models/x is not found"),
      { name: "NotFoundError" },
      `Check the model's name (${MODEL})`,
    ],
    [
      429,
      said(429, "RESOURCE_EXHAUSTED: You exceeded your current quota.", [{ retryDelay: "17.5s" }]),
      { name: "RateLimitError", retryable: true, retry_after: 17.5 },
      "exceeded your current quota",
    ],
    [
      429,
      said(429, "RESOURCE_EXHAUSTED: Your prepayment credits are depleted."),
      { name: "QuotaExceededError", retryable: false },
      "look at its billing page",
    ],
    [500, said(500, "INTERNAL: oops"), { name: "ProviderUnavailableError", retryable: true }, "oops"],
    [503, said(503, "UNAVAILABLE: overloaded"), { name: "ProviderUnavailableError", retryable: true }, "overloaded"],
    [504, said(504, "DEADLINE_EXCEEDED: late"), { name: "LLMTimeoutError", retryable: true }, "late"],
    [502, "<html><h1>Bad gateway</h1></html>", { name: "ProviderUnavailableError" }, "Bad gateway"],
  ])("with status %i and %j is the right error, says what to do and not the key", async (...row) => {
    const [status, body, expected, advice] = row;
    const server = await startServer(bodyAnswer(status, body));
    const { events, error } = await eventsOf(provider(server).stream(request, { signal }));
    expect(events).toEqual([]);
    expect(error).toMatchObject({ status_code: status, provider: "gemini", model: MODEL, ...expected });
    expect(String(error)).toContain(advice);
    expect(String(error)).not.toContain(KEY);
  });

  it("with an answer that is no stream says to look at base_url", async () => {
    const server = await startServer(bodyAnswer(200, [chunk([{ text: "whole" }], { finishReason: "STOP" })]));
    const { error } = await eventsOf(provider(server).stream(request, { signal }));
    expect(error).toMatchObject({ name: "ConfigurationError", message: expect.stringContaining("base_url") as string });
  });

  it("in the middle of its stream gives what came before, then throws", async () => {
    const overloaded = said(503, "UNAVAILABLE: overloaded", [{ retryDelay: "2s" }]);
    const server = await startServer(sseAnswer(sse([HELLO[0] ?? {}, overloaded])));
    const { events, error } = await eventsOf(provider(server).stream(request, { signal }));
    expect(events.map((event) => event.type)).toEqual(["usage", "block_start", "block_delta"]);
    expect(error).toMatchObject({ name: "ProviderUnavailableError", status_code: 503, retry_after: 2 });
  });

  it("by ending without a finish, or with its connection, is a broken stream and never a short answer", async () => {
    const cut: Answer = (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(sse(HELLO.slice(0, 1)).join(""), () => response.destroy());
    };
    for (const answer of [sseAnswer(sse(HELLO.slice(0, 1))), sseAnswer([]), cut]) {
      const server = await startServer(answer);
      const { events, error } = await eventsOf(provider(server).stream(request, { signal }));
      expect(events.some((event) => event.type === "end")).toBe(false);
      expect(isLLMError(error, "StreamError")).toBe(true);
    }
  });

  it("after its finish has not failed", async () => {
    const server = await startServer((response, { socket }) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(sse(HELLO).join(""), () => setImmediate(() => socket.resetAndDestroy()));
    });
    const { events, error } = await eventsOf(provider(server).stream(request, { signal }));
    expect(error).toBeUndefined();
    expect(events.at(-1)?.type).toBe("end");
  });
});

describe("stopping a call", () => {
  it("by its signal closes the socket and throws an AbortError", async () => {
    const server = await startServer(unfinished(HELLO.slice(0, 1)));
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

  it("by leaving the loop closes the socket", async () => {
    const server = await startServer(unfinished(HELLO.slice(0, 1)));
    for await (const batch of provider(server).stream(request, { signal })) {
      if (batch.length > 0) break;
    }
    await server.requests[0]?.closed;
  });
});

describe("the provider beside its calls", () => {
  it("lists the models that answer prompts, with their limits", async () => {
    const models = [
      {
        name: "models/gemini-3.8-flash",
        displayName: "Gemini 3.8 Flash",
        inputTokenLimit: 1_048_576,
        outputTokenLimit: 65_536,
        supportedGenerationMethods: ["generateContent", "countTokens"],
      },
      { name: "models/gemini-embedding-001", supportedGenerationMethods: ["embedContent"] },
      { name: "tunedModels/mine" },
      { displayName: "no name" },
      null,
    ];
    const server = await startServer(bodyAnswer(200, { models, nextPageToken: "" }));
    expect(await provider(server).listModels()).toEqual([
      {
        id: "gemini-3.8-flash",
        displayName: "Gemini 3.8 Flash",
        contextWindow: 1_048_576,
        maxOutputTokens: 65_536,
      },
      { id: "tunedModels/mine" },
    ]);
    expect(server.requests[0]).toMatchObject({
      method: "GET",
      path: "/v1beta/models?pageSize=1000",
      headers: { "x-goog-api-key": KEY },
    });
  });

  it("lists nothing when the server answers with something else", async () => {
    const server = await startServer(bodyAnswer(200, []));
    expect(await provider(server).listModels()).toEqual([]);
  });

  it("says what it is", async () => {
    const google = createGeminiProvider({ api_key: KEY, priority: 5 }, {});
    expect(google).toMatchObject({ name: "gemini", priority: 5 });
    expect(google.getInfo()).toMatchObject({ id: "gemini", displayName: "Gemini" });
    const server = await startServer();
    expect(provider(server).getInfo()).toEqual({
      id: "gemini",
      displayName: new URL(server.url).host,
      defaultModel: MODEL,
    });
  });

  it("mounts itself under its name, as a provider with a schema of its settings", () => {
    const mounted: unknown[] = [];
    const coordinator = { mount: (...args: unknown[]) => mounted.push(...args) };
    mount(coordinator as never, { api_key: KEY, name: "second" });
    expect(mounted).toEqual(["providers", expect.objectContaining({ name: "second" }), "second"]);
    expect(moduleType).toBe("provider");
    expect(Object.keys(configSchema.properties ?? {})).toContain("reasoning_effort");
  });
});
