/**
 * Holds `docs/contract.md` and the lists of differences to the tests they name: each fact has one, and it exists. That each
 * of them ran and passed is seen at the end of a run, by the reporter in `repository/named-tests-reporter.ts`.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isNamed, type NamedTest, rowsOf, type TableRow } from "./repository/named-tests.ts";
import { read, root } from "./repository/paths.ts";
import { testTitlesIn } from "./repository/test-titles.ts";

const facts = rowsOf(root, "docs/contract.md");
const differences = [
  ...rowsOf(root, "docs/differences.md"),
  ...rowsOf(root, "docs/decisions/0005-a-stricter-kernel.md"),
];
const numbers = (chapter: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${chapter}.${index + 1}`);
const sections = [...numbers(1, 14), ...numbers(2, 7)];

const titles = new Map<string, readonly string[]>();

function testsNamed({ file, title }: NamedTest): readonly string[] {
  if (!existsSync(join(root, file))) return [];
  const known = titles.get(file) ?? testTitlesIn(file, read(file));
  titles.set(file, known);
  const asWritten = known.filter((full) => isNamed(title, full));
  // A row may also name one of the titles that a table test makes of its pattern.
  return asWritten.length > 0 ? asWritten : known.filter((full) => isNamed(full.split(" > ").at(-1) ?? full, title));
}

/** What is wrong with the tests that these rows name. */
function unnamed(rows: readonly TableRow[]): string[] {
  return rows.flatMap(({ place, test }) => {
    if (test === null) return [`${place} names no test in its last cell`];
    const count = testsNamed(test).length;
    return count === 1 ? [] : [`${place} names ${count} tests: ${test.file} > ${test.title}`];
  });
}

describe("the map of the contract", () => {
  it("has every section, each with facts", () => {
    const headings = [...read("docs/contract.md").matchAll(/^## (\d+\.\d+) \S/gm)].map(([, number]) => number);
    expect(headings).toEqual(sections);
    const filled = new Set(facts.map(({ heading }) => heading.split(" ")[0]));
    expect(sections.filter((section) => !filled.has(section))).toEqual([]);
  });

  it.each(sections)("numbers the facts of %s without a gap, each in three cells", (section) => {
    const rows = facts.filter(({ heading }) => heading.split(" ")[0] === section);
    expect(rows.map(({ cells }) => cells[0])).toEqual(rows.map((_, index) => `${section}.${index + 1}`));
    expect(rows.filter(({ cells }) => cells.length !== 3 || cells.includes("")).map(({ place }) => place)).toEqual([]);
  });

  it("names one test for each fact, and the test exists", () => {
    expect(unnamed(facts)).toEqual([]);
  });
});

describe("the list of differences", () => {
  it("names one test for each line, and the test exists", () => {
    expect(differences.length).toBeGreaterThan(20);
    expect(
      differences.filter(({ cells }) => cells.length !== 4 || cells.includes("")).map(({ place }) => place),
    ).toEqual([]);
    expect(unnamed(differences)).toEqual([]);
  });
});
