import type { ProviderEvent } from "amplifier-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AnswerTranslator } from "./answer-translator.ts";

const call = { url: "http://localhost/v1/messages", headers: {}, provider: "anthropic", model: "claude-test" };

const KINDS = [
  { block: { type: "text", text: "" }, type: "text_delta", field: "text" },
  { block: { type: "thinking", thinking: "" }, type: "thinking_delta", field: "thinking" },
  { block: { type: "tool_use", id: "t", name: "n", input: {} }, type: "input_json_delta", field: "partial_json" },
] as const;

type Kind = (typeof KINDS)[number];

const prefixOf = ({ type, field }: Kind): string =>
  `{"type":"content_block_delta","index":0,"delta":{"type":"${type}","${field}":`;

/** What one payload does after the block has started: its events, or the name of the error. */
function effectOf(kind: Kind, payload: string): unknown {
  const translator = new AnswerTranslator(call);
  const events: ProviderEvent[] = [];
  translator.read(JSON.stringify({ type: "content_block_start", index: 0, content_block: kind.block }), events);
  events.length = 0;
  try {
    translator.read(payload, events);
    return events;
  } catch (error) {
    return (error as Error).name;
  }
}

/** The same by the long way: a space before the first brace is no change to JSON, and no payload of the short way. */
const longWay = (kind: Kind, payload: string): unknown => effectOf(kind, ` ${payload}`);

const kind = fc.constantFrom(...KINDS);

describe("the short way for fragments", () => {
  it("finds in every fragment what parsing the whole payload finds, however its text is escaped and padded", () => {
    const text = fc.string({ unit: "binary", maxLength: 40 });
    const padding = fc.string({ unit: fc.constant(" "), maxLength: 12 });
    fc.assert(
      fc.property(kind, text, fc.record({ padding, ascii: fc.boolean() }), (kind, text, { padding, ascii }) => {
        const plain = JSON.stringify(text);
        const literal = ascii ? plain.replace(/[^ -~]/g, (unit) => `\\u${hex(unit)}`) : plain;
        const payload = `${prefixOf(kind)}${literal}}${padding}}`;
        const expected = text === "" ? [] : [{ type: "block_delta", index: 0, delta: text }];
        expect(effectOf(kind, payload)).toEqual(expected);
        expect(longWay(kind, payload)).toEqual(expected);
      }),
    );
  });

  it("does with every payload that only begins like a fragment what parsing the whole does", () => {
    const pieces = ['"', "\\", '\\"', "}", "{", " ", ",", ":", "a", "5", "null", "[]", "\n", "\u0001", "\\u00e9", "é"];
    const members = [',"text":"b"', '},"index":7', '},"type":"ping"', '"index":0', '"a"', "}}", "} }"];
    const tail = fc.array(fc.constantFrom(...pieces, ...members), { maxLength: 8 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(kind, tail, fc.boolean(), (kind, tail, closed) => {
        const payload = prefixOf(kind) + tail + (closed ? "}}" : "");
        expect(effectOf(kind, payload)).toEqual(longWay(kind, payload));
      }),
      { numRuns: 2_000 },
    );
  });
});

function hex(unit: string): string {
  return unit.charCodeAt(0).toString(16).padStart(4, "0");
}
