/**
 * Whatever a text is and wherever it is cut: a model that goes on with it, repeats its last words or begins again leaves
 * the same text with the consumer. Where two readings are the same characters there is no right one; those are left out.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FakeClock } from "amplifier-testkit";
import { joinAfterInstruction, joinAfterPrefill, type TextJoin } from "./text-join.ts";

/** An overlap of fewer characters is taken for chance, and one of more is not looked for. */
const MIN_OVERLAP = 20;
const MAX_OVERLAP = 400;

const piece = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.string({ unit: fc.constantFrom("a", "b", " "), maxLength: 40 }),
  fc.string({ unit: fc.constantFrom("😀", "👩‍🚀", "é", "\n", " "), maxLength: 20 }),
  fc.constantFrom("ha ", "\n\n", "```ts\n", "```\n", "Row, row, row your boat\n", "The same line again and again.\n"),
);
const repeated = fc.tuple(piece, fc.integer({ min: 1, max: 6 })).map(([said, times]) => said.repeat(times));
const text = fc.array(repeated, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(""));

/** A text and where it is cut: between two characters, as a consumer is never shown half of one. */
const cutText = fc
  .tuple(text, fc.nat())
  .filter(([whole]) => whole.length > 1)
  .map(([whole, at]) => wellCut(whole, 1 + (at % (whole.length - 1))));

/** Sizes of the pieces in which it is said. */
const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 10 });

interface CutText {
  readonly before: string;
  readonly rest: string;
}

function wellCut(whole: string, at: number): CutText {
  const isPair = /[\ud800-\udbff]/u.test(whole.charAt(at - 1)) && /[\udc00-\udfff]/u.test(whole.charAt(at));
  const place = isPair ? at - 1 : at;
  return { before: whole.slice(0, place), rest: whole.slice(place) };
}

/** What is shown of `said` when it comes in pieces, halves of characters among them. */
function shown(join: TextJoin, said: string, pieces: readonly number[]): string {
  let result = "";
  for (let at = 0, n = 0; at < said.length; n++) {
    const size = pieces[n % pieces.length] ?? 1;
    result += join.take(said.slice(at, at + size));
    at += size;
  }
  return result + join.end();
}

const asked = (before: string, said: string, pieces: readonly number[]): string =>
  shown(joinAfterInstruction(before, new FakeClock()), said, pieces);

const least = (before: string): number => Math.min(MIN_OVERLAP, before.length);

/** The length of the longest end of `before` that `said` begins with. */
function overlap(before: string, said: string): number {
  for (let length = Math.min(before.length, said.length, MAX_OVERLAP); length > 0; length--) {
    if (before.endsWith(said.slice(0, length))) return length;
  }
  return 0;
}

/** It is one piece at least twice over. */
function repeats(said: string): boolean {
  const periods = Array.from({ length: Math.floor(said.length / 2) }, (_, n) => n + 1);
  return periods.some((period) => said.startsWith(said.slice(period)));
}

/** It says the first characters of the text again. */
const looksLikeRestart = (before: string, said: string): boolean => said.startsWith(before.slice(0, least(before)));

describe("joined, the text is the model's text", () => {
  const runs = { numRuns: 1000 };

  test("when it goes on", () => {
    fc.assert(
      fc.property(cutText, sizes, ({ before, rest }, pieces) => {
        fc.pre(overlap(before, rest) < least(before) && !looksLikeRestart(before, rest));
        expect(before + asked(before, rest, pieces)).toBe(before + rest);
      }),
      runs,
    );
  });

  test("when it begins again", () => {
    fc.assert(
      fc.property(cutText, sizes, ({ before, rest }, pieces) => {
        fc.pre(before !== "" && !repeats(before));
        expect(before + asked(before, before + rest, pieces)).toBe(before + rest);
      }),
      runs,
    );
  });

  test("when it repeats its last words, at least 20 characters of them", () => {
    fc.assert(
      fc.property(cutText, sizes, fc.nat(), ({ before, rest }, pieces, more) => {
        fc.pre(before.length > MIN_OVERLAP);
        const most = Math.min(before.length - 1, MAX_OVERLAP);
        const length = MIN_OVERLAP + (more % (most - MIN_OVERLAP + 1));
        const words = before.slice(-length);
        fc.pre(!/^[\udc00-\udfff]/u.test(words));
        const said = words + rest;
        // Were it longer, or the same wherever it is laid, nobody could tell.
        fc.pre(overlap(before, said) === length && !repeats(words));
        fc.pre(!before.startsWith(said.slice(0, before.length)));
        expect(before + asked(before, said, pieces)).toBe(before + rest);
      }),
      runs,
    );
  });

  test("when it was handed the text and goes on by itself, with the white space or without", () => {
    fc.assert(
      fc.property(cutText, sizes, ({ before, rest }, pieces) => {
        fc.pre(before.trim() !== "" && rest.trim() !== "");
        const space = before.slice(before.trimEnd().length);
        expect(before + shown(joinAfterPrefill(space), space + rest, pieces)).toBe(before + rest);
        fc.pre(space !== "" && rest === rest.trimStart());
        expect(before + shown(joinAfterPrefill(space), rest, pieces)).toBe(before + rest);
      }),
      runs,
    );
  });
});

test("a restart that departs from the text is never shown", () => {
  fc.assert(
    fc.property(cutText, sizes, fc.tuple(fc.nat(), text), ({ before }, pieces, [same, other]) => {
      fc.pre(before.length > MIN_OVERLAP && !repeats(before));
      const said = before.slice(0, MIN_OVERLAP + (same % (before.length - MIN_OVERLAP))) + other;
      fc.pre(!before.startsWith(said.slice(0, before.length)));
      const common = overlap(before, said);
      // The text may end as it began; it is an overlap then, unless that is the same wherever it is laid.
      if (common < MIN_OVERLAP || repeats(said.slice(0, common)))
        expect(() => asked(before, said, pieces)).toThrow("began another one");
      else expect(asked(before, said, pieces)).toBe(said.slice(common));
    }),
    { numRuns: 1000 },
  );
});
