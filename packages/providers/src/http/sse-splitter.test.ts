/** The splitter against eventsource-parser, and its own rules: bounds, linear time, nothing held back. */
import { createParser } from "eventsource-parser";
import fc from "fast-check";
import { expect, test } from "vitest";
import { SseSplitter } from "./sse-splitter.ts";

const callee = { provider: "test" };

function split(bytes: Buffer, cuts: readonly number[]): string[] {
  const splitter = new SseSplitter(callee);
  const payloads: string[] = [];
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    splitter.push(bytes.subarray(from, to), payloads);
    from = to;
  }
  return payloads;
}

/** What eventsource-parser makes of the same bytes, the BOM taken off by the decoder; empty payloads are left out, as the splitter leaves them out. */
function reference(bytes: Buffer): string[] {
  const payloads: string[] = [];
  const parser = createParser({
    onEvent: ({ data }) => {
      if (data !== "") payloads.push(data);
    },
  });
  parser.feed(new TextDecoder().decode(bytes));
  return payloads;
}

const word = fc.oneof(
  fc.constantFrom("", " ", "x", '{"a":1}', "data:", ":", "é", "漢字", "🙂", "\u2028", "a: b", "[DONE]", "\ufeff"),
  fc.string({ unit: "grapheme" }).map((text) => text.replace(/[\r\n\0]/g, "")),
);
const line = fc.oneof(
  { weight: 6, arbitrary: word.map((text) => `data: ${text}`) },
  { weight: 2, arbitrary: word.map((text) => `data:${text}`) },
  { weight: 1, arbitrary: word.map((text) => `: ${text}`) },
  { weight: 1, arbitrary: word.map((text) => `event: ${text}`) },
  { weight: 1, arbitrary: word.map((text) => `id: ${text}`) },
  { weight: 1, arbitrary: fc.constantFrom("data", "datax: y", "retry: 10", "retry: no", "Data: no", " data: no", "") },
  { weight: 3, arbitrary: fc.constant("") },
);
const streams = fc
  .tuple(fc.boolean(), fc.array(fc.tuple(line, fc.constantFrom("\n", "\n", "\r\n", "\r")), { maxLength: 30 }))
  // Ended by two plain line ends, so that a last CR is no question.
  .map(([bom, lines]) => Buffer.from(`${bom ? "\ufeff" : ""}${lines.map(([text, end]) => text + end).join("")}\n\n`));

test("gives what eventsource-parser gives, wherever the bytes are cut", () => {
  fc.assert(
    fc.property(streams, fc.array(fc.nat(400), { maxLength: 20 }), (bytes, offsets) => {
      const cuts = offsets.filter((offset) => offset < bytes.length).toSorted((left, right) => left - right);
      expect(split(bytes, cuts)).toEqual(reference(bytes));
    }),
    { numRuns: 2_000 },
  );
});

test("gives what eventsource-parser gives when every byte comes alone", () => {
  fc.assert(
    fc.property(streams, (bytes) => {
      const cuts = Array.from({ length: bytes.length }, (_, index) => index);
      expect(split(bytes, cuts)).toEqual(reference(bytes));
    }),
    { numRuns: 500 },
  );
});

test("gives what eventsource-parser gives when every event is a chunk of its own, whatever ends its lines", () => {
  const end = fc.constantFrom("\n", "\n", "\r\n", "\r\n", "\r");
  const event = fc
    .tuple(fc.array(fc.tuple(line, end), { minLength: 1, maxLength: 3 }), end)
    .map(([lines, blank]) => Buffer.from(lines.map(([text, own]) => text + own).join("") + blank));
  fc.assert(
    fc.property(fc.array(event, { maxLength: 12 }), (events) => {
      const chunks = [...events, Buffer.from("\n\n")];
      const cuts = chunks.map((_, index) => Buffer.concat(chunks.slice(0, index)).length);
      const bytes = Buffer.concat(chunks);
      expect(split(bytes, cuts)).toEqual(reference(bytes));
    }),
    { numRuns: 2_000 },
  );
});

test("replaces broken UTF-8 as the standard decoder does", () => {
  const bytes = Buffer.concat([
    Buffer.from("data: a"),
    Buffer.from([0xe6, 0xbc, 0xff, 0xf0, 0x9f]),
    Buffer.from("b\n\n"),
  ]);
  for (let cut = 0; cut <= bytes.length; cut++) expect(split(bytes, [cut])).toEqual(reference(bytes));
});

test("an event is given out with the byte that completes it, CR included", () => {
  for (const end of ["\n\n", "\r\r", "\n\r"]) {
    const splitter = new SseSplitter(callee);
    const payloads: string[] = [];
    splitter.push(Buffer.from(`data: now${end.slice(0, -1)}`), payloads);
    expect(payloads).toEqual([]);
    splitter.push(Buffer.from(end.slice(-1)), payloads);
    expect(payloads).toEqual(["now"]);
  }
});

test("several chunks of one read are one batch", () => {
  const payloads: string[] = [];
  const splitter = new SseSplitter(callee);
  for (const text of ["data: a\n\nda", "ta: b\n", "\ndata: c\n\n"]) splitter.push(Buffer.from(text), payloads);
  expect(payloads).toEqual(["a", "b", "c"]);
});

test("an event that lacks only its blank line counts at the end, half a line too", () => {
  for (const tail of ["data: last\n", "data: last"]) {
    const splitter = new SseSplitter(callee);
    const payloads: string[] = [];
    splitter.push(Buffer.from(`data: first\n\n${tail}`), payloads);
    splitter.end(payloads);
    expect(payloads).toEqual(["first", "last"]);
  }
});

test("an event above the limit is a StreamError that names the limit, on one line or on many", () => {
  for (const piece of ["x".repeat(50), "data: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"]) {
    const splitter = new SseSplitter(callee, 1_000);
    const payloads: string[] = [];
    splitter.push(Buffer.from("data: good\n\ndata: "), payloads);
    const feed = (): void => {
      for (let count = 0; count < 100; count++) splitter.push(Buffer.from(piece), payloads);
    };
    expect(feed).toThrow(
      expect.objectContaining({ name: "StreamError", retryable: false, message: expect.stringContaining("1000") }),
    );
    expect(payloads).toEqual(["good"]);
  }
});

test("many events together may be larger than the limit of one", () => {
  const splitter = new SseSplitter(callee, 100);
  const payloads: string[] = [];
  for (let count = 0; count < 1_000; count++) splitter.push(Buffer.from("data: 123456789\n\n"), payloads);
  expect(payloads.length).toBe(1_000);
});

test("a long line in single bytes is one payload", () => {
  const splitter = new SseSplitter(callee);
  const payloads: string[] = [];
  const byte = Buffer.from("x");
  splitter.push(Buffer.from("data: "), payloads);
  for (let count = 0; count < 100_000; count++) splitter.push(byte, payloads);
  splitter.push(Buffer.from("\n\n"), payloads);
  expect(payloads).toEqual(["x".repeat(100_000)]);
});
