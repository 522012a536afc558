/** What payloads mean that no stream of the fixtures has, and that the shortcut past JSON.parse changes nothing. */
import type { ProviderEvent } from "amplifier-core";
import { checkProviderEvents } from "amplifier-testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GeminiTranslator } from "../../src/gemini/gemini-translator.ts";

const call = { url: "http://localhost", headers: {}, provider: "gemini", model: "m" };
const ORIGIN = { provider: "gemini", model: "m" };

interface Outcome {
  readonly events: readonly ProviderEvent[];
  readonly error: unknown;
}

/** The events of an answer; every one is checked against the rules of the port. */
function translated(payloads: readonly (string | object)[], warnings: readonly string[] = []): Outcome {
  const translator = new GeminiTranslator(call, { seed: "1", warnings });
  const events: ProviderEvent[] = [];
  try {
    for (const payload of payloads) {
      translator.read(typeof payload === "string" ? payload : JSON.stringify(payload), events);
    }
    translator.finish(events);
    const check = checkProviderEvents();
    for (const event of events) check(event);
    return { events, error: undefined };
  } catch (error) {
    return { events, error };
  }
}

const parts = (...list: object[]): object => ({ candidates: [{ content: { parts: list, role: "model" } }] });
const finish = (finishReason: string): object => ({ candidates: [{ finishReason }] });
const STOP = finish("STOP");

function blocksOf({ events, error }: Outcome): unknown[] {
  expect(error).toBeUndefined();
  return events.flatMap((event) => (event.type === "block_end" ? [event.block] : []));
}

const reasonOf = ({ events }: Outcome): unknown => events.findLast((event) => event.type === "end")?.finish_reason;

describe("the end of an answer", () => {
  it.each([
    ["STOP", "stop"],
    ["MAX_TOKENS", "length"],
    ["CONTINUATION", "length"],
    ["SAFETY", "content_filter"],
    ["RECITATION", "content_filter"],
    ["BLOCKLIST", "content_filter"],
    ["PROHIBITED_CONTENT", "content_filter"],
    ["SPII", "content_filter"],
    ["MODEL_ARMOR", "content_filter"],
    ["IMAGE_SAFETY", "content_filter"],
    ["OTHER", "unknown"],
    ["A_NEW_WORD", "unknown"],
  ])("with %s means %s", (word, reason) => {
    expect(reasonOf(translated([parts({ text: "x" }), finish(word)]))).toBe(reason);
  });

  it("is that of calls when there are some, and the last word counts", () => {
    const now = parts({ functionCall: { name: "now", args: {} } });
    expect(reasonOf(translated([now, STOP]))).toBe("tool_calls");
    expect(reasonOf(translated([STOP, now, STOP, finish("MAX_TOKENS")]))).toBe("length");
  });

  it.each(["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "MALFORMED_RESPONSE"])(
    "with %s is an error that may be tried again",
    (word) => {
      expect(translated([finish(word)]).error).toMatchObject({ name: "StreamError", retryable: true, ...ORIGIN });
    },
  );

  it("is missing in an answer that only stops", () => {
    expect(translated([parts({ text: "x" })]).error).toMatchObject({ name: "StreamError", ...ORIGIN });
    expect(translated([]).error).toMatchObject({ name: "StreamError" });
  });
});

describe("a prompt that is refused", () => {
  it("is a ContentFilterError with the reason", () => {
    const promptFeedback = { blockReason: "SAFETY", blockReasonMessage: "Not that" };
    expect(translated([{ promptFeedback }]).error).toMatchObject({
      name: "ContentFilterError",
      message: "gemini refused the prompt (SAFETY: Not that). Change the prompt, or what the conversation quotes.",
      retryable: false,
      ...ORIGIN,
    });
  });

  it("is none when only its ratings are told", () => {
    expect(reasonOf(translated([{ promptFeedback: { safetyRatings: [] } }, STOP]))).toBe("stop");
  });
});

describe("what is no answer", () => {
  it.each(["nonsense", "[1]", "null", '"text"'])("%s is a StreamError", (payload) => {
    expect(translated([payload]).error).toMatchObject({ name: "StreamError" });
  });

  it("an error payload is the error it names", () => {
    const error = { code: 429, status: "RESOURCE_EXHAUSTED", message: "Slow down", details: [{ retryDelay: "3s" }] };
    expect(translated([{ error }]).error).toMatchObject({ name: "RateLimitError", status_code: 429, retry_after: 3 });
  });

  it("payloads and parts without anything are ignored", () => {
    expect(blocksOf(translated([{}, { candidates: [] }, { candidates: [{ content: {} }] }, parts({}), STOP]))).toEqual(
      [],
    );
  });
});

describe("calls", () => {
  const begun = (more: object = {}): object =>
    parts({ functionCall: { name: "write", willContinue: true, ...more }, thoughtSignature: "s" });
  const piece = (stringValue: string, willContinue = true): object =>
    parts({ functionCall: { partialArgs: [{ jsonPath: "$.a", stringValue, willContinue }], willContinue: true } });

  it("without ids get their own: the same for the same answer, others within it and in the next", () => {
    const both = [parts({ functionCall: { name: "a" } }, { functionCall: { name: "a" } }), STOP];
    const ids = (answerId: string): string[] =>
      translated([{ responseId: answerId }, ...both]).events.flatMap((event) =>
        event.type === "block_start" && event.block.type === "tool_call" ? event.block.id : [],
      );
    expect(ids("r1")).toEqual(ids("r1"));
    expect(new Set([...ids("r1"), ...ids("r2")]).size).toBe(4);
    expect(ids("r1").every((id) => /^gemini_[0-9a-f]{24}$/.test(id))).toBe(true);
  });

  it("end with their last piece, while the answer goes on", () => {
    const translator = new GeminiTranslator(call, { seed: "1", warnings: [] });
    const typesAfter = (payload: object): string[] => {
      const events: ProviderEvent[] = [];
      translator.read(JSON.stringify(payload), events);
      return events.map(({ type }) => type);
    };
    expect(typesAfter(parts({ functionCall: { name: "now" } }))).toEqual(["block_start", "block_end"]);
    expect(typesAfter(begun())).toEqual(["block_start"]);
    expect(typesAfter(parts({ functionCall: {} }))).toEqual(["block_end"]);
  });

  it("whose arguments were cut off are never run", () => {
    for (const payloads of [
      [begun(), piece("half"), finish("MAX_TOKENS")],
      [begun(), piece("half"), STOP],
      [begun({ id: "c1" }), piece("half"), parts({ functionCall: { name: "next", id: "c2", args: {} } }), STOP],
    ]) {
      expect(blocksOf(translated(payloads))[0]).toMatchObject({
        type: "tool_call",
        name: "write",
        input: {},
        raw_arguments: '{"a":"half',
        interrupted: true,
        signature: "s",
      });
    }
  });

  it("that stop between two values without saying more are whole where the model stopped by itself", () => {
    expect(blocksOf(translated([begun(), piece("all", false), STOP]))).toMatchObject([{ input: { a: "all" } }]);
    expect(blocksOf(translated([begun(), piece("all", false), finish("MAX_TOKENS")]))).toMatchObject([
      { input: {}, raw_arguments: '{"a":"all"', interrupted: true },
    ]);
  });

  it("that repeat their name and id go on, and those with another begin", () => {
    const outcome = translated([
      begun({ id: "c1" }),
      parts({ functionCall: { name: "write", id: "c1", partialArgs: [{ jsonPath: "$.a", numberValue: 1 }] } }),
      parts({ functionCall: { name: "write", id: "c2", args: { a: 2 } } }),
      STOP,
    ]);
    expect(blocksOf(outcome)).toMatchObject([
      { id: "c1", input: { a: 1 }, signature: "s", ...ORIGIN },
      { id: "c2", input: { a: 2 } },
    ]);
  });

  it("whose values come for places that are closed have arguments nobody can read", () => {
    const again = parts({ functionCall: { partialArgs: [{ jsonPath: "$.a", numberValue: 2 }], willContinue: true } });
    const outcome = translated([begun(), piece("x", false), again, parts({ functionCall: {} }), STOP]);
    expect(blocksOf(outcome)).toMatchObject([{ input: {}, raw_arguments: '{"a":"x"' }]);
    expect(blocksOf(outcome)[0]).not.toHaveProperty("interrupted");
  });

  it("that end without having begun are ignored", () => {
    expect(blocksOf(translated([parts({ functionCall: {} }), STOP]))).toEqual([]);
  });

  it("stay open while text comes between their pieces", () => {
    const outcome = translated([begun(), piece("x"), parts({ text: "meanwhile" }), piece("y", false), STOP]);
    expect(blocksOf(outcome)).toMatchObject([{ text: "meanwhile" }, { input: { a: "xy" } }]);
  });
});

describe("beside the answer", () => {
  it("warnings come first", () => {
    expect(translated([STOP], ["top_p left out."]).events[0]).toEqual({ type: "warning", message: "top_p left out." });
  });

  it("counts are told at first and at the end, tools' own tokens count as input, nonsense as nothing", () => {
    const count = (usageMetadata: object): object => ({ usageMetadata });
    const { events } = translated([
      count({ trafficType: "ON_DEMAND" }),
      count({ promptTokenCount: 5, candidatesTokenCount: 1 }),
      count({ promptTokenCount: 5, candidatesTokenCount: 2 }),
      count({ promptTokenCount: 5, candidatesTokenCount: 3, toolUsePromptTokenCount: 7, totalTokenCount: "many" }),
      STOP,
    ]);
    expect(events.filter((event) => event.type === "usage")).toEqual([
      { type: "usage", usage: { input_tokens: 5, output_tokens: 1, total_tokens: 6 } },
      { type: "usage", usage: { input_tokens: 12, output_tokens: 3, total_tokens: 15 } },
    ]);
  });
});

describe("the shortcut past JSON.parse", () => {
  type Shape = (text: string, count: number) => string;
  const google: Shape = (text, count) =>
    `{"candidates":[{"content":{"parts":[{"text":${text}}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":${count},"promptTokensDetails":[{"modality":"TEXT","tokenCount":9}]},"modelVersion":"v","responseId":"r"}`;
  const spaced: Shape = (text, count) =>
    `{"candidates": [{"content": {"role": "model", "parts": [{"thought": true, "text": ${text}}]}}], "usageMetadata": {"thoughtsTokenCount": ${count}, "promptTokenCount": 1}}`;
  /** Like the others, but never twice the same, so that every payload is parsed. */
  const unlike = (payload: string, index: number): string => payload.replace(/^\{/, `{"x${index}":0,`);

  const piece = fc.oneof(
    fc.string({ unit: "grapheme" }).map((text) => JSON.stringify(text)),
    fc.constantFrom(
      '"a","thoughtSignature":"s"',
      '"a"},{"text":"b"',
      '"a"}],"role":"model"},"finishReason":"STOP","x":{"parts":[{"y":"z"',
      '"\\u6f22\\"\\\\"',
      '""',
    ),
  );
  const count = fc.integer({ min: 0, max: 10_000 });

  it("gives the events that parsing every payload gives", () => {
    const answer = fc.array(fc.tuple(fc.constantFrom(google, google, google, spaced), piece, count), { maxLength: 40 });
    fc.assert(
      fc.property(answer, (pieces) => {
        const payloads = pieces.map(([shape, text, tokens]) => shape(text, tokens));
        const parsed = translated([...payloads.map(unlike), STOP]);
        const short = translated([...payloads, STOP]);
        expect(short.events).toEqual(parsed.events);
        expect([short.error, parsed.error]).toEqual([undefined, undefined]);
      }),
      { numRuns: 300 },
    );
  });

  it("is not taken for payloads that say more, however often they came", () => {
    const signed = parts({ text: "x", thoughtSignature: "s" });
    const blocks = blocksOf(translated([...Array.from({ length: 9 }, () => signed), STOP]));
    expect(blocks).toEqual(Array.from({ length: 9 }, () => ({ type: "text", text: "x", signature: "s", ...ORIGIN })));
    const stopped = { candidates: [{ content: { parts: [{ text: "x" }] }, finishReason: "STOP" }] };
    const often = Array.from({ length: 9 }, () => stopped);
    expect(reasonOf(translated([...often, finish("MAX_TOKENS"), stopped]))).toBe("stop");
  });

  it("is taken: the payload is not parsed", () => {
    const translator = new GeminiTranslator(call, { seed: "1", warnings: [] });
    const events: ProviderEvent[] = [];
    for (let token = 0; token < 8; token++) translator.read(google('"w"', token), events);
    const parse = JSON.parse;
    let parsed = 0;
    JSON.parse = (...args: Parameters<typeof parse>): unknown => {
      parsed += 1;
      return parse(...args) as unknown;
    };
    try {
      translator.read(google('"漢字"', 123), events);
      translator.read(google('"line\\n"', 124), events);
    } finally {
      JSON.parse = parse;
    }
    expect(events.slice(-2)).toEqual([
      { type: "block_delta", index: 0, delta: "漢字" },
      { type: "block_delta", index: 0, delta: "line\n" },
    ]);
    // Only the text with an escape in it, and only that text.
    expect(parsed).toBe(1);
  });
});
