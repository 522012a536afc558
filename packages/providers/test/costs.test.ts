/** Costs of answers and prices of models at the vendors' own addresses, which a proxy on this machine stands in for. */
import { collect, type Provider } from "amplifier-core";
import { finish, text, usage } from "amplifier-testkit";
import { reply, startAnthropicServer, startChatServer } from "amplifier-testkit/servers";
import { expect, onTestFinished, test, vi } from "vitest";
import { createAnthropicProvider } from "../src/anthropic/index.ts";
import { createGeminiProvider } from "../src/gemini/index.ts";
import { createOpenAIProvider } from "../src/openai/index.ts";
import { startProxy } from "./http/local-proxy.ts";
import { bodyAnswer, sseAnswer, startServer } from "./wire/local-server.ts";
import { frame } from "./wire/replay.ts";

/** From here on every http address is the server on `port`. */
async function standInFor(port: number): Promise<void> {
  const proxy = await startProxy(port);
  vi.stubEnv("HTTP_PROXY", `http://${proxy.address}`);
  for (const name of ["http_proxy", "no_proxy", "NO_PROXY"]) vi.stubEnv(name, "");
}

async function costOf(provider: Provider): Promise<string | undefined> {
  const request = { messages: [{ role: "user" as const, content: "Hi" }] };
  return (await collect(provider.stream(request, { signal: new AbortController().signal }))).usage?.cost_usd;
}

const ANSWER = reply(
  text("Hello."),
  usage({ input_tokens: 1000, output_tokens: 100, total_tokens: 1100, cache_read_tokens: 400, cache_write_tokens: 0 }),
  finish("stop"),
);

const portOf = (url: string): number => Number(new URL(url).port);

test("an answer of OpenAI's own server costs what the table says; the same from elsewhere has no cost", async () => {
  const server = await startChatServer({ script: () => ANSWER, models: ["gpt-6-sol", "whisper-9"] });
  onTestFinished(() => server.close());
  await standInFor(portOf(server.baseUrl));
  const own = createOpenAIProvider({ base_url: "http://api.openai.com/v1", api_key: "k", api: "chat" }, {});
  expect(await costOf(own)).toBe("0.00228");
  expect(await own.listModels()).toEqual([
    {
      id: "gpt-6-sol",
      contextWindow: 1_050_000,
      maxOutputTokens: 128_000,
      pricing: { input: "2", output: "10" },
    },
    { id: "whisper-9" },
  ]);
  const other = createOpenAIProvider({ base_url: "http://gateway.test/v1", model: "gpt-6-sol", api_key: "k" }, {});
  expect(await costOf(other)).toBeUndefined();
  expect((await other.listModels())[0]).not.toHaveProperty("pricing");
});

test("an answer of OpenAI's Responses has its cost", async () => {
  const response = {
    id: "r",
    model: "gpt-6-sol",
    status: "completed",
    output: [],
    usage: { input_tokens: 1, output_tokens: 1 },
  };
  const done = frame([JSON.stringify({ type: "response.completed", response })]);
  const server = await startServer(sseAnswer(done));
  await standInFor(server.port);
  const provider = createOpenAIProvider({ base_url: "http://api.openai.com/v1", api_key: "k", api: "responses" }, {});
  expect(await costOf(provider)).toBe("0.000012");
});

test.each([
  ["5m", "0.0043"],
  ["1h", "0.0058"],
] as const)("an answer of Anthropic's has its cost, with a cache of %s", async (prompt_cache, cost) => {
  const counts = { input_tokens: 400, output_tokens: 100, total_tokens: 500, cache_write_tokens: 1000 };
  const written = reply(text("Hello."), usage(counts), finish("stop"));
  const server = await startAnthropicServer({ script: () => written, models: ["claude-sonnet-5-5"] });
  onTestFinished(() => server.close());
  await standInFor(portOf(server.baseUrl));
  const config = { base_url: "http://api.anthropic.com", api_key: "k", prompt_cache };
  const provider = createAnthropicProvider(config, {});
  expect(await costOf(provider)).toBe(cost);
  expect(await provider.listModels()).toMatchObject([
    { id: "claude-sonnet-5-5", pricing: { input: "2", output: "10" } },
  ]);
});

test("an answer of Google's has its cost, and its models their prices", async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-11-24") });
  onTestFinished(() => void vi.useRealTimers());
  const chunk = {
    candidates: [{ content: { parts: [{ text: "Hi" }] }, finishReason: "STOP" }],
    usageMetadata: { promptTokenCount: 8, candidatesTokenCount: 2, thoughtsTokenCount: 2, totalTokenCount: 12 },
  };
  const server = await startServer((response, request) => {
    const models = [{ name: "models/gemini-3.8-flash", inputTokenLimit: 1_048_576, outputTokenLimit: 65_536 }];
    const answer = request.method === "GET" ? bodyAnswer(200, { models }) : sseAnswer(frame([JSON.stringify(chunk)]));
    void answer(response, request);
  });
  await standInFor(server.port);
  const config = { base_url: "http://generativelanguage.googleapis.com", api_key: "k" };
  const provider = createGeminiProvider(config, {});
  expect(await costOf(provider)).toBe("0.000021");
  expect(await provider.listModels()).toEqual([
    {
      id: "gemini-3.8-flash",
      contextWindow: 1_048_576,
      maxOutputTokens: 65_536,
      pricing: { input: "0.75", output: "3.75" },
    },
  ]);
});
