import fc from "fast-check";
import { expect, test } from "vitest";
import type { Token } from "./engine.ts";
import { TextAssembler } from "./text-assembler.ts";

/** A vocabulary in which every byte is a token, the hardest case there is. */
const bytes = {
  detokenize: (tokens: readonly Token[]): string => Buffer.from(tokens).toString("utf8"),
};

function assemble(text: string, stopWords: readonly string[] = []): { readonly pieces: string[]; stopped: boolean } {
  const assembler = new TextAssembler(bytes, stopWords);
  const pieces: string[] = [];
  for (const byte of Buffer.from(text)) {
    const piece = assembler.push(byte as Token);
    if (piece !== "") pieces.push(piece);
    if (assembler.stopped) break;
  }
  const rest = assembler.finish();
  if (rest !== "") pieces.push(rest);
  return { pieces, stopped: assembler.stopped };
}

test("plain text comes token by token", () => {
  expect(assemble("abc").pieces).toEqual(["a", "b", "c"]);
});

test("a character of several tokens comes whole, with its last token", () => {
  expect(assemble("a😀é!").pieces).toEqual(["a", "😀", "é", "!"]);
});

test("bytes that are no character are not held for ever", () => {
  const assembler = new TextAssembler(bytes, []);
  const pieces = [0xff, 0xff, 0xff, 0xff, 0x61].map((byte) => assembler.push(byte as Token));
  expect(pieces).toEqual(["", "", "", "\uFFFD\uFFFD\uFFFD\uFFFD", "a"]);
});

test("a stop word ends the answer and is not part of it", () => {
  expect(assemble("one STOP two", ["STOP"])).toEqual({ pieces: ["o", "n", "e", " "], stopped: true });
});

test("what only looked like a stop word is given out", () => {
  expect(assemble("STAY", ["STOP"])).toEqual({ pieces: ["STA", "Y"], stopped: false });
});

test("the beginning of a stop word at the end of the answer is part of it", () => {
  expect(assemble("one ST", ["STOP"])).toEqual({ pieces: ["o", "n", "e", " ", "ST"], stopped: false });
});

test("an empty stop word stops nothing", () => {
  expect(assemble("ab", [""])).toEqual({ pieces: ["a", "b"], stopped: false });
});

/** The text before the stop word that is complete first; of several that end there, the longest. */
function cutAtStop(text: string, words: readonly string[]): string {
  for (let end = 1; end <= text.length; end += 1) {
    const hits = words.filter((word) => text.slice(0, end).endsWith(word));
    if (hits.length > 0) return text.slice(0, end - Math.max(...hits.map((word) => word.length)));
  }
  return text;
}

test("whatever the text, the pieces are the text up to the first stop word", () => {
  const words = fc.array(fc.string({ minLength: 1, maxLength: 4, unit: fc.constantFrom("a", "b", "é") }), {
    maxLength: 3,
  });
  const texts = fc.string({ maxLength: 30, unit: fc.constantFrom("a", "b", "é", "😀") });
  fc.assert(
    fc.property(texts, words, (text, stopWords) => {
      expect(assemble(text, stopWords).pieces.join("")).toBe(cutAtStop(text, stopWords));
    }),
  );
});
