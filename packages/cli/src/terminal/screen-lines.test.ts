import * as fc from "fast-check";
import { expect, test } from "vitest";
import { cutToColumns, screenLines } from "./screen-lines.ts";

test("a long line goes on behind its gutter, and foreign lines get one", () => {
  expect(screenLines(`Run?\n  | ${"x".repeat(20)}\nlater`, 20)).toBe(
    `Run?\n  | ${"x".repeat(15)}\n  |>${"x".repeat(5)}\n  | later`,
  );
  expect(screenLines(`  + ${"漢".repeat(9)}`, 20)).toBe(`  + ${"漢".repeat(7)}\n  +>漢漢`);
});

test("no line of any text fills a terminal's line, and only the first begins at its edge", () => {
  const columnsOf = (line: string): number =>
    Array.from(line).reduce((sum, each) => sum + (each < "\u007f" ? 1 : 2), 0);
  const text = fc.string({ unit: fc.constantFrom("a", " ", "\n", "\t", "漢", "|", ">"), maxLength: 300 });
  fc.assert(
    fc.property(text, fc.integer({ min: 16, max: 120 }), (given, columns) => {
      const [first = "", ...others] = screenLines(given, columns).split("\n");
      for (const line of others) expect(line.slice(0, 2)).toBe("  ");
      for (const line of [first, ...others]) expect(columnsOf(line)).toBeLessThan(columns);
    }),
  );
});

test("a line is cut to the columns it has", () => {
  expect(cutToColumns("abcdef", 6)).toBe("abcdef");
  expect(cutToColumns("abcdefg", 6)).toBe("abcd…");
  expect(cutToColumns("漢漢漢漢", 6)).toBe("漢漢…");
});
