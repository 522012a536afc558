/**
 * Streams of Chat Completions, ours and recorded ones: whole over a real server, byte by byte and at random cuts in memory
 * they give the same events.
 */
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ProviderEvent } from "amplifier-core";
import { describe, expect, test } from "vitest";
import type { ChatChunk } from "../../src/openai/chat/chat-wire.ts";
import { ChatTranslator } from "../../src/openai/chat/chat-translator.ts";
import { createOpenAIProvider } from "../../src/openai/index.ts";
import { expectWellFormed, replayEveryWay, type Adapter } from "../wire/replay-every-way.ts";
import { frame, recordings } from "../wire/replay.ts";

const FIXTURES = fileURLToPath(new URL("../fixtures/openai/", import.meta.url));
const MODEL = "m";

const adapter: Adapter = {
  translator: () =>
    new ChatTranslator(
      { url: "http://localhost", headers: {}, provider: "openai", model: MODEL },
      { seed: "1", warning: null },
    ),
  stream: (url) =>
    createOpenAIProvider({ base_url: url, model: MODEL }, {}).stream(
      { messages: [{ role: "user", content: "Hi" }] },
      { signal: new AbortController().signal },
    ),
};

/** The answer's text as its blocks have it. */
function textIn(events: readonly ProviderEvent[]): string {
  const texts = events.map((event) =>
    event.type === "block_end" && event.block.type === "text" ? event.block.text : "",
  );
  return texts.join("");
}

/** The same without the adapter: every payload parsed in full. */
function plainText(payloads: readonly string[]): string {
  const chunks = payloads.map((payload) => JSON.parse(payload) as ChatChunk);
  return chunks.map((chunk) => (chunk.choices?.[0]?.delta?.content ?? "") as string).join("");
}

describe("our own streams", () => {
  const names = readdirSync(FIXTURES).filter((file) => file.endsWith(".jsonl"));

  test.each(names)("%s gives the events written beside it, however it is cut", async (name) => {
    const payloads = readFileSync(FIXTURES + name, "utf8")
      .trimEnd()
      .split("\n");
    const { events, error } = await replayEveryWay(frame(payloads), adapter);
    const outcome = { events, error: error instanceof Error ? `${error.name}: ${error.message}` : null };
    const written: unknown = JSON.parse(readFileSync(FIXTURES + name.replace(".jsonl", ".events.json"), "utf8"));
    expect(outcome).toEqual(written);
    if (error === undefined) expectWellFormed(events);
  });
});

describe("recorded streams (AMPLIFIER_WIRE_FIXTURES names their folder)", () => {
  const recorded = recordings("openai-chat");

  if (recorded.length === 0) test.skip("are not replayed: AMPLIFIER_WIRE_FIXTURES is not set", () => undefined);

  test.each(recorded)("$name is a well-formed answer, the same however it is cut", async ({ payloads }) => {
    const { events, error } = await replayEveryWay(frame([...payloads, "[DONE]"]), adapter);
    expect(error).toBeUndefined();
    expectWellFormed(events);
    expect(textIn(events)).toBe(plainText(payloads));
    expect(events.findLast((event) => event.type === "usage")).toBeDefined();
  });
});
