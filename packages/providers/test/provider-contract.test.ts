/** The providers that need no model of their own, by the contract suite of the provider port; APIs are servers on loopback. */
import type { ServerResponse } from "node:http";
import type { Provider } from "amplifier-core";
import { providerContract } from "amplifier-testkit";
import { beforeEach, describe, it } from "vitest";
import { createAnthropicProvider } from "../src/anthropic/index.ts";
import { createDemoProvider } from "../src/demo/index.ts";
import { createGeminiProvider } from "../src/gemini/index.ts";
import { createOpenAIProvider } from "../src/openai/index.ts";
import { bodyAnswer, startServer } from "./wire/local-server.ts";
import { frame } from "./wire/replay.ts";

/** One API: the events of a whole answer, how many of them are its beginning, and the provider for a server's address. */
interface Api {
  readonly events: readonly string[];
  readonly provider: (url: string) => Provider;
}

const openai: Api = {
  events: frame([
    '{"id":"c1","model":"m-1","choices":[{"index":0,"delta":{"content":"Hel"},"finish_reason":null}]}',
    '{"id":"c1","model":"m-1","choices":[{"index":0,"delta":{"content":"lo."},"finish_reason":null}]}',
    '{"id":"c1","model":"m-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}',
    '{"id":"c1","model":"m-1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}',
    "[DONE]",
  ]),
  provider: (url) => createOpenAIProvider({ base_url: `${url}/v1`, model: "m" }, {}),
};

const anthropic: Api = {
  events: frame(
    [
      { type: "message_start", message: { id: "msg_1", model: "claude-test-1", usage: { input_tokens: 1 } } },
      { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
      { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Hello." } },
      { type: "content_block_stop", index: 0 },
      { type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: 2 } },
      { type: "message_stop" },
    ].map((payload) => JSON.stringify(payload)),
    (payload) => (JSON.parse(payload) as { type: string }).type,
  ),
  provider: (url) => createAnthropicProvider({ base_url: url, api_key: "test", model: "claude-test" }, {}),
};

const RESPONSE = { id: "r1", model: "m-1" };
const ITEM = { id: "msg_1", type: "message", role: "assistant", content: [{ type: "output_text", text: "Hello." }] };

const responses: Api = {
  events: frame(
    [
      { type: "response.created", response: RESPONSE },
      { type: "response.output_item.added", output_index: 0, item: { ...ITEM, content: [] } },
      {
        type: "response.content_part.added",
        output_index: 0,
        content_index: 0,
        part: { type: "output_text", text: "" },
      },
      { type: "response.output_text.delta", output_index: 0, content_index: 0, delta: "Hello." },
      { type: "response.content_part.done", output_index: 0, content_index: 0, part: ITEM.content[0] },
      { type: "response.output_item.done", output_index: 0, item: ITEM },
      { type: "response.completed", response: { ...RESPONSE, usage: { input_tokens: 1, output_tokens: 2 } } },
    ].map((payload) => JSON.stringify(payload)),
    (payload) => (JSON.parse(payload) as { type: string }).type,
  ),
  provider: (url) => createOpenAIProvider({ base_url: `${url}/v1`, api: "responses", model: "m" }, {}),
};

const gemini: Api = {
  events: frame(
    [
      { candidates: [{ content: { parts: [{ text: "Hel" }], role: "model" } }], responseId: "r1" },
      { candidates: [{ content: { parts: [{ text: "lo." }], role: "model" } }], responseId: "r1" },
      { candidates: [{ content: { parts: [], role: "model" }, finishReason: "STOP" }], responseId: "r1" },
      { usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2 }, responseId: "r1" },
    ].map((payload) => JSON.stringify(payload)),
  ),
  provider: (url) => createGeminiProvider({ base_url: url, model: "gemini-test" }, {}),
};

/** Every answer that a server has begun in this test: resolves when its connection is done with it. */
let answers: Promise<void>[] = [];
beforeEach(() => {
  answers = [];
});

/** As each API lists them. */
const MODELS = { data: [{ id: "m" }], models: [{ name: "models/m" }] };

function served({ provider }: Api, answer: (response: ServerResponse) => void): () => Promise<Provider> {
  return async () => {
    const { url } = await startServer((response, request) => {
      if (request.method === "GET") return bodyAnswer(200, MODELS)(response, request);
      answers.push(new Promise((resolve) => void response.once("close", () => resolve())));
      answer(response);
    });
    return provider(url);
  };
}

function write(response: ServerResponse, events: readonly string[]): void {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const event of events) response.write(event);
}

describe.each([
  ["openai", openai],
  ["openai with Responses", responses],
  ["anthropic", anthropic],
  ["gemini", gemini],
])("the provider %s", (_, api) => {
  const beginning = api.events.slice(0, -3);
  const tests = providerContract({
    create: served(api, (response) => {
      write(response, api.events);
      response.end();
    }),
    createHanging: served(api, (response) => write(response, beginning)),
    createFailing: served(api, (response) => void response.writeHead(500).end("{}")),
    createBroken: served(api, (response) => {
      write(response, beginning);
      response.end();
    }),
    idle: async () => void (await Promise.all(answers)),
  });
  for (const { name, run } of tests) it(name, run);
});

describe("the provider demo", () => {
  for (const { name, run } of providerContract({ create: () => createDemoProvider() })) it(name, run);
});
