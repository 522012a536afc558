import { LLMError, type ContentBlock, type ProviderEvent } from "amplifier-core";
import { describe, expect, it } from "vitest";
import { AnswerTranslator } from "./answer-translator.ts";

const call = { url: "http://localhost/v1/messages", headers: {}, provider: "anthropic", model: "claude-test" };

function translate(payloads: readonly unknown[], warnings?: readonly string[]): ProviderEvent[] {
  const translator = new AnswerTranslator(call, warnings);
  const events: ProviderEvent[] = [];
  for (const payload of payloads) {
    if (translator.read(typeof payload === "string" ? payload : JSON.stringify(payload), events)) return events;
  }
  translator.finish(events);
  return events;
}

const START = { type: "message_start", message: { id: "msg_1", model: "claude-test-1", usage: { input_tokens: 9 } } };
const STOP = { type: "message_stop" };

const open = (index: number, content_block: unknown) => ({ type: "content_block_start", index, content_block });
const delta = (index: number, fragment: unknown) => ({ type: "content_block_delta", index, delta: fragment });
const close = (index: number) => ({ type: "content_block_stop", index });
const finish = (stop_reason: string | null, usage?: unknown) => ({
  type: "message_delta",
  delta: { stop_reason, stop_sequence: null },
  ...(usage === undefined ? {} : { usage }),
});
const end = (finish_reason: string, more: object = {}) => ({
  type: "end",
  finish_reason,
  metadata: { anthropic: {} },
  ...more,
});

/** The events of the blocks alone. */
function blockEvents(payloads: readonly unknown[]): ProviderEvent[] {
  return translate([...payloads, finish("end_turn"), STOP]).filter((event) => "index" in event);
}

function wholeBlocks(payloads: readonly unknown[]): ContentBlock[] {
  return blockEvents(payloads).flatMap((event) => (event.type === "block_end" ? [event.block] : []));
}

describe("the translation of an answer", () => {
  it("turns a text answer into start, deltas, end, usage and the finish", () => {
    const events = translate([
      START,
      open(0, { type: "text", text: "" }),
      { type: "ping" },
      delta(0, { type: "text_delta", text: "Hel" }),
      delta(0, { type: "text_delta", text: "lo" }),
      close(0),
      finish("end_turn", { output_tokens: 5 }),
      STOP,
    ]);
    expect(events).toEqual([
      { type: "usage", usage: { input_tokens: 9, output_tokens: 0, total_tokens: 9 } },
      { type: "block_start", index: 0, block: { type: "text" } },
      { type: "block_delta", index: 0, delta: "Hel" },
      { type: "block_delta", index: 0, delta: "lo" },
      { type: "block_end", index: 0, block: { type: "text", text: "Hello" } },
      { type: "usage", usage: { input_tokens: 9, output_tokens: 5, total_tokens: 14 } },
      end("stop", { model: "claude-test-1", metadata: { anthropic: { id: "msg_1" } } }),
    ]);
  });

  it("keeps a thinking block's signature, provider and the model that was asked for", () => {
    const events = blockEvents([
      open(0, { type: "thinking", thinking: "", signature: "" }),
      delta(0, { type: "thinking_delta", thinking: "Let me" }),
      delta(0, { type: "thinking_delta", thinking: " see" }),
      delta(0, { type: "signature_delta", signature: "sig==" }),
      close(0),
    ]);
    const block = {
      type: "thinking",
      thinking: "Let me see",
      signature: "sig==",
      provider: "anthropic",
      model: "claude-test",
    };
    expect(events).toEqual([
      { type: "block_start", index: 0, block: { type: "thinking" } },
      { type: "block_delta", index: 0, delta: "Let me" },
      { type: "block_delta", index: 0, delta: " see" },
      { type: "block_end", index: 0, block },
    ]);
  });

  it("keeps a thinking block whose text the API left out, since its signature is needed", () => {
    const blocks = wholeBlocks([
      open(0, { type: "thinking", thinking: "", signature: "" }),
      delta(0, { type: "signature_delta", signature: "sig" }),
      close(0),
    ]);
    expect(blocks).toEqual([
      { type: "thinking", thinking: "", signature: "sig", provider: "anthropic", model: "claude-test" },
    ]);
  });

  it("keeps redacted thinking with its origin", () => {
    expect(wholeBlocks([open(0, { type: "redacted_thinking", data: "opaque" }), close(0)])).toEqual([
      { type: "redacted_thinking", data: "opaque", provider: "anthropic", model: "claude-test" },
    ]);
  });

  it("gathers a tool call's input from its fragments", () => {
    const events = blockEvents([
      open(0, { type: "tool_use", id: "toolu_1", name: "clock", input: {} }),
      delta(0, { type: "input_json_delta", partial_json: "" }),
      delta(0, { type: "input_json_delta", partial_json: '{"zone":' }),
      delta(0, { type: "input_json_delta", partial_json: '"Oslo"}' }),
      close(0),
    ]);
    expect(events).toEqual([
      { type: "block_start", index: 0, block: { type: "tool_call", id: "toolu_1", name: "clock" } },
      { type: "block_delta", index: 0, delta: '{"zone":' },
      { type: "block_delta", index: 0, delta: '"Oslo"}' },
      {
        type: "block_end",
        index: 0,
        block: { type: "tool_call", id: "toolu_1", name: "clock", input: { zone: "Oslo" } },
      },
    ]);
  });

  it("shows an input that came whole with the block's start as one delta, and keeps who called", () => {
    const caller = { type: "code_execution_20250825", tool_id: "srvtoolu_1" };
    const events = blockEvents([
      open(0, { type: "tool_use", id: "toolu_1", name: "roll", input: { player: 1 }, caller }),
      close(0),
    ]);
    expect(events).toEqual([
      { type: "block_start", index: 0, block: { type: "tool_call", id: "toolu_1", name: "roll" } },
      { type: "block_delta", index: 0, delta: '{"player":1}' },
      {
        type: "block_end",
        index: 0,
        block: { type: "tool_call", id: "toolu_1", name: "roll", input: { player: 1 }, caller },
      },
    ]);
  });

  it.each([
    ["nothing", "", { input: {} }],
    ["white space", " \n", { input: {} }],
    ["half an object", '{"a":', { input: {}, raw_arguments: '{"a":' }],
    ["an array", "[1]", { input: {}, raw_arguments: "[1]" }],
    ["null", "null", { input: {}, raw_arguments: "null" }],
    ["an object and more", '{"a":1} x', { input: {}, raw_arguments: '{"a":1} x' }],
  ])("makes of a tool input that is %s what can be said of it", (_, text, expected) => {
    const [block] = wholeBlocks([
      open(0, { type: "tool_use", id: "t", name: "n", input: {} }),
      delta(0, { type: "input_json_delta", partial_json: text }),
      close(0),
    ]);
    expect(block).toEqual({ type: "tool_call", id: "t", name: "n", ...expected });
  });

  it("gathers 100 kB of input from fragments of one character", () => {
    const text = JSON.stringify({ content: "x".repeat(100_000) });
    const fragments = text.split("").map((partial_json) => delta(0, { type: "input_json_delta", partial_json }));
    const [block] = wholeBlocks([open(0, { type: "tool_use", id: "t", name: "n", input: {} }), ...fragments, close(0)]);
    expect(block).toEqual({ type: "tool_call", id: "t", name: "n", input: JSON.parse(text) as object });
  });

  it("numbers blocks by their start, keeps interleaved ones apart and closes at the end what was left open", () => {
    const events = blockEvents([
      open(4, { type: "text", text: "Hi" }),
      open(7, { type: "tool_use", id: "t", name: "n", input: {} }),
      delta(4, { type: "text_delta", text: " there" }),
      delta(7, { type: "input_json_delta", partial_json: "{}" }),
      close(4),
      open(4, { type: "text", text: "" }),
      delta(4, { type: "text_delta", text: "again" }),
    ]);
    expect(events).toEqual([
      { type: "block_start", index: 0, block: { type: "text" } },
      { type: "block_delta", index: 0, delta: "Hi" },
      { type: "block_start", index: 1, block: { type: "tool_call", id: "t", name: "n" } },
      { type: "block_delta", index: 0, delta: " there" },
      { type: "block_delta", index: 1, delta: "{}" },
      { type: "block_end", index: 0, block: { type: "text", text: "Hi there" } },
      { type: "block_start", index: 2, block: { type: "text" } },
      { type: "block_delta", index: 2, delta: "again" },
      { type: "block_end", index: 1, block: { type: "tool_call", id: "t", name: "n", input: {} } },
      { type: "block_end", index: 2, block: { type: "text", text: "again" } },
    ]);
  });

  it("keeps citations on their text block", () => {
    const citation = { type: "web_search_result_location", url: "https://example.org", cited_text: "x" };
    const blocks = wholeBlocks([
      open(0, { type: "text", text: "", citations: [] }),
      delta(0, { type: "citations_delta", citation }),
      delta(0, { type: "text_delta", text: "So" }),
      close(0),
    ]);
    expect(blocks).toEqual([{ type: "text", text: "So", citations: [citation] }]);
  });

  it("keeps server tools and blocks it does not know as opaque blocks, with what their deltas added", () => {
    const origin = { provider: "anthropic", model: "claude-test" };
    const result = { type: "web_search_tool_result", tool_use_id: "s", content: [{ url: "u" }] };
    const blocks = wholeBlocks([
      open(0, { type: "server_tool_use", id: "s", name: "web_search", input: {} }),
      delta(0, { type: "input_json_delta", partial_json: '{"query":' }),
      delta(0, { type: "input_json_delta", partial_json: '"news"}' }),
      close(0),
      open(1, result),
      close(1),
      open(2, { type: "compaction", content: null }),
      delta(2, { type: "compaction_delta", content: "All " }),
      delta(2, { type: "compaction_delta", content: "said." }),
      close(2),
    ]);
    expect(blocks).toEqual([
      {
        type: "opaque",
        data: { type: "server_tool_use", id: "s", name: "web_search", input: { query: "news" } },
        ...origin,
      },
      { type: "opaque", data: result, ...origin },
      { type: "opaque", data: { type: "compaction", content: "All said." }, ...origin },
    ]);
  });

  it("ignores events and deltas it does not know, and fragments of nothing", () => {
    const events = blockEvents([
      { type: "brand_new" },
      "[]",
      open(0, { type: "text", text: "" }),
      open(1, null),
      delta(0, { type: "new_delta", text: "?" }),
      delta(0, null),
      delta(0, { type: "text_delta", text: "" }),
      delta(0, { type: "text_delta", text: 5 }),
      close(0),
      close(9),
    ]);
    expect(events).toEqual([
      { type: "block_start", index: 0, block: { type: "text" } },
      { type: "block_end", index: 0, block: { type: "text", text: "" } },
    ]);
  });

  it.each([
    ["end_turn", "stop"],
    ["stop_sequence", "stop"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["tool_use", "tool_calls"],
    ["pause_turn", "pause"],
    ["refusal", "refusal"],
    ["something_new", "unknown"],
  ])("calls the stop reason %s %s", (stopReason, expected) => {
    expect(translate([finish(stopReason), STOP])).toEqual([end(expected)]);
  });

  it.each([[[STOP]], [[finish(null), STOP]]])(
    "takes no message without a stop reason for a whole one: %j",
    (payloads) => {
      expect(() => translate(payloads)).toThrow(expect.objectContaining({ name: "StreamError" }));
    },
  );

  it("hands back what the finish says beyond its reason", () => {
    const details = { type: "refusal", category: "cyber" };
    const container = { id: "container_1", expires_at: "2026-11-23T00:00:00Z" };
    const payload = {
      type: "message_delta",
      delta: { stop_reason: "stop_sequence", stop_sequence: "END", stop_details: details, container },
    };
    expect(translate([payload, STOP])).toEqual([
      end("stop", { metadata: { anthropic: { stop_sequence: "END", stop_details: details, container } } }),
    ]);
  });

  it("counts cache reads as input and cache writes apart, the newest report of each count wins", () => {
    const message = {
      id: "m",
      model: "claude-test-1",
      usage: { input_tokens: 10, cache_read_input_tokens: 100, cache_creation_input_tokens: 7, output_tokens: 1 },
    };
    const report = { input_tokens: 12, output_tokens: 30, output_tokens_details: { thinking_tokens: 20 } };
    const events = translate([{ type: "message_start", message }, finish("end_turn", report), STOP]);
    expect(events.filter((event) => event.type === "usage").map((event) => event.usage)).toEqual([
      { input_tokens: 110, output_tokens: 1, total_tokens: 111, cache_read_tokens: 100, cache_write_tokens: 7 },
      {
        input_tokens: 112,
        output_tokens: 30,
        total_tokens: 142,
        reasoning_tokens: 20,
        cache_read_tokens: 100,
        cache_write_tokens: 7,
      },
    ]);
  });

  it("gives the request's warnings first, once", () => {
    expect(translate([finish("end_turn"), STOP], ["temperature left out."])).toEqual([
      { type: "warning", message: "temperature left out." },
      end("stop"),
    ]);
  });

  it.each([
    ["no stop reason", [close(0)]],
    ["an open block", [finish("end_turn")]],
  ])("takes nothing for whole that ends with %s", (_, last) => {
    const payloads = [open(0, { type: "text", text: "Half" }), ...last];
    expect(() => translate(payloads)).toThrow(expect.objectContaining({ name: "StreamError", retryable: true }));
  });

  it("takes for whole what ends with its stop reason: message_stop says nothing more", () => {
    const payloads = [open(0, { type: "text", text: "Whole" }), close(0), finish("end_turn")];
    expect(translate(payloads)).toEqual(translate([...payloads, STOP]));
  });

  it.each([
    ["a payload that is not JSON", ["<html>"], "a payload is not JSON: <html>"],
    ["a fragment of a block that never started", [delta(3, { type: "text_delta", text: "x" })], "block 3"],
  ])("calls %s a broken stream", (_, payloads, words) => {
    expect(() => translate(payloads)).toThrow(
      expect.objectContaining({ name: "StreamError", message: expect.stringContaining(words) as string }),
    );
  });

  it.each([
    ["overloaded_error", "Overloaded", "ProviderUnavailableError"],
    ["rate_limit_error", "Slow down", "RateLimitError"],
    ["api_error", "Internal server error", "ProviderUnavailableError"],
    ["timeout_error", "Too slow", "LLMTimeoutError"],
    ["authentication_error", "invalid x-api-key", "AuthenticationError"],
    ["permission_error", "no", "AccessDeniedError"],
    ["not_found_error", "model: x", "NotFoundError"],
    ["invalid_request_error", "messages: wrong", "InvalidRequestError"],
    ["invalid_request_error", "prompt is too long: 213462 tokens > 200000 maximum", "ContextLengthError"],
    ["billing_error", "no credit", "QuotaExceededError"],
  ])("throws for the error event %s (%s) a %s", (type, message, name) => {
    const thrown = (): unknown => translate([START, { type: "error", error: { type, message } }]);
    expect(thrown).toThrow(LLMError);
    expect(thrown).toThrow(expect.objectContaining({ name, provider: "anthropic", model: "claude-test" }));
    expect(thrown).toThrow(message);
  });
});
