import { expect, test } from "vitest";
import { oneLine, printable, unambiguous } from "./printable.ts";

test("control characters become visible; line feeds and tabs stay, carriage returns go", () => {
  expect(printable("a\tb\r\nc\u001b]0;title\u0007\u009b2J")).toBe("a\tb\nc\\x1b]0;title\\x07\\x9b2J");
});

test("text in any script stays as it is", () => {
  expect(unambiguous("größe 日本語 עברית 👩‍👩‍👧")).toBe("größe 日本語 עברית 👩‍👩‍👧");
});

test("characters that reorder a line become visible where a person decides upon it", () => {
  expect(unambiguous("rm \u202etxt.\u2066x")).toBe("rm \\u202etxt.\\u2066x");
});

test("one line has no breaks, no runs of blanks, and never half a character", () => {
  expect(oneLine("  a\n\n b\tc ")).toBe("a b c");
  expect(oneLine("abcdef", 4)).toBe("abc…");
  expect(oneLine("ab👍👍", 4)).toBe("ab…");
});
