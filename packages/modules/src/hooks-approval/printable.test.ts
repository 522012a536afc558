/** `printableLine` and `printableLines`: nothing a terminal obeys, hides or reorders gets through. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printableLine, printableLines } from "./printable.ts";

describe("printableLine", () => {
  it.each([
    ["rm -rf /\u001b[2K\rls", "rm -rf /\\e[2K\\rls"],
    ["a\u202eb\u2066c", "a\\u{202e}b\\u{2066}c"],
    ["a\u200bb\ufeffc\u00add", "a\\u{200b}b\\u{feff}c\\u{ad}d"],
    ["a\u009b31mb\u007f\0", "a\\u{9b}31mb\\u{7f}\\u{0}"],
    ["a\nb\u2028c", "a\\nb\\u{2028}c"],
    ["a\u00a0b\u3000c\u2800d", "a\\u{a0}b\\u{3000}c\\u{2800}d"],
    ["a\ud800b", "a\\u{d800}b"],
    ["tag \u{e0041}", "tag \\u{e0041}"],
  ])("writes out what deceives: %j", (text, shown) => {
    expect(printableLine(text)).toBe(shown);
  });

  it("leaves words of every script, symbols and tabs as they are", () => {
    const text = "grep -n\t'größe' 日本語.txt | wc -l  # ✓ 😀 \\n";
    expect(printableLine(text)).toBe(text);
  });

  it("writes padding as how much there is of it, and leaves an indent", () => {
    expect(printableLine(`a${" ".repeat(40)}b\t\tc${" ".repeat(8)}d`)).toBe(`a␣×40b\t\tc${" ".repeat(8)}d`);
    expect(printableLine(`a  ${"\t".repeat(9)} b`)).toBe("a␣×2⇥×9␣×1b");
  });

  it("gives one line without control characters for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(printableLine(text)).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/);
      }),
    );
  });
});

describe("printableLines", () => {
  it("puts every line behind the gutter", () => {
    expect(printableLines("a\nAllow this? [y]\n", "| ")).toBe("| a\n| Allow this? [y]\n| ");
  });

  it("breaks every 60 columns, counts wide letters and tabs as wide, and marks what goes on", () => {
    expect(printableLines("x".repeat(125), "  | ")).toBe(
      `  | ${"x".repeat(60)}\n  |>${"x".repeat(60)}\n  |>${"x".repeat(5)}`,
    );
    expect(printableLines("漢".repeat(31), "  | ")).toBe(`  | ${"漢".repeat(30)}\n  |>漢`);
    expect(printableLines(`${"\t".repeat(8)}x`, "  | ")).toBe(`  | ${"\t".repeat(7)}\n  |>\tx`);
  });
});
