/**
 * Streams of the Messages API, ours and recorded ones: whole over a real server, byte by byte and at random cuts in
 * memory they give the same events.
 */
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { AnswerTranslator } from "../../src/anthropic/answer-translator.ts";
import { createAnthropicProvider } from "../../src/anthropic/index.ts";
import { expectWellFormed, replayEveryWay, type Adapter } from "../wire/replay-every-way.ts";
import { frame, recordings } from "../wire/replay.ts";

const MODEL = "claude-sonnet-4-5";
const FIXTURES = fileURLToPath(new URL("../fixtures/anthropic/", import.meta.url));
const request = { messages: [{ role: "user" as const, content: "Hi" }] };

/** Anthropic's framing: each event is named by its payload's type. */
function framed(payloads: readonly string[]): string[] {
  return frame(payloads, (payload) => (JSON.parse(payload) as { type: string }).type);
}

const adapter: Adapter = {
  translator: () => new AnswerTranslator({ url: "http://localhost", headers: {}, provider: "anthropic", model: MODEL }),
  stream: (url) =>
    createAnthropicProvider({ base_url: url, model: MODEL }, {}).stream(request, {
      signal: new AbortController().signal,
    }),
};

describe("our own streams", () => {
  const names = readdirSync(FIXTURES).filter((file) => file.endsWith(".jsonl"));

  it.each(names)("%s gives the events written beside it, however it is cut", async (name) => {
    const payloads = readFileSync(FIXTURES + name, "utf8")
      .trimEnd()
      .split("\n");
    const { events, error } = await replayEveryWay(framed(payloads), adapter);
    await expect(JSON.stringify({ events, error: error ?? null }, null, 2) + "\n").toMatchFileSnapshot(
      FIXTURES + name.replace(".jsonl", ".events.json"),
    );
    if (error === undefined) expectWellFormed(events);
  });
});

describe("recorded streams (AMPLIFIER_WIRE_FIXTURES names their folder)", () => {
  const recorded = recordings("anthropic");

  if (recorded.length === 0) it.skip("are not replayed: AMPLIFIER_WIRE_FIXTURES is not set", () => undefined);

  it.each(recorded)("$name holds well-formed answers, the same however they are cut", async ({ payloads }) => {
    for (const answer of answersIn(payloads)) {
      const { events, error } = await replayEveryWay(framed(answer), adapter);
      expect(error).toBeUndefined();
      expectWellFormed(events);
    }
  });
});

/** A recording may hold the answers of several calls, one behind the other. */
function answersIn(payloads: readonly string[]): string[][] {
  const answers: string[][] = [[]];
  for (const payload of payloads) {
    answers.at(-1)?.push(payload);
    if ((JSON.parse(payload) as { type: string }).type === "message_stop") answers.push([]);
  }
  return answers.filter(({ length }) => length > 0);
}
