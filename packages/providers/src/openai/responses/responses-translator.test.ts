/** What payloads mean that no stream of the fixtures has: what servers leave out, do twice, or get wrong. */
import type { ProviderEvent } from "amplifier-core";
import { checkProviderEvents } from "amplifier-testkit";
import { describe, expect, it } from "vitest";
import { ResponsesTranslator } from "./responses-translator.ts";

const call = { url: "http://localhost", headers: {}, provider: "openai", model: "m" };
const ORIGIN = { provider: "openai", model: "m" };

interface Outcome {
  readonly events: readonly ProviderEvent[];
  readonly error: unknown;
}

/** The events of an answer; every one is checked against the rules of the port. */
function translated(payloads: readonly (string | object)[], warnings?: readonly string[]): Outcome {
  const translator = new ResponsesTranslator(call, warnings);
  const events: ProviderEvent[] = [];
  try {
    const texts = payloads.map((payload) => (typeof payload === "string" ? payload : JSON.stringify(payload)));
    if (!texts.some((text) => translator.read(text, events))) translator.finish();
    const check = checkProviderEvents();
    for (const event of events) check(event);
    return { events, error: undefined };
  } catch (error) {
    return { events, error };
  }
}

const added = (item: object, output_index = 0): object => ({ type: "response.output_item.added", output_index, item });
const done = (item: object, output_index = 0): object => ({ type: "response.output_item.done", output_index, item });
const text = (delta: string, more: object = {}): object => ({ type: "response.output_text.delta", delta, ...more });
const completed = (response: object = {}): object => ({ type: "response.completed", response });
const incomplete = (reason?: string): object => ({
  type: "response.incomplete",
  response: { incomplete_details: reason === undefined ? null : { reason } },
});
const END = completed();

const CALL = { type: "function_call", call_id: "c1", name: "write", arguments: "" };
const argumentsOf = (delta: string): object => ({ type: "response.function_call_arguments.delta", delta });

function blocksOf({ events, error }: Outcome): unknown[] {
  expect(error).toBeUndefined();
  return events.flatMap((event) => (event.type === "block_end" ? [event.block] : []));
}

const endOf = ({ events }: Outcome): unknown => events.findLast((event) => event.type === "end");
const reasonOf = (outcome: Outcome): unknown => (endOf(outcome) as { finish_reason: unknown }).finish_reason;
const warningsOf = ({ events }: Outcome): unknown[] =>
  events.flatMap((event) => (event.type === "warning" ? [event.message] : []));

describe("the end of an answer", () => {
  it.each([
    ["max_output_tokens", "length"],
    ["max_tokens", "length"],
    ["content_filter", "content_filter"],
    ["a_new_word", "unknown"],
    [undefined, "unknown"],
  ])("that is incomplete because of %s means %s", (word, reason) => {
    const outcome = translated([text("x"), incomplete(word)]);
    expect(reasonOf(outcome)).toBe(reason);
    expect(endOf(outcome)).toMatchObject({ metadata: { openai: { incomplete: word ?? "unknown" } } });
  });

  it("may say in response.completed that it is incomplete", () => {
    const details = { incomplete_details: { reason: "max_output_tokens" } };
    expect(reasonOf(translated([completed(details)]))).toBe("length");
    expect(reasonOf(translated([completed({ incomplete_details: null })]))).toBe("stop");
  });

  it("is that of calls when there are some, whatever was refused", () => {
    const refusal = { type: "response.refusal.delta", delta: "No." };
    expect(reasonOf(translated([refusal, END]))).toBe("refusal");
    expect(reasonOf(translated([refusal, done(CALL, 1), END]))).toBe("tool_calls");
    expect(reasonOf(translated([added(CALL), incomplete("max_output_tokens")]))).toBe("length");
  });

  it("is missing in an answer that only stops, also with the mark of other wires", () => {
    for (const payloads of [[], [text("x")], [text("x"), "[DONE]"]]) {
      expect(translated(payloads).error).toMatchObject({ name: "StreamError", retryable: true, ...ORIGIN });
    }
  });

  it("has the id and the model of the newest event that says them", () => {
    const outcome = translated([
      { type: "response.created", response: { id: "r1", model: "m-1" } },
      completed({ id: "r1", model: "m-2" }),
    ]);
    expect(endOf(outcome)).toEqual({
      type: "end",
      finish_reason: "stop",
      model: "m-2",
      metadata: { openai: { id: "r1" } },
    });
  });
});

describe("a failure", () => {
  it.each<[object, object]>([
    [
      { code: "server_error", message: "Oops" },
      { name: "ProviderUnavailableError", retryable: true },
    ],
    [
      { code: "rate_limit_exceeded", message: "Slow down" },
      { name: "RateLimitError", retryable: true },
    ],
    [
      { code: "insufficient_quota", message: "Pay" },
      { name: "QuotaExceededError", retryable: false },
    ],
    [
      { code: "context_length_exceeded", message: "Too long" },
      { name: "ContextLengthError", retryable: false },
    ],
    [
      { code: "invalid_prompt", message: "Flagged" },
      { name: "ContentFilterError", retryable: false },
    ],
    [
      { code: "bio_policy", message: "No" },
      { name: "ContentFilterError", retryable: false },
    ],
    [
      { code: "image_content_policy_violation", message: "No" },
      { name: "ContentFilterError", retryable: false },
    ],
    [
      { code: "vector_store_timeout", message: "Late" },
      { name: "LLMTimeoutError", retryable: true },
    ],
    [
      { code: "invalid_image_url", message: "Where?" },
      { name: "InvalidRequestError", retryable: false },
    ],
    [
      { code: "image_too_large", message: "Big" },
      { name: "InvalidRequestError", retryable: false },
    ],
    [
      { code: "failed_to_download_image", message: "Gone" },
      { name: "InvalidRequestError", retryable: false },
    ],
    [
      { code: "data_residency_mismatch", message: "Elsewhere" },
      { name: "InvalidRequestError", retryable: false },
    ],
    [
      { code: "a_new_word", message: "Hm" },
      { name: "StreamError", retryable: true },
    ],
  ])("%j is the error it names, as response.failed, as an error event of either form, and without a type", (...row) => {
    const [error, expected] = row;
    const { message } = error as { message: string };
    for (const payload of [
      { type: "response.failed", response: { status: "failed", error } },
      { type: "error", ...error, param: null },
      { type: "error", error: { type: "some_error", ...error } },
      { error },
    ]) {
      const outcome = translated([text("Half"), payload]);
      expect(outcome.error).toMatchObject({ ...expected, ...ORIGIN });
      expect(String(outcome.error)).toContain(message);
      expect(outcome.events.map(({ type }) => type)).toEqual(["block_start", "block_delta"]);
    }
  });

  it("without a reason is a StreamError that says so", () => {
    for (const response of [{ error: null }, {}]) {
      const { error } = translated([{ type: "response.failed", response }]);
      expect(error).toMatchObject({ name: "StreamError", ...ORIGIN });
      expect(String(error)).toContain("did not say why");
    }
  });

  it.each(["nonsense", "[1]", "null", '"text"'])("%s is a StreamError", (payload) => {
    expect(translated([payload]).error).toMatchObject({ name: "StreamError", ...ORIGIN });
  });
});

describe("calls", () => {
  it("end with their item, while the answer goes on", () => {
    const translator = new ResponsesTranslator(call);
    const typesAfter = (payload: object): string[] => {
      const events: ProviderEvent[] = [];
      translator.read(JSON.stringify(payload), events);
      return events.map(({ type }) => type);
    };
    expect(typesAfter(added(CALL))).toEqual(["block_start"]);
    expect(typesAfter(argumentsOf('{"a":1}'))).toEqual(["block_delta"]);
    expect(typesAfter(done({ ...CALL, arguments: '{"a":1}' }))).toEqual(["block_end"]);
  });

  it.each([
    ["no arguments", [added(CALL), done(CALL)], { input: {} }],
    ["arguments at its end only", [done({ ...CALL, arguments: '{"a":1}' })], { input: { a: 1 } }],
    ["arguments only as fragments", [added(CALL), argumentsOf('{"a":1}'), done(CALL)], { input: { a: 1 } }],
    [
      "fragments that lack their last",
      [added(CALL), argumentsOf('{"a"'), done({ ...CALL, arguments: '{"a":1}' })],
      { input: { a: 1 } },
    ],
    [
      "fragments unlike its end, which were shown",
      [added(CALL), argumentsOf('{"a":1}'), done({ ...CALL, arguments: '{"b":222}' })],
      { input: { a: 1 } },
    ],
    ["no end of its own", [added(CALL), argumentsOf('{"a":1}')], { input: { a: 1 } }],
    ["an array for arguments", [done({ ...CALL, arguments: "[1]" })], { input: {}, raw_arguments: "[1]" }],
    ["text for arguments", [done({ ...CALL, arguments: "oops" })], { input: {}, raw_arguments: "oops" }],
  ])("with %s have what came", (_, payloads, expected) => {
    expect(blocksOf(translated([...payloads, END]))).toEqual([
      { type: "tool_call", id: "c1", name: "write", ...expected },
    ]);
  });

  it("whose item or answer is incomplete are never run, even where their text is whole", () => {
    const whole = '{"a":1}';
    for (const payloads of [
      [added(CALL), argumentsOf(whole), incomplete("max_output_tokens")],
      [done({ ...CALL, arguments: whole, status: "incomplete" }), incomplete("max_output_tokens")],
      [done({ ...CALL, arguments: whole, status: "incomplete" }), END],
    ]) {
      const [block] = blocksOf(translated(payloads));
      expect(block).toMatchObject({ id: "c1", input: {}, raw_arguments: whole, interrupted: true });
    }
  });

  it("of tools with free input have it as a member of an object, also when it is empty, odd, or cut off", () => {
    const item = { type: "custom_tool_call", call_id: "c1", name: "patch", input: "" };
    const piece = (delta: string): object => ({ type: "response.custom_tool_call_input.delta", delta });
    const openai = { type: "custom_tool_call" };
    const common = { type: "tool_call", id: "c1", name: "patch", openai };
    expect(blocksOf(translated([added(item), done(item), END]))).toEqual([{ ...common, input: { input: "" } }]);
    expect(blocksOf(translated([done({ ...item, input: '{"a"\n' }), END]))).toEqual([
      { ...common, input: { input: '{"a"\n' } },
    ]);
    // Half a character in each fragment.
    expect(blocksOf(translated([added(item), piece("\ud83d"), piece("\ude42"), done(item), END]))).toEqual([
      { ...common, input: { input: "🙂" } },
    ]);
    expect(blocksOf(translated([added(item), piece('say "'), incomplete("max_output_tokens")]))).toEqual([
      { ...common, input: {}, raw_arguments: '{"input":"say \\"', interrupted: true },
    ]);
  });

  it("keep what else their item says, to be handed back", () => {
    const item = {
      ...CALL,
      id: "fc_1",
      namespace: "crm",
      caller: { type: "program", caller_id: "p" },
      status: "x",
      no: null,
    };
    const openai = { namespace: "crm", caller: { type: "program", caller_id: "p" } };
    expect(blocksOf(translated([added(item), done(item), END]))).toEqual([
      { type: "tool_call", id: "c1", name: "write", input: {}, openai },
    ]);
  });

  it("without a call id have that of their item", () => {
    const item = { type: "function_call", id: "fc_1", name: "now" };
    expect(blocksOf(translated([added(item), done(item), END]))).toMatchObject([{ id: "fc_1", input: {} }]);
  });

  it("that are not known to have begun show nothing until they do", () => {
    const outcome = translated([argumentsOf('{"a"'), done({ ...CALL, arguments: '{"a":1}' }), END]);
    expect(blocksOf(outcome)).toMatchObject([{ id: "c1", input: { a: 1 } }]);
  });
});

describe("reasoning", () => {
  const item = { id: "rs_1", type: "reasoning", summary: [], encrypted_content: "sealed" };

  it("is kept whole as it ended, not as it began", () => {
    const outcome = translated([added({ ...item, encrypted_content: "first" }), done(item), END]);
    expect(blocksOf(outcome)).toEqual([{ ...item, content: [], ...ORIGIN }]);
  });

  it("that is not sealed is not kept: nobody knows its id", () => {
    for (const encrypted_content of [null, "", undefined]) {
      expect(blocksOf(translated([done({ ...item, encrypted_content }), END]))).toEqual([]);
    }
  });

  it("that was summarized without events of parts, or only at its end, is shown in parts", () => {
    const piece = (delta: string, summary_index: number): object => ({
      type: "response.reasoning_summary_text.delta",
      summary_index,
      delta,
    });
    const summary = ["One.", "Two."].map((words) => ({ type: "summary_text", text: words }));
    const thoughts = ["One.", "Two."].map((thinking) => ({ type: "thinking", thinking, ...ORIGIN }));
    const begun = translated([
      added(item),
      piece("One", 0),
      piece(".", 0),
      piece("Two.", 1),
      done({ ...item, summary }),
      END,
    ]);
    expect(blocksOf(begun).slice(0, 2)).toEqual(thoughts);
    expect(blocksOf(translated([done({ ...item, summary }), END])).slice(0, 2)).toEqual(thoughts);
  });

  it("is open in no block while the model thinks on, so that it may take its time", () => {
    const open = (payloads: readonly object[]): number => {
      const types = translated(payloads).events.map(({ type }) => type);
      return (
        types.filter((type) => type === "block_start").length - types.filter((type) => type === "block_end").length
      );
    };
    const part = (type: string): object => ({
      type: `response.reasoning_summary_part.${type}`,
      part: { type: "summary_text", text: "" },
    });
    expect([
      open([added(item)]),
      open([added(item), part("added")]),
      open([added(item), part("added"), part("done")]),
    ]).toEqual([0, 1, 0]);
  });
});

describe("what the API's own tools did", () => {
  const search = { id: "ws_1", type: "web_search_call", status: "in_progress" };

  it("is marked as cut off when its end never came, so that it is not handed back", () => {
    for (const last of [END, incomplete("max_output_tokens")]) {
      expect(blocksOf(translated([added(search), last]))).toEqual([
        { type: "opaque", data: search, interrupted: true, ...ORIGIN },
      ]);
    }
  });

  it("is kept whatever its kind is", () => {
    const item = { id: "x", type: "a_new_kind", anything: [1] };
    expect(blocksOf(translated([done(item), END]))).toEqual([{ type: "opaque", data: item, ...ORIGIN }]);
  });
});

describe("servers that leave things out", () => {
  it("may number every item 0: one ends where the next begins", () => {
    const message = { type: "message", role: "assistant", content: [] };
    const outcome = translated([
      added(message),
      text("One"),
      added(CALL),
      argumentsOf("{}"),
      added(message),
      text("Two"),
      done({ ...message, content: [{ type: "output_text", text: "Two" }] }),
      END,
    ]);
    expect(blocksOf(outcome)).toMatchObject([{ text: "One" }, { id: "c1", input: {} }, { text: "Two" }]);
  });

  it("may send fragments behind the end of their part, which are ignored", () => {
    const part = { type: "response.content_part.done", part: { type: "output_text", text: "Yes" } };
    expect(blocksOf(translated([text("Yes"), part, text("No"), END]))).toEqual([{ type: "text", text: "Yes" }]);
    // Also where they come by a shortcut by now.
    const often = Array.from({ length: 9 }, () => text("Yes"));
    expect(blocksOf(translated([...often, part, text("No"), END]))).toEqual([{ type: "text", text: "Yes".repeat(9) }]);
  });

  it("may send parts, items and events of any form that say nothing", () => {
    const payloads = [
      {},
      { type: "response.content_part.added" },
      { type: "response.content_part.added", part: { type: "output_audio" } },
      { type: "response.output_text.delta", delta: { not: "text" } },
      { type: "response.output_text.delta" },
      { type: "response.output_item.done" },
      { type: "response.output_item.done", item: { type: "message", content: "odd" } },
    ];
    const { error, events } = translated([...payloads, END]);
    expect(error).toBeUndefined();
    expect(events.filter(({ type }) => type === "block_delta")).toEqual([]);
  });

  it("may cite twice: what the end of the part says counts", () => {
    const cite = (n: number): object => ({ type: "url_citation", n });
    const annotation = (n: number): object => ({ type: "response.output_text.annotation.added", annotation: cite(n) });
    const part = (annotations: readonly object[]): object => ({
      type: "response.content_part.done",
      part: { type: "output_text", text: "x", annotations },
    });
    const citationsAfter = (last: object): unknown =>
      blocksOf(translated([text("x"), annotation(1), last, END])).map(
        (block) => (block as { citations: unknown }).citations,
      );
    expect(citationsAfter(part([cite(1), cite(2)]))).toEqual([[cite(1), cite(2)]]);
    expect(citationsAfter(part([]))).toEqual([[cite(1)]]);
  });
});

describe("beside the answer", () => {
  it("warnings come first", () => {
    expect(translated([END], ["top_p left out."]).events[0]).toEqual({ type: "warning", message: "top_p left out." });
  });

  it("unknown events are counted and told once, five names at most", () => {
    const unknown = Array.from({ length: 7 }, (_, index) => ({ type: `response.new_${index}.done` }));
    expect(warningsOf(translated([...unknown, ...unknown, END]))).toEqual([
      "openai sent 14 events of unknown types, which were ignored: " +
        "response.new_0.done, response.new_1.done, response.new_2.done, response.new_3.done, response.new_4.done",
    ]);
  });

  it.each([
    "response.queued",
    "response.in_progress",
    "response.output_text.done",
    "response.reasoning_summary_text.done",
    "response.file_search_call.searching",
    "response.image_generation_call.partial_image",
    "response.code_interpreter_call_code.delta",
    "response.mcp_list_tools.failed",
    "response.mcp_call_arguments.done",
    "response.custom_tool_call_input.done",
    "response.apply_patch_call_operation_diff.delta",
    "keepalive",
  ])("%s is known and says nothing", (type) => {
    expect(warningsOf(translated([{ type }, END]))).toEqual([]);
  });

  it("tokens written to the cache are no input of ours, and nonsense counts as nothing", () => {
    const usage = {
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 30, cache_write_tokens: 50 },
      output_tokens: 7,
      output_tokens_details: { reasoning_tokens: "some" },
      total_tokens: 107,
    };
    const { events } = translated([completed({ usage })]);
    expect(events[0]).toEqual({
      type: "usage",
      usage: {
        input_tokens: 50,
        output_tokens: 7,
        total_tokens: 107,
        cache_read_tokens: 30,
        cache_write_tokens: 50,
      },
    });
  });
});
