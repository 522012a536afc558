import { expect, test } from "vitest";
import { FakeClock } from "amplifier-testkit";
import { joinAfterInstruction, joinAfterPrefill, type TextJoin } from "./text-join.ts";

const PARTIAL = "The quick brown fox jumps over the lazy dog and runs";

/** What is shown after each piece, and at the end. */
function shown(join: TextJoin, pieces: readonly string[]): string[] {
  return [...pieces.map((piece) => join.take(piece)), join.end()];
}

const asked = (before: string, pieces: readonly string[]): string =>
  shown(joinAfterInstruction(before, new FakeClock()), pieces).join("");

/** Every way of cutting a text into pieces of one size. */
const cuts = (text: string): string[][] =>
  [1, 2, 3, 7, 1000].map((size) =>
    Array.from({ length: Math.ceil(text.length / size) }, (_, n) => text.slice(n * size, (n + 1) * size)),
  );

test.each<readonly [string, { before: string; said: string; shows: string }]>([
  ["a text that goes on is shown whole", { before: PARTIAL, said: " into the wood.", shows: " into the wood." }],
  ["an overlap with the end is dropped", { before: PARTIAL, said: "the lazy dog and runs away.", shows: " away." }],
  ["the longest overlap is the one", { before: `${PARTIAL} and ${PARTIAL}`, said: `${PARTIAL} on`, shows: " on" }],
  ["too short an overlap may be chance", { before: PARTIAL, said: "and runs on", shows: "and runs on" }],
  ["a restart is followed silently", { before: PARTIAL, said: `${PARTIAL} far.`, shows: " far." }],
  [
    "a restart that ends early brings nothing new",
    { before: PARTIAL, said: "The quick brown fox jumps.".slice(0, 25), shows: "" },
  ],
  ["a short text is compared whole", { before: "Hello, wor", said: "Hello, world!", shows: "ld!" }],
  ["one character is a text", { before: "I", said: "I am", shows: " am" }],
  ["after no text everything is new", { before: "", said: "Hello", shows: "Hello" }],
  ["an empty continuation shows nothing", { before: PARTIAL, said: "", shows: "" }],
  [
    "where the end repeats itself nothing is dropped",
    {
      before: `So he laughed: ${"ha ".repeat(12)}`,
      said: `${"ha ".repeat(9)}and stopped.`,
      shows: `${"ha ".repeat(9)}and stopped.`,
    },
  ],
  [
    "a text that is one repetition is no restart",
    { before: "ha ".repeat(20), said: "ha ha ha ha ha ha ha ho", shows: "ha ha ha ha ha ha ha ho" },
  ],
])("%s, however it is cut", (_name, { before, said, shows }) => {
  for (const pieces of cuts(said)) expect(asked(before, pieces)).toBe(shows);
});

test("a restart that departs is an error, and nothing of it is shown", () => {
  const join = joinAfterInstruction(PARTIAL, new FakeClock());
  expect(join.take("The quick brown fox jumps over ")).toBe("");
  expect(() => join.take("a fence")).toThrow("began another one");
});

test("also when it departs in the same piece in which it was recognised", () => {
  const join = joinAfterInstruction(PARTIAL, new FakeClock());
  expect(() => join.take("The quick brown fox jumps over a fence")).toThrow("began another one");
});

test("what cannot be an overlap any more is shown at once", () => {
  const join = joinAfterInstruction(PARTIAL, new FakeClock());
  expect(join.take(" in")).toBe(" in");
  expect(join.take("to")).toBe("to");
});

test("a beginning is held for two seconds at most", async () => {
  const clock = new FakeClock();
  const join = joinAfterInstruction(PARTIAL, clock);
  expect(join.take("the ")).toBe("");
  await clock.advance(2000);
  expect(join.take("la")).toBe("the la");
});

test.each([
  ["the space it was not given is not shown twice", { space: " ", said: " world", shows: "world" }],
  ["nor when it says none", { space: " ", said: "world", shows: "world" }],
  ["nor when it says less", { space: "\n\n", said: "\nNext", shows: "Next" }],
  ["what it says more is shown", { space: "\n", said: "\n\nNext", shows: "\nNext" }],
  ["without such a space its own is shown", { space: "", said: " world", shows: " world" }],
  ["also when it says nothing but space", { space: " ", said: "  ", shows: " " }],
])("after a prefill: %s", (_name, { space, said, shows }) => {
  for (const pieces of cuts(said)) expect(shown(joinAfterPrefill(space), pieces).join("")).toBe(shows);
});
