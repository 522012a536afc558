/**
 * A script means the same to the scripted provider and to a real one that hears it from a strict server: the same blocks,
 * in the same pieces, with the same end. What holds with the one therefore holds over a socket.
 */
import type { ChatRequest, Provider, ProviderEvent } from "amplifier-core";
import { createAnthropicProvider } from "amplifier-providers/anthropic";
import { createOpenAIProvider } from "amplifier-providers/openai";
import {
  answer,
  type AnswerPart,
  brokenToolCall,
  finish,
  inFragments,
  interleaved,
  oneRead,
  ScriptedProvider,
  signed,
  text,
  thinking,
  toolCall,
  usage,
} from "amplifier-testkit";
import { reply, startAnthropicServer, startChatServer } from "amplifier-testkit/servers";
import { describe, expect, it, onTestFinished } from "vitest";

const REQUEST: ChatRequest = { messages: [{ role: "user", content: "Hi" }] };
const CONFIG = { api_key: "test", model: "scripted-1" };

const WIRES = {
  chat: { start: startChatServer, provider: createOpenAIProvider },
  messages: { start: startAnthropicServer, provider: createAnthropicProvider },
};

/** The events of one answer, without what only real providers add: where a thought came from, and ids of the answer. */
async function eventsOf(provider: Provider): Promise<readonly ProviderEvent[]> {
  const events: ProviderEvent[] = [];
  for await (const batch of provider.stream(REQUEST, { signal: new AbortController().signal })) events.push(...batch);
  return events
    .filter(({ type }) => type !== "usage")
    .map((event) => {
      if (event.type === "end") return { type: "end", finish_reason: event.finish_reason };
      if (event.type !== "block_end" || event.block.type !== "thinking") return event;
      const { provider: _provider, model: _model, ...block } = event.block;
      return { ...event, block };
    });
}

/** Whether the answer names tokens, which each provider tells in steps of its own: the last count is the whole. */
async function tokensOf(provider: Provider): Promise<unknown> {
  let last: unknown;
  for await (const batch of provider.stream(REQUEST, { signal: new AbortController().signal }))
    for (const event of batch) if (event.type === "usage") last = event.usage;
  return last;
}

const SCRIPTS: readonly [what: string, parts: readonly AnswerPart[]][] = [
  ["text in pieces", [text("Grüße", " an ", "🙂", "\n")]],
  [
    "a thought, a text and calls",
    [thinking("Hm", "."), text("So."), inFragments(toolCall("c1", "look", { at: [1] }), 4)],
  ],
  [
    "calls one after another, in one read",
    [oneRead(toolCall("c1", "look", { n: 1 }), toolCall("c2", "look", { n: 2 }))],
  ],
  ["arguments that are no JSON", [text("So."), brokenToolCall("c1", "look", '{"at":')]],
  ["an end in the middle", [text("So"), finish("length")]],
];

describe.each(Object.entries(WIRES))("over %s", (_name, { start, provider }) => {
  it.each(SCRIPTS)("%s", async (_what, parts) => {
    const server = await start({ script: [reply(...parts)] });
    onTestFinished(() => server.close());
    const real = provider({ ...CONFIG, base_url: server.baseUrl });
    expect(await eventsOf(real)).toEqual(await eventsOf(new ScriptedProvider([answer(...parts)])));
  });

  it("the tokens", async () => {
    const tokens = { input_tokens: 30, output_tokens: 7, total_tokens: 37, cache_read_tokens: 10 };
    const server = await start({ script: [reply(text("So."), usage(tokens))] });
    onTestFinished(() => server.close());
    expect(await tokensOf(provider({ ...CONFIG, base_url: server.baseUrl }))).toMatchObject(tokens);
  });
});

it("blocks that are open together, and signatures, which only the Messages API has", async () => {
  const parts = [signed(thinking("Hm."), "c2ln"), interleaved(text("a", "b"), text("c", "d"))];
  const server = await startAnthropicServer({ script: [reply(...parts)] });
  onTestFinished(() => server.close());
  const real = createAnthropicProvider({ ...CONFIG, base_url: server.baseUrl });
  expect(await eventsOf(real)).toEqual(await eventsOf(new ScriptedProvider([answer(...parts)])));
});
