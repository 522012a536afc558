import { AmplifierError, type ChatRequest, type ProviderEvent } from "amplifier-core";
import { expect, test } from "vitest";
import type { ChatHistoryItem, Token } from "./engine.ts";
import type { AnswerSummary, GenerateOptions } from "./local-model.ts";
import { createLocalProvider, type AnswerModel, type ReadyModel } from "./local-provider.ts";

const request: ChatRequest = { messages: [{ role: "user", content: "Hello" }] };

interface Fake {
  readonly ready: ReadyModel;
  readonly histories: (readonly ChatHistoryItem[])[];
  readonly options: GenerateOptions[];
  readonly log: string[];
}

/** A model whose answer is these pieces; `hang` waits for ever after them. */
function fakeModel(
  pieces: readonly string[],
  settings: { readonly hang?: boolean; readonly tokens?: number } = {},
): Fake {
  const fake: Fake = {
    histories: [],
    options: [],
    log: [],
    ready: () => {
      fake.log.push("ready");
      const release = (): Promise<void> => Promise.resolve(void fake.log.push("release"));
      return Promise.resolve({ model, release });
    },
  };
  const model: AnswerModel = {
    contextSize: 100,
    encode: (history) => {
      fake.histories.push(history);
      return { tokens: Array.from({ length: settings.tokens ?? 7 }, () => 1 as Token), stopWords: ["<end>"] };
    },
    async *generate(prompt, options): AsyncGenerator<string, AnswerSummary, undefined> {
      fake.options.push(options);
      yield* pieces;
      if (settings.hang === true) await new Promise(() => undefined);
      return { reason: "stop", promptTokens: prompt.length, reusedTokens: 3, answerTokens: pieces.length };
    },
  };
  return fake;
}

async function batchesOf(fake: Fake, over: Partial<ChatRequest> = {}): Promise<(readonly ProviderEvent[])[]> {
  const provider = createLocalProvider({ seed: 4 }, { env: {}, ready: fake.ready });
  const batches: (readonly ProviderEvent[])[] = [];
  const { signal } = new AbortController();
  for await (const batch of provider.stream({ ...request, ...over }, { signal })) batches.push(batch);
  return batches;
}

test("an answer is one text block, each piece a batch of its own, with exact usage and the end", async () => {
  expect(await batchesOf(fakeModel(["Hi", " there"]))).toEqual([
    [
      { type: "block_start", index: 0, block: { type: "text" } },
      { type: "block_delta", index: 0, delta: "Hi" },
    ],
    [{ type: "block_delta", index: 0, delta: " there" }],
    [
      { type: "block_end", index: 0, block: { type: "text", text: "Hi there" } },
      { type: "usage", usage: { input_tokens: 7, output_tokens: 2, total_tokens: 9, cache_read_tokens: 3 } },
      { type: "end", finish_reason: "stop", model: "smollm2-135m-instruct" },
    ],
  ]);
});

test("an empty answer has no block", async () => {
  const events = (await batchesOf(fakeModel([]))).flat();
  expect(events.map(({ type }) => type)).toEqual(["usage", "end"]);
});

test("what the request says goes before the config's defaults, and the answer never leaves the context", async () => {
  const fake = fakeModel([]);
  await batchesOf(fake);
  await batchesOf(fake, { temperature: 1, top_p: 0.5, max_output_tokens: 5, stop: ["END"] });
  const signal = expect.any(AbortSignal) as AbortSignal;
  expect(fake.options).toEqual([
    { signal, maxTokens: 93, temperature: 0.2, topP: 0.9, seed: 4, stopWords: ["<end>"] },
    { signal, maxTokens: 5, temperature: 1, topP: 0.5, seed: 4, stopWords: ["<end>", "END"] },
  ]);
});

test("the model gets its one system sentence, unless the request has a system prompt", async () => {
  const fake = fakeModel([]);
  await batchesOf(fake);
  await batchesOf(fake, { messages: [{ role: "system", content: "Rhyme." }, ...request.messages] });
  expect(fake.histories.map(([first]) => first)).toEqual([
    { type: "system", text: "Give short, plain answers." },
    { type: "system", text: "Rhyme." },
  ]);
});

test("a prompt that fills the context is a ContextLengthError with both numbers", async () => {
  await expect(batchesOf(fakeModel(["Hi"], { tokens: 100 }))).rejects.toMatchObject({
    name: "ContextLengthError",
    message: expect.stringContaining("has 100 tokens, the local model takes 100"),
    provider: "local",
  });
});

test("another model than the one there is, is a NotFoundError that names both", async () => {
  await expect(batchesOf(fakeModel([]), { model: "gpt-9" })).rejects.toMatchObject({
    name: "NotFoundError",
    message: expect.stringMatching(/"gpt-9".*"smollm2-135m-instruct"/),
  });
});

test("what it has to ignore it says first", async () => {
  const image = { type: "image", source: { type: "url", url: "https://example.org/a.png" } } as const;
  const messages = [{ role: "user", content: [image, { type: "text", text: "What is it?" }] }] as const;
  const [first] = await batchesOf(fakeModel([]), { messages, response_format: { type: "json_object" } });
  expect(first).toEqual([
    { type: "warning", message: "The local model ignores images: the model reads text only." },
    { type: "warning", message: "The local model ignores response_format json_object." },
  ]);
});

test("an abort ends the answer at once with an AbortError, even if the model hangs", async () => {
  const fake = fakeModel(["Hi"], { hang: true });
  const provider = createLocalProvider({}, { env: {}, ready: fake.ready });
  const controller = new AbortController();
  const stream = provider.stream(request, { signal: controller.signal })[Symbol.asyncIterator]();
  await stream.next();
  const pending = stream.next();
  controller.abort(new Error("enough"));
  await expect(pending).rejects.toMatchObject({ name: "AbortError", message: "The call to local was stopped." });
});

test("a model that cannot be had is a ProviderUnavailableError that no retry helps, with the reason", async () => {
  const cause = new AmplifierError("download_failed", "No network.", { data: { url: "https://example.org" } });
  const failing = { ...fakeModel([]), ready: () => Promise.reject(cause) };
  await expect(batchesOf(failing)).rejects.toMatchObject({
    name: "ProviderUnavailableError",
    message: "No network.",
    retryable: false,
    cause,
  });
});

test("the model is made ready with the first call, once, and released on dispose", async () => {
  const fake = fakeModel(["Hi"]);
  const provider = createLocalProvider({}, { env: {}, ready: fake.ready });
  expect(fake.log).toEqual([]);
  const { signal } = new AbortController();
  for (let call = 0; call < 2; call += 1) for await (const _ of provider.stream(request, { signal })) continue;
  expect(fake.log).toEqual(["ready"]);
  await provider.dispose();
  await provider.dispose();
  expect(fake.log).toEqual(["ready", "release"]);
});

test("it says that tools do not work and what its model is, without asking anybody", async () => {
  const provider = createLocalProvider({ name: "mine", priority: 5, model: "/models/other.gguf" }, { env: {} });
  expect([provider.name, provider.priority]).toEqual(["mine", 5]);
  expect(provider.getInfo()).toEqual({
    id: "mine",
    displayName: "Local model",
    defaultModel: "other.gguf",
    tools: false,
    slowStart: true,
  });
  expect(await provider.listModels()).toEqual([
    { id: "other.gguf", displayName: "other.gguf", contextWindow: 4096, maxOutputTokens: 768, supportsPrefill: true },
  ]);
});
