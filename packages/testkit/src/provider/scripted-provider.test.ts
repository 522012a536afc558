/**
 * The scripted model: it says what was written, holds where it is told to, and fails on everything else.
 */
import { type ChatRequest, collect, LLMError, type ProviderEvent } from "amplifier-core";
import { describe, expect, test } from "vitest";
import { gate } from "../gate.ts";
import {
  breaksOff,
  brokenToolCall,
  fails,
  finish,
  hangs,
  inFragments,
  interleaved,
  oneRead,
  signed,
  text,
  thinking,
  toolCall,
  unchecked,
  unfinished,
  usage,
  warning,
  whole,
} from "./answer-part.ts";
import { answer, ANSWER_USAGE } from "./answer.ts";
import { ScriptedProvider } from "./scripted-provider.ts";

const request: ChatRequest = { messages: [{ role: "user", content: "Hi" }] };
const never = new AbortController().signal;

async function readsOf(provider: ScriptedProvider, signal = never): Promise<readonly (readonly ProviderEvent[])[]> {
  const reads: (readonly ProviderEvent[])[] = [];
  for await (const read of provider.stream(request, { signal })) reads.push(read);
  return reads;
}

test("an answer is played event by event, with indexes, usage and finish", async () => {
  const provider = new ScriptedProvider([answer(text("Hel", "lo"), inFragments(toolCall("c1", "clock", { a: 1 }), 2))]);
  const call = { type: "tool_call", id: "c1", name: "clock" };
  expect(await readsOf(provider)).toEqual([
    [{ type: "block_start", index: 0, block: { type: "text" } }],
    [{ type: "block_delta", index: 0, delta: "Hel" }],
    [{ type: "block_delta", index: 0, delta: "lo" }],
    [{ type: "block_end", index: 0, block: { type: "text", text: "Hello" } }],
    [{ type: "block_start", index: 1, block: call }],
    [{ type: "block_delta", index: 1, delta: '{"a"' }],
    [{ type: "block_delta", index: 1, delta: ":1}" }],
    [{ type: "block_end", index: 1, block: { ...call, input: { a: 1 } } }],
    [
      { type: "usage", usage: ANSWER_USAGE },
      { type: "end", finish_reason: "tool_calls" },
    ],
  ]);
  provider.assertDone();
});

test("every kind of part adds up to a whole answer", async () => {
  const opaque = { type: "opaque", data: { a: 1 } } as const;
  const tokens = { input_tokens: 1, output_tokens: 2, total_tokens: 3 };
  const provider = new ScriptedProvider([
    answer(
      signed(thinking("Hm"), "sig"),
      whole(opaque),
      oneRead(text("a"), text("b")),
      interleaved(text("c", "d"), brokenToolCall("c1", "clock", "{")),
      warning("mended"),
      usage(tokens),
      finish("length", { model: "other", metadata: { id: "r" } }),
    ),
  ]);
  const response = await collect(provider.stream(request, { signal: never }));
  expect(response).toMatchObject({ finish_reason: "length", usage: tokens, metadata: { id: "r" } });
  expect(response.content).toEqual([
    { type: "thinking", thinking: "Hm", signature: "sig" },
    opaque,
    { type: "text", text: "a" },
    { type: "text", text: "b" },
    { type: "text", text: "cd" },
    { type: "tool_call", id: "c1", name: "clock", input: {}, raw_arguments: "{" },
  ]);
});

test("requests are recorded as they were when they came", async () => {
  const provider = new ScriptedProvider([answer(text("A"))]);
  const messages = [{ role: "user" as const, content: "Hi" }];
  await collect(provider.stream({ messages }, { signal: never }));
  messages.push({ role: "user", content: "changed later" });
  expect(provider.requests).toEqual([request]);
  expect(provider.calls[0]).toMatchObject({ reads: 4, over: true });
});

test("a call that is not in the script throws at once and fails the test at its end", () => {
  const provider = new ScriptedProvider([], { name: "lonely" });
  expect(() => provider.stream(request, { signal: never })).toThrow(LLMError);
  expect(() => provider.assertDone()).toThrow('Call 1 of provider "lonely" is not in its script of 0.');
});

test("an answer that nobody asked for fails the test, unless it is dropped", () => {
  const provider = new ScriptedProvider([answer(text("A")), answer(text("B"))]);
  expect(() => provider.assertDone()).toThrow("never asked for the last 2");
  provider.dropRest();
  provider.assertDone();
  provider.add(answer(text("C")));
  expect(() => provider.assertDone()).toThrow("never asked for the last 1");
});

test("an error is thrown as the same object, behind what came before it", async () => {
  const error = new LLMError("RateLimitError", "slow down");
  const provider = new ScriptedProvider([answer(unfinished(text("Hel")), fails(error))]);
  const iterator = provider.stream(request, { signal: never })[Symbol.asyncIterator]();
  await iterator.next();
  await iterator.next();
  await expect(iterator.next()).rejects.toBe(error);
});

test("a stream that breaks off ends without its finish", async () => {
  const provider = new ScriptedProvider([answer(text("Hel"), breaksOff())]);
  await expect(collect(provider.stream(request, { signal: never }))).rejects.toMatchObject({ name: "StreamError" });
});

test("a gate holds the answer until it is opened", async () => {
  const held = gate();
  const provider = new ScriptedProvider([answer(text("a"), held, text("b"))]);
  const reading = readsOf(provider);
  await held.reached;
  expect(provider.calls[0]?.reads).toBe(3);
  held.open();
  expect(await reading).toHaveLength(7);
});

describe("an abort", () => {
  test("ends a hanging answer, a closed gate, and an answer between two reads", async () => {
    for (const part of [hangs(), gate()]) {
      const stop = new AbortController();
      const reading = readsOf(new ScriptedProvider([answer(text("a"), part)]), stop.signal);
      queueMicrotask(() => stop.abort());
      await expect(reading).rejects.toMatchObject({ name: "AbortError" });
    }
    const provider = new ScriptedProvider([answer(text("a"))]);
    await expect(readsOf(provider, AbortSignal.abort())).rejects.toMatchObject({ name: "AbortError" });
  });

  test("is not heard by a deaf answer", async () => {
    const stop = new AbortController();
    const provider = new ScriptedProvider([hangs({ deaf: true })]);
    const next = provider.stream(request, { signal: stop.signal })[Symbol.asyncIterator]().next();
    stop.abort();
    expect(await Promise.race([next, new Promise((resolve) => setImmediate(resolve, "still"))])).toBe("still");
  });
});

describe("a script that breaks the port's rules is refused when it is written", () => {
  const start: ProviderEvent = { type: "block_start", index: 1, block: { type: "text" } };
  const cases: readonly (readonly [string, () => unknown, RegExp])[] = [
    ["an empty delta", () => answer(text("a", "")), /empty delta/u],
    ["an open block at the end", () => answer(unfinished(text("a"))), /ended with block 0 open/u],
    ["more behind the finish", () => answer(finish("stop"), text("a")), /came after the answer's end/u],
    ["a gate inside one read", () => answer(oneRead(text("a"), gate())), /inside one read/u],
    ["a signature on text", () => signed(text("a"), "sig"), /Only a whole thinking block/u],
  ];
  test.each(cases)("%s", (_name, write, message) => {
    expect(write).toThrow(message);
  });

  test("unless it is marked as unchecked", async () => {
    expect(await readsOf(new ScriptedProvider([answer(unchecked(start), breaksOff())]))).toEqual([[start]]);
  });
});

test("it says who it is", async () => {
  const provider = new ScriptedProvider([], { name: "b", priority: 5, info: { streams: false } });
  expect(provider).toMatchObject({ name: "b", priority: 5 });
  expect(provider.getInfo()).toMatchObject({ id: "b", defaultModel: "scripted-1", streams: false });
  expect(await provider.listModels()).toEqual([{ id: "scripted-1" }]);
});
