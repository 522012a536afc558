/**
 * Streams of the Messages API, ours and recorded ones: whole over a real server, byte by byte and at random cuts in
 * memory they give the same events.
 */
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ProviderEvent } from "amplifier-core";
import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { AnswerTranslator } from "../../src/anthropic/answer-translator.ts";
import { createAnthropicProvider } from "../../src/anthropic/index.ts";
import { sseAnswer, startServer } from "../wire/local-server.ts";
import { everyByte, eventsOf, frame, recordings, replayInMemory, type Replay } from "../wire/replay.ts";

const MODEL = "claude-sonnet-4-5";
const FIXTURES = fileURLToPath(new URL("../fixtures/anthropic/", import.meta.url));
const request = { messages: [{ role: "user" as const, content: "Hi" }] };

/** Anthropic's framing: each event is named by its payload's type. */
function framed(payloads: readonly string[]): string[] {
  return frame(payloads, (payload) => (JSON.parse(payload) as { type: string }).type);
}

function inMemory(bytes: Buffer, cuts: readonly number[]): Replay {
  const call = { url: "http://localhost", headers: {}, provider: "anthropic", model: MODEL };
  return replayInMemory(bytes, new AnswerTranslator(call), cuts);
}

async function overHttp(events: readonly string[]): Promise<Replay> {
  const server = await startServer(sseAnswer(events));
  onTestFinished(() => server[Symbol.asyncDispose]());
  const provider = createAnthropicProvider({ base_url: server.url, model: MODEL }, {});
  return await eventsOf(provider.stream(request, { signal: new AbortController().signal }));
}

/** Asserts that all ways of delivery agree, and returns what they give. */
async function delivered(payloads: readonly string[]): Promise<Replay> {
  const events = framed(payloads);
  const bytes = Buffer.from(events.join(""));
  const whole = await overHttp(events);
  const outcome = { events: whole.events, error: String(whole.error) };
  const check = (cuts: readonly number[]): void => {
    const replay = inMemory(bytes, cuts);
    expect({ events: replay.events, error: String(replay.error) }).toEqual(outcome);
  };
  check([]);
  check(everyByte(bytes));
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 30 });
  fc.assert(
    fc.property(cuts, (cuts) => check(cuts.toSorted((left, right) => left - right))),
    { numRuns: 20 },
  );
  return whole;
}

/** Holds of every whole answer: blocks are numbered by start, bracketed, and their deltas add up. */
function expectWellFormed(events: readonly ProviderEvent[]): void {
  const open = new Map<number, string>();
  let started = 0;
  for (const event of events) {
    if (event.type === "block_start") {
      expect(event.index).toBe(started++);
      open.set(event.index, "");
    } else if (event.type === "block_delta") {
      expect(event.delta).not.toBe("");
      expect(open.has(event.index)).toBe(true);
      open.set(event.index, open.get(event.index) + event.delta);
    } else if (event.type === "block_end") {
      const { block } = event;
      if (block.type === "text") expect(block.text).toBe(open.get(event.index));
      if (block.type === "thinking") expect(block.thinking).toBe(open.get(event.index));
      if (block.type === "tool_call") expect(block.input).toEqual(JSON.parse(open.get(event.index) || "{}"));
      expect(open.delete(event.index)).toBe(true);
    }
  }
  expect(open.size).toBe(0);
  expect(events.at(-1)?.type).toBe("end");
  expect(events.filter((event) => event.type === "end")).toHaveLength(1);
}

describe("our own streams", () => {
  const names = readdirSync(FIXTURES).filter((file) => file.endsWith(".jsonl"));

  it.each(names)("%s gives the events written beside it, however it is cut", async (name) => {
    const payloads = readFileSync(FIXTURES + name, "utf8")
      .trimEnd()
      .split("\n");
    const { events, error } = await delivered(payloads);
    await expect(JSON.stringify({ events, error: error ?? null }, null, 2) + "\n").toMatchFileSnapshot(
      FIXTURES + name.replace(".jsonl", ".events.json"),
    );
    if (error === undefined) expectWellFormed(events);
  });
});

describe("recorded streams (AMPLIFIER_WIRE_FIXTURES names their folder)", () => {
  const recorded = recordings("anthropic");

  if (recorded.length === 0) it.skip("are not replayed: AMPLIFIER_WIRE_FIXTURES is not set", () => undefined);

  it.each(recorded)("$name is a well-formed answer, the same however it is cut", async ({ payloads }) => {
    const { events, error } = await delivered(payloads);
    expect(error).toBeUndefined();
    expectWellFormed(events);
  });
});
