/** The shortcut past JSON.parse gives the events that parsing every payload gives. */
import type { ProviderEvent } from "amplifier-core";
import fc from "fast-check";
import { expect, it } from "vitest";
import { ResponsesTranslator } from "./responses-translator.ts";

const call = { url: "http://localhost", headers: {}, provider: "openai", model: "m" };

interface Outcome {
  readonly events: readonly ProviderEvent[];
  readonly error: string | undefined;
}

function translated(payloads: readonly string[]): Outcome {
  const translator = new ResponsesTranslator(call);
  const events: ProviderEvent[] = [];
  try {
    for (const payload of payloads) translator.read(payload, events);
    return { events, error: undefined };
  } catch (error) {
    return { events, error: String(error).slice(0, 40) };
  }
}

/** A payload with a fragment: its number, its item, its text as JSON. */
type Shape = (number: number, item: number, delta: string) => string;
const openai: Shape = (number, item, delta) =>
  `{"type":"response.output_text.delta","sequence_number":${number},"item_id":"msg_${item}","output_index":${item},"content_index":0,"delta":${delta},"logprobs":[],"obfuscation":"x${number}"}`;
const sorted: Shape = (number, item, delta) =>
  `{"content_index": 0, "delta": ${delta}, "item_id": "e${number}", "output_index": ${item}, "sequence_number": ${number}, "type": "response.output_text.delta"}`;
const summary: Shape = (number, item, delta) =>
  `{"type":"response.reasoning_summary_text.delta","sequence_number":${number},"item_id":"rs","output_index":${item},"summary_index":${number % 2},"delta":${delta}}`;
const input: Shape = (number, _, delta) =>
  `{"type":"response.function_call_arguments.delta","sequence_number":${number},"item_id":"fc","output_index":9,"delta":${delta},"obfuscation":"${number}"}`;

const BEGIN =
  '{"type":"response.output_item.added","output_index":9,"item":{"type":"function_call","call_id":"c","name":"n"}}';
const END = '{"type":"response.incomplete","response":{}}';

/** Like the others, but never twice the same, so that every payload is parsed. */
const unlike = (payload: string, index: number): string => payload.replace(/^\{/, `{"x${index}":0,`);

const delta = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: "grapheme" }).map((text) => JSON.stringify(text)) },
  fc.constantFrom(
    '"a","delta":"b"',
    '"a","output_index":1,"y":"b"',
    '"a","sequence_number":1,"y":"b"',
    String.raw`"\u6f22\"\\"`,
    String.raw`"\x"`,
    '""',
    "null",
  ),
);
const runOf = (shape: Shape) =>
  fc.tuple(fc.constant(shape), fc.integer({ min: 0, max: 1 }), fc.array(delta, { minLength: 1, maxLength: 12 }));
const runs = fc.array(fc.oneof(...[openai, openai, sorted, summary, input].map(runOf)), { maxLength: 8 });

it("for any texts, in any order of items, with numbers in front of the text or behind it", () => {
  fc.assert(
    fc.property(runs, (answer) => {
      let number = 0;
      const payloads = answer.flatMap(([shape, item, deltas]) => deltas.map((text) => shape(number++, item, text)));
      const short = translated([BEGIN, ...payloads, END]);
      const parsed = translated([BEGIN, ...payloads.map(unlike), END]);
      expect(short).toEqual(parsed);
    }),
    { numRuns: 400 },
  );
});

it("and is taken: of a run of fragments only the first are parsed", () => {
  const translator = new ResponsesTranslator(call);
  const events: ProviderEvent[] = [];
  translator.read(BEGIN, events);
  for (const shape of [openai, sorted, input]) {
    for (let number = 0; number < 6; number++) translator.read(shape(number, 0, '"w"'), events);
    const parse = JSON.parse;
    let parsed = 0;
    JSON.parse = (...args: Parameters<typeof parse>): unknown => {
      parsed += 1;
      return parse(...args) as unknown;
    };
    try {
      translator.read(shape(12_345, 0, '"漢字"'), events);
    } finally {
      JSON.parse = parse;
    }
    expect([parsed, events.at(-1)]).toEqual([0, expect.objectContaining({ type: "block_delta", delta: "漢字" })]);
  }
});
