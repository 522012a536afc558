/** The template must never change what is read: its text is what JSON.parse gives, or it does not match. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ChatChunk } from "./chat-wire.ts";
import { TextTemplate } from "../../http/text-template.ts";
import { CHAT_TEXT } from "./chat-text.ts";

type Make = (content: string, padding: string) => string;

const plain: Make = (content) =>
  `{"id":"a.b(c)[d]","choices":[{"index":0,"delta":{"content":${content}},"finish_reason":null}],"usage":null}`;
const padded: Make = (content, padding) =>
  `{"id":"x","choices":[{"delta":{"content":${content}},"finish_reason":null}],"obfuscation":${padding}}`;
const reasoning: Make = (content) =>
  `{"choices": [{"delta": {"content": null, "reasoning_content": ${content}}}], "usage": null}`;

function learnt(make: Make): TextTemplate<ChatChunk> {
  const template = new TextTemplate(CHAT_TEXT);
  for (let count = 0; count < 16; count++) {
    const payload = make(JSON.stringify(`w${count}`), JSON.stringify("pad"));
    template.learn(payload, JSON.parse(payload) as ChatChunk);
  }
  return template;
}

function parsedText(payload: string): string | null {
  try {
    const delta = (JSON.parse(payload) as ChatChunk).choices?.[0]?.delta;
    return (delta?.reasoning_content ?? delta?.content ?? null) as string | null;
  } catch {
    return null;
  }
}

test.each([
  ["a plain payload", plain],
  ["a payload with padding", padded],
  ["a payload with reasoning and spaces", reasoning],
])("%s like the learnt one gives its text without being parsed", (_, make) => {
  const template = learnt(make);
  const type = make === reasoning ? "thinking" : "text";
  for (const text of ["", "x", "漢字 🙂", 'a "quote"', "line\nend", "back\\slash", "\u2028"]) {
    expect(template.match(make(JSON.stringify(text), '"p"'), type)).toBe(text);
  }
});

test("a template for text is not used in a block of thinking, nor the other way round", () => {
  expect(learnt(plain).match(plain('"a"', ""), "thinking")).toBeNull();
  expect(learnt(reasoning).match(reasoning('"a"', ""), "text")).toBeNull();
});

test("nothing matches before enough payloads of one form have come", () => {
  const template = new TextTemplate(CHAT_TEXT);
  for (let count = 0; count < 3; count++) template.learn(plain('"a"', ""), JSON.parse(plain('"a"', "")) as ChatChunk);
  expect(template.match(plain('"a"', ""), "text")).toBeNull();
});

test("whatever matches has the text that JSON.parse gives, for any bytes in and behind the hole", () => {
  const fragment = fc.oneof(
    fc.string().map((text) => JSON.stringify(text)),
    fc.string().map((text) => `"${text}"`),
    fc.constantFrom(
      '"a","content":"b"',
      '"a"},"finish_reason":"stop"',
      '"\\x"',
      '"\\u12"',
      '"\n"',
      "null",
      '"a\\"',
      '""',
      '"a\\\\"',
    ),
  );
  fc.assert(
    fc.property(fc.constantFrom(plain, padded, reasoning), fragment, fragment, (make, content, padding) => {
      const payload = make(content, padding);
      const text = learnt(make).match(payload, make === reasoning ? "thinking" : "text");
      if (text === null) return;
      expect(text).toBe(parsedText(payload));
      const value = JSON.parse(payload) as ChatChunk;
      expect(value.choices?.[0]?.finish_reason ?? null).toBeNull();
    }),
    { numRuns: 3_000 },
  );
});

test.each([
  [
    "the first of two equal keys, which JSON.parse ignores",
    (content: string) => `{"choices":[{"delta":{"content":${content},"content":"last"}}]}`,
  ],
  [
    "a key of the same name elsewhere",
    (content: string) => `{"content":${content},"choices":[{"delta":{"content":"fixed text"}}]}`,
  ],
])("%s is not taken for the text", (_, make) => {
  const template = new TextTemplate(CHAT_TEXT);
  for (let count = 0; count < 40; count++) {
    const payload = make('"same"');
    template.learn(payload, JSON.parse(payload) as ChatChunk);
  }
  const other = template.match(make('"other"'), "text");
  expect(other === null || other === parsedText(make('"other"'))).toBe(true);
});

test("payloads that say more than text are never learnt", () => {
  const more = [
    '{"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}',
    '{"choices":[{"delta":{"content":"a"}}],"usage":{"prompt_tokens":1}}',
    '{"choices":[{"delta":{"content":"a"}}],"error":{"message":"x"}}',
    '{"choices":[{"delta":{"content":"a","tool_calls":[{"index":0}]}}]}',
    '{"choices":[{"delta":{"content":"a","reasoning":"b"}}]}',
    '{"choices":[{"delta":{"content":"a","refusal":"b"}}]}',
  ];
  for (const payload of more) {
    const template = new TextTemplate(CHAT_TEXT);
    for (let count = 0; count < 40; count++) template.learn(payload, JSON.parse(payload) as ChatChunk);
    expect(template.match(payload, "text")).toBeNull();
  }
});
