/** Payloads in, whole event sequences out: what servers send, and what they do wrong. */
import type { ProviderEvent } from "amplifier-core";
import { expect, test } from "vitest";
import type { ChatDelta } from "./chat-wire.ts";
import { ChatTranslator } from "./chat-translator.ts";

const request = { url: "http://localhost/v1/chat/completions", headers: {}, provider: "openai", model: "asked" };

function translator(): ChatTranslator {
  return new ChatTranslator(request, { seed: "3", warning: null });
}

function chunk(delta: ChatDelta, finish: string | null = null): string {
  return JSON.stringify({ id: "c1", model: "m", choices: [{ index: 0, delta, finish_reason: finish }] });
}

function call(fields: { index?: number; id?: string; name?: string; args?: unknown }): ChatDelta {
  const { index, id, name, args } = fields;
  return {
    tool_calls: [
      {
        ...(index === undefined ? {} : { index }),
        ...(id === undefined ? {} : { id }),
        function: { ...(name === undefined ? {} : { name }), ...(args === undefined ? {} : { arguments: args }) },
      },
    ],
  };
}

/** All events, the ends of the body included. */
function events(...payloads: string[]): ProviderEvent[] {
  const result: ProviderEvent[] = [];
  const reader = translator();
  if (!payloads.some((payload) => reader.read(payload, result))) reader.finish(result);
  return result;
}

const start = (index: number, id: string, name: string): ProviderEvent => ({
  type: "block_start",
  index,
  block: { type: "tool_call", id, name },
});
const delta = (index: number, text: string): ProviderEvent => ({ type: "block_delta", index, delta: text });
const end = (index: number, ...call: [id: string, name: string, input: object, more?: object]): ProviderEvent => {
  const [id, name, input, more] = call;
  return { type: "block_end", index, block: { type: "tool_call", id, name, input: { ...input }, ...more } };
};
const done = (
  finish_reason: "stop" | "tool_calls" | "length" | "refusal" | "content_filter" | "unknown",
): ProviderEvent => ({
  type: "end",
  finish_reason,
  model: "m",
  metadata: { openai: { id: "c1" } },
});

test("text is one block that ends at the finish", () => {
  expect(
    events(chunk({ content: "" }), chunk({ content: "Hel" }), chunk({ content: "lo" }), chunk({}, "stop"), "[DONE]"),
  ).toEqual([
    { type: "block_start", index: 0, block: { type: "text" } },
    delta(0, "Hel"),
    delta(0, "lo"),
    { type: "block_end", index: 0, block: { type: "text", text: "Hello" } },
    done("stop"),
  ]);
});

test.each(["reasoning_content", "reasoning"] as const)(
  "%s is a thinking block that ends where text begins",
  (field) => {
    expect(events(chunk({ [field]: "Hm" }), chunk({ [field]: "m" }), chunk({ content: "Yes" }, "stop"))).toEqual([
      { type: "block_start", index: 0, block: { type: "thinking" } },
      delta(0, "Hm"),
      delta(0, "m"),
      { type: "block_end", index: 0, block: { type: "thinking", thinking: "Hmm", provider: "openai", model: "m" } },
      { type: "block_start", index: 1, block: { type: "text" } },
      delta(1, "Yes"),
      { type: "block_end", index: 1, block: { type: "text", text: "Yes" } },
      done("stop"),
    ]);
  },
);

test("content in parts, as Mistral sends it with reasoning, is text and thinking", () => {
  const parts = [
    { type: "thinking", thinking: [{ type: "text", text: "Hm" }] },
    { type: "text", text: "Yes" },
  ];
  expect(events(chunk({ content: parts }, "stop")).map((event) => event.type)).toEqual([
    "block_start",
    "block_delta",
    "block_end",
    "block_start",
    "block_delta",
    "block_end",
    "end",
  ]);
});

test("a lone tool call ends with the fragment that closes its object, before the finish", () => {
  const reader = translator();
  const seen: ProviderEvent[] = [];
  reader.read(chunk(call({ index: 0, id: "a", name: "look", args: "" })), seen);
  reader.read(chunk(call({ index: 0, args: '{"q":"{' })), seen);
  reader.read(chunk(call({ index: 0, args: '}\\""}' })), seen);
  expect(seen).toEqual([
    start(0, "a", "look"),
    delta(0, '{"q":"{'),
    delta(0, '}\\""}'),
    end(0, "a", "look", { q: '{}"' }),
  ]);
  const rest: ProviderEvent[] = [];
  reader.read(chunk({}, "tool_calls"), rest);
  reader.read("[DONE]", rest);
  expect(rest).toEqual([done("tool_calls")]);
});

test("parallel calls in mixed fragments end each by itself", () => {
  expect(
    events(
      chunk({ content: "Looking." }),
      chunk(call({ index: 0, id: "a", name: "one", args: "" })),
      chunk(call({ index: 1, id: "b", name: "two", args: '{"x":' })),
      chunk(call({ index: 0, args: '{"y":1}' })),
      chunk(call({ index: 1, args: "2}" })),
      chunk({}, "tool_calls"),
    ),
  ).toEqual([
    { type: "block_start", index: 0, block: { type: "text" } },
    delta(0, "Looking."),
    { type: "block_end", index: 0, block: { type: "text", text: "Looking." } },
    start(1, "a", "one"),
    start(2, "b", "two"),
    delta(2, '{"x":'),
    delta(1, '{"y":1}'),
    end(1, "a", "one", { y: 1 }),
    delta(2, "2}"),
    end(2, "b", "two", { x: 2 }),
    done("tool_calls"),
  ]);
});

test("an empty object does not end a call early: the object that follows replaces it", () => {
  const payloads = [
    chunk(call({ index: 0, id: "a", name: "t", args: "{}" })),
    chunk(call({ index: 0, args: '{"real":true}' })),
  ];
  expect(events(...payloads, chunk({}, "tool_calls"))).toEqual([
    start(0, "a", "t"),
    delta(0, "{}"),
    delta(0, '{"real":true}'),
    end(0, "a", "t", { real: true }),
    done("tool_calls"),
  ]);
});

test.each([
  ["an empty object", "{}"],
  ["no arguments at all", undefined],
  ["white space", " \n"],
])("%s is a call without arguments at the finish", (_, args) => {
  const result = events(chunk(call({ index: 0, id: "a", name: "now", args })), chunk({}, "tool_calls"));
  expect(result.filter((event) => event.type !== "block_delta")).toEqual([
    start(0, "a", "now"),
    end(0, "a", "now", {}),
    done("tool_calls"),
  ]);
});

test("what follows a closed object is ignored, with one warning, and white space without", () => {
  const first = call({ index: 0, id: "a", name: "t", args: '{"a":1} \n' });
  expect(events(chunk(first), chunk(call({ index: 0, args: " " })), chunk({}, "tool_calls"))).toEqual([
    start(0, "a", "t"),
    delta(0, '{"a":1}'),
    end(0, "a", "t", { a: 1 }),
    done("tool_calls"),
  ]);
  expect(
    events(
      chunk(first),
      chunk(call({ index: 0, args: '{"b":2}' })),
      chunk(call({ index: 0, args: "}" })),
      chunk({}, "tool_calls"),
    ),
  ).toEqual([
    start(0, "a", "t"),
    delta(0, '{"a":1}'),
    end(0, "a", "t", { a: 1 }),
    { type: "warning", message: 'openai sent text behind the arguments of the call t; it was ignored: {"b":2}' },
    done("tool_calls"),
  ]);
});

test.each(["[1]", "null", "{'a': 1}", '{"a":', "{}x"])(
  "arguments that are no JSON object (%s) are handed on as they came",
  (args) => {
    expect(events(chunk(call({ index: 0, id: "a", name: "t", args })), chunk({}, "tool_calls"))).toEqual([
      start(0, "a", "t"),
      delta(0, args),
      end(0, "a", "t", {}, { raw_arguments: args }),
      done("tool_calls"),
    ]);
  },
);

test("a call that the output limit cut off is marked interrupted, also before its first argument", () => {
  expect(events(chunk(call({ index: 0, id: "a", name: "t", args: '{"a' })), chunk({}, "length")).slice(-2)).toEqual([
    end(0, "a", "t", {}, { raw_arguments: '{"a', interrupted: true }),
    done("length"),
  ]);
  expect(events(chunk(call({ index: 0, id: "a", name: "t" })), chunk({}, "length")).slice(-2)).toEqual([
    end(0, "a", "t", {}, { raw_arguments: "", interrupted: true }),
    done("length"),
  ]);
});

test("a name in pieces, or again with every fragment, is one name", () => {
  const pieces = [
    call({ index: 0, id: "a", name: "get_" }),
    call({ index: 0, name: "time" }),
    call({ index: 0, args: '{"z":1}' }),
  ];
  const again = [
    call({ index: 0, id: "a", name: "get_time", args: '{"z"' }),
    call({ index: 0, name: "get_time", args: ":1}" }),
  ];
  for (const fragments of [pieces, again]) {
    const result = events(...fragments.map((fragment) => chunk(fragment)), chunk({}, "tool_calls"));
    expect(result.filter((event) => event.type === "block_end")).toEqual([end(0, "a", "get_time", { z: 1 })]);
  }
});

test("calls without an index are told apart by id, or by coming whole one after the other", () => {
  const byId = [call({ id: "a", name: "one", args: '{"x":1}' }), call({ id: "b", name: "one", args: '{"x":2}' })];
  expect(events(...byId.map((fragment) => chunk(fragment)), chunk({}, "stop"))).toEqual([
    start(0, "a", "one"),
    delta(0, '{"x":1}'),
    end(0, "a", "one", { x: 1 }),
    start(1, "b", "one"),
    delta(1, '{"x":2}'),
    end(1, "b", "one", { x: 2 }),
    done("tool_calls"),
  ]);
  const bare = {
    tool_calls: [
      ...(call({ name: "one", args: '{"x":1}' }).tool_calls ?? []),
      ...(call({ name: "one", args: '{"x":2}' }).tool_calls ?? []),
    ],
  };
  const ends = events(chunk(bare), chunk({}, "stop")).filter((event) => event.type === "block_end");
  expect(ends.map((event) => event.block.type === "tool_call" && event.block.input)).toEqual([{ x: 1 }, { x: 2 }]);
});

test("whole calls that all carry index 0 are several calls", () => {
  const whole = [
    call({ index: 0, id: "a", name: "one", args: '{"x":1}' }),
    call({ index: 0, id: "b", name: "two", args: "{}" }),
  ];
  const ends = events(...whole.map((fragment) => chunk(fragment)), chunk({}, "stop")).filter(
    (event) => event.type === "block_end",
  );
  expect(ends).toEqual([end(0, "a", "one", { x: 1 }), end(1, "b", "two", {})]);
});

test("a missing id is made, the same for the same answer and another for another", () => {
  const idOf = (seed: string): string => {
    const result: ProviderEvent[] = [];
    new ChatTranslator(request, { seed, warning: null }).read(
      chunk(call({ index: 0, name: "t", args: '{"a":1}' })),
      result,
    );
    const first = result[0];
    return first?.type === "block_start" && first.block.type === "tool_call" ? first.block.id : "";
  };
  expect(idOf("3")).toMatch(/^call_[0-9a-f]{24}$/);
  expect(idOf("3")).toBe(idOf("3"));
  expect(idOf("5")).not.toBe(idOf("3"));
});

test("arguments that come as an object instead of text are taken", () => {
  const ends = events(chunk(call({ index: 0, id: "a", name: "t", args: { a: 1 } })), chunk({}, "stop")).filter(
    (event) => event.type === "block_end",
  );
  expect(ends).toEqual([end(0, "a", "t", { a: 1 })]);
});

test("a refusal is text, and the reason of the end", () => {
  expect(events(chunk({ refusal: "I can" }), chunk({ refusal: "not." }), chunk({}, "stop")).slice(-2)).toEqual([
    { type: "block_end", index: 0, block: { type: "text", text: "I cannot." } },
    done("refusal"),
  ]);
});

test.each([
  ["stop", "stop"],
  ["length", "length"],
  ["content_filter", "content_filter"],
  ["function_call", "tool_calls"],
  ["something_new", "unknown"],
] as const)("finish reason %s is %s", (word, reason) => {
  expect(events(chunk({ content: "x" }, word)).at(-1)).toEqual(done(reason));
});

test("usage comes from its own chunk after the finish, from Groq's place, and with xAI's way of counting", () => {
  const usageOf = (fields: object): unknown =>
    events(chunk({ content: "x" }, "stop"), JSON.stringify({ choices: [], ...fields }), "[DONE]").find(
      (event) => event.type === "usage",
    );
  expect(
    usageOf({
      usage: {
        prompt_tokens: 10,
        completion_tokens: 5,
        total_tokens: 15,
        prompt_tokens_details: { cached_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 3 },
      },
    }),
  ).toEqual({
    type: "usage",
    usage: { input_tokens: 10, output_tokens: 5, total_tokens: 15, reasoning_tokens: 3, cache_read_tokens: 4 },
  });
  expect(usageOf({ x_groq: { usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } } })).toEqual({
    type: "usage",
    usage: { input_tokens: 1, output_tokens: 2, total_tokens: 3 },
  });
  const beside = {
    prompt_tokens: 12,
    completion_tokens: 1,
    total_tokens: 303,
    completion_tokens_details: { reasoning_tokens: 290 },
  };
  expect(usageOf({ usage: beside })).toMatchObject({
    usage: { output_tokens: 291, total_tokens: 303, reasoning_tokens: 290 },
  });
});

test.each([
  ["[DONE] without a finish reason", [chunk({ content: "x" }), "[DONE]"]],
  ["a body that ends without a finish reason", [chunk({ content: "x" })]],
  ["a body with nothing in it", []],
  ["a line that is no JSON", [chunk({ content: "x" }), "{oops"]],
  ["a line that is no object", ["5"]],
])("%s is a StreamError", (_, payloads) => {
  expect(() => events(...payloads)).toThrow(
    expect.objectContaining({ name: "StreamError", provider: "openai", retryable: true }),
  );
});

test("a malformed line is quoted in the error", () => {
  expect(() => events("{oops")).toThrow("{oops");
});

test.each([
  [{ error: { message: "slow down", code: "rate_limit_exceeded" } }, "RateLimitError"],
  [{ error: { message: "no credit", type: "insufficient_quota" } }, "QuotaExceededError"],
  [{ error: { message: "too long", code: "context_length_exceeded" } }, "ContextLengthError"],
  [{ error: { message: "oh", type: "server_error" } }, "ProviderUnavailableError"],
  [{ error: { message: "bad gateway", code: 502 } }, "ProviderUnavailableError"],
  [{ error: { message: "busy", code: 429 } }, "RateLimitError"],
  [{ error: "something else" }, "StreamError"],
  [{ object: "error", message: "wrong", type: "BadRequestError", code: 400 }, "InvalidRequestError"],
])("the error payload %j is a %s", (payload, name) => {
  expect(() => events(chunk({ content: "x" }), JSON.stringify(payload))).toThrow(expect.objectContaining({ name }));
});

test("a server that gives up says so in its finish reason", () => {
  expect(() => events(chunk({ content: "x" }, "error"))).toThrow(
    expect.objectContaining({ name: "ProviderUnavailableError" }),
  );
});

test("a warning about the request comes first, once", () => {
  const result: ProviderEvent[] = [];
  const reader = new ChatTranslator(request, { seed: "1", warning: "mind this" });
  reader.read(chunk({ content: "x" }), result);
  reader.read(chunk({ content: "y" }), result);
  expect(result.map((event) => event.type)).toEqual(["warning", "block_start", "block_delta", "block_delta"]);
});

test("100 kB of arguments in tiny fragments are one call", () => {
  const reader = translator();
  const result: ProviderEvent[] = [];
  reader.read(chunk(call({ index: 0, id: "a", name: "t", args: '{"a":"' })), result);
  for (let count = 0; count < 50_000; count++) reader.read(chunk(call({ index: 0, args: "xy" })), result);
  reader.read(chunk(call({ index: 0, args: '"}' })), result);
  expect(result.at(-1)).toMatchObject({ type: "block_end", block: { id: "a", input: { a: "xy".repeat(50_000) } } });
});
