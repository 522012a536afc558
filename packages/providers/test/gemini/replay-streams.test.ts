/**
 * Streams of the Gemini API, ours and recorded ones: whole over a real server, byte by byte and at random cuts in memory
 * they give the same events.
 */
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ProviderEvent } from "amplifier-core";
import { describe, expect, test } from "vitest";
import { GeminiTranslator } from "../../src/gemini/gemini-translator.ts";
import { createGeminiProvider } from "../../src/gemini/index.ts";
import { expectWellFormed, replayEveryWay, type Adapter } from "../wire/replay-every-way.ts";
import { frame, recordings } from "../wire/replay.ts";

const FIXTURES = fileURLToPath(new URL("../fixtures/gemini/", import.meta.url));
const MODEL = "gemini-3.8-flash";

const adapter: Adapter = {
  translator: () =>
    new GeminiTranslator(
      { url: "http://localhost", headers: {}, provider: "gemini", model: MODEL },
      { seed: "1", warnings: [] },
    ),
  stream: (url) =>
    createGeminiProvider({ base_url: url, model: MODEL }, {}).stream(
      { messages: [{ role: "user", content: "Hi" }] },
      { signal: new AbortController().signal },
    ),
};

interface PlainPart {
  readonly text?: string;
  readonly thought?: boolean;
  readonly thoughtSignature?: string;
}

/** The answer without the adapter: every payload parsed in full. */
function plainParts(payloads: readonly string[]): readonly PlainPart[] {
  const chunks = payloads.map(
    (payload) => JSON.parse(payload) as { candidates?: { content?: { parts?: PlainPart[] } }[] },
  );
  return chunks.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []);
}

function blocksIn(events: readonly ProviderEvent[]): readonly Readonly<Record<string, unknown>>[] {
  return events.flatMap((event) => (event.type === "block_end" ? [{ ...event.block }] : []));
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
  const recorded = recordings("google");

  if (recorded.length === 0) test.skip("are not replayed: AMPLIFIER_WIRE_FIXTURES is not set", () => undefined);

  test.each(recorded)("$name is a well-formed answer, the same however it is cut", async ({ payloads }) => {
    const { events, error } = await replayEveryWay(frame(payloads), adapter);
    expect(error).toBeUndefined();
    expectWellFormed(events);
    const blocks = blocksIn(events);
    const parts = plainParts(payloads);
    const texts = (kept: readonly (string | undefined)[]): string => kept.join("");
    expect(texts(blocks.map(({ text }) => text as string | undefined))).toBe(
      texts(parts.filter(({ thought }) => thought !== true).map(({ text }) => text)),
    );
    expect(blocks.flatMap(({ signature }) => signature ?? [])).toEqual(
      parts.flatMap(({ thoughtSignature }) => thoughtSignature ?? []),
    );
    expect(events.findLast((event) => event.type === "usage")).toBeDefined();
  });
});
