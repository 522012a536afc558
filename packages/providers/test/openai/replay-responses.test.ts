/**
 * Streams of the Responses API, ours and recorded ones: whole over a real server, byte by byte and at random cuts in memory
 * they give the same events.
 */
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { ContentBlock, ProviderEvent } from "amplifier-core";
import { describe, expect, test } from "vitest";
import { createOpenAIProvider } from "../../src/openai/index.ts";
import { ResponsesTranslator } from "../../src/openai/responses/responses-translator.ts";
import type { OutputItem, ResponsesEvent } from "../../src/openai/responses/responses-wire.ts";
import { expectWellFormed, replayEveryWay, type Adapter } from "../wire/replay-every-way.ts";
import { frame, recordings } from "../wire/replay.ts";

const FIXTURES = fileURLToPath(new URL("../fixtures/openai-responses/", import.meta.url));
const MODEL = "gpt-6.1-sol";

const adapter: Adapter = {
  translator: () => new ResponsesTranslator({ url: "http://localhost", headers: {}, provider: "openai", model: MODEL }),
  stream: (url) =>
    createOpenAIProvider({ base_url: url, api: "responses", model: MODEL }, {}).stream(
      { messages: [{ role: "user", content: "Hi" }] },
      { signal: new AbortController().signal },
    ),
};

/** OpenAI names each event; `[DONE]` has no name. */
const framed = (payloads: readonly string[]): string[] =>
  frame(payloads, (payload) => /^\{"type":"([^"]*)"/.exec(payload)?.[1] ?? "message");

describe("our own streams", () => {
  const names = readdirSync(FIXTURES).filter((file) => file.endsWith(".jsonl"));

  test.each(names)("%s gives the events written beside it, however it is cut", async (name) => {
    const payloads = readFileSync(FIXTURES + name, "utf8")
      .trimEnd()
      .split("\n");
    const { events, error } = await replayEveryWay(framed(payloads), adapter);
    const outcome = { events, error: error instanceof Error ? `${error.name}: ${error.message}` : null };
    const written: unknown = JSON.parse(readFileSync(FIXTURES + name.replace(".jsonl", ".events.json"), "utf8"));
    expect(outcome).toEqual(written);
    const isCut = events.some((event) => event.type === "block_end" && "interrupted" in event.block);
    if (error === undefined && !isCut) expectWellFormed(events);
  });
});

/** What a file holds may be several answers of one conversation; some of its lines lack their last brace. */
function answersIn(payloads: readonly string[]): string[][] {
  const answers: string[][] = [];
  for (const payload of payloads) {
    if (payload.startsWith('{"type":"response.created"')) answers.push([]);
    answers.at(-1)?.push(isJson(payload) ? payload : `${payload}}`);
  }
  return answers;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What the answer is without the adapter: the items as they ended, reduced to what our blocks say of them. */
function plainAnswer(payloads: readonly string[]): unknown[] {
  const events = payloads.map((payload) => JSON.parse(payload) as ResponsesEvent);
  const items = events.filter(({ type }) => type === "response.output_item.done").map(({ item = {} }) => item);
  return items.flatMap(plainItem);
}

function plainItem(item: OutputItem): unknown[] {
  const texts = (list: unknown): unknown[] => (list as { text: string }[]).map(({ text }) => text);
  switch (item.type) {
    case "message":
      return texts(item["content"]);
    case "reasoning":
      return [...texts(item["summary"]), ...("encrypted_content" in item ? [item["encrypted_content"]] : [])];
    case "function_call":
      return [[item["call_id"], item["name"], JSON.parse(item["arguments"] as string)]];
    case "custom_tool_call":
      return [[item["call_id"], item["name"], { input: item["input"] }]];
    default:
      return [item];
  }
}

function plainBlock(block: ContentBlock): unknown {
  if (block.type === "text") return block.text;
  if (block.type === "thinking") return block.thinking;
  if (block.type === "tool_call") return [block.id, block.name, block.input];
  if (block.type === "opaque") return block.data;
  return (block as unknown as { readonly encrypted_content: string }).encrypted_content;
}

describe("recorded streams (AMPLIFIER_WIRE_FIXTURES names their folder)", () => {
  const recorded = recordings("openai-responses").flatMap(({ name, payloads }) =>
    answersIn(payloads).map((answer, index) => ({ name: `${name} ${index}`, payloads: answer })),
  );
  const refused = recorded.filter(({ payloads }) => payloads.some((payload) => payload.startsWith('{"type":"error"')));
  const whole = recorded.filter((recording) => !refused.includes(recording));

  if (recorded.length === 0) test.skip("are not replayed: AMPLIFIER_WIRE_FIXTURES is not set", () => undefined);

  test.each(whole)("$name is a well-formed answer, the same however it is cut", async ({ payloads }) => {
    const { events, error } = await replayEveryWay(framed(payloads), adapter);
    expect(error).toBeUndefined();
    expectWellFormed(events);
    expect(events.filter((event) => event.type === "warning")).toEqual([]);
    expect(blocksIn(events).map(plainBlock)).toEqual(plainAnswer(payloads));
    expect(events.findLast((event) => event.type === "usage")).toBeDefined();
  });

  test.each(refused)("$name is the error it tells of, however it is cut", async ({ payloads }) => {
    const { events, error } = await replayEveryWay(framed(payloads), adapter);
    expect(events).toEqual([]);
    expect(error).toMatchObject({ name: "QuotaExceededError", provider: "openai", model: MODEL });
  });
});

function blocksIn(events: readonly ProviderEvent[]): ContentBlock[] {
  return events.flatMap((event) => (event.type === "block_end" ? event.block : []));
}
