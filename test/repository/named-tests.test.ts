/** That a document's promise of a test is seen to be broken: by reading the sources, and at the end of a run. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { brokenPromises } from "./named-tests-reporter.ts";
import { isNamed, rowsOf } from "./named-tests.ts";
import { root } from "./paths.ts";
import { testTitlesIn } from "./test-titles.ts";

const folder = mkdtempSync(join(tmpdir(), "named-tests-"));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a document's tables", () => {
  it("are read row by row, with the test of the last cell", () => {
    const text = [
      "## 1.1 One",
      "| id | fact | test |",
      "|---|---|---|",
      "| 1.1.1 | a\\|b | `x.test.ts` > y > `z` |",
      "| 1.1.2 | c |",
    ];
    writeFileSync(join(folder, "facts.md"), text.join("\n"));
    const test = { place: "facts.md:4", file: "x.test.ts", title: "y > `z`" };
    expect(rowsOf(folder, "facts.md")).toEqual([
      { place: "facts.md:4", heading: "1.1 One", cells: ["1.1.1", "a|b", "`x.test.ts` > y > `z`"], test },
      { place: "facts.md:5", heading: "1.1 One", cells: ["1.1.2", "c"], test: null },
    ]);
  });
});

describe("the titles of a test file", () => {
  it("are read with those around them, also of table tests and of computed ones", () => {
    const source = `
      const name = "x";
      describe("outer", () => {
        it("plain", () => {});
        describe.each(rows)("of %s", () => { test.skipIf(windows).each([1])("table $a.b", (n) => n); });
        it(\`computed \${name} here\`, () => {});
        it(name, () => {});
      });
      test("alone", { timeout: 1 }, () => {});`;
    expect(testTitlesIn("x.test.ts", source)).toEqual([
      "outer > plain",
      "outer > of %s > table $a.b",
      "outer > computed %s here",
      "alone",
    ]);
  });

  it("match a name that is whole, from the right, or made of the pattern", () => {
    expect(isNamed("plain", "outer > plain")).toBe(true);
    expect(isNamed("outer > plain", "outer > plain")).toBe(true);
    expect(isNamed("lain", "outer > plain")).toBe(false);
    expect(isNamed("outer", "outer > plain")).toBe(false);
    expect(isNamed("of %s (%d) costs 100%%", "outer > of a b (1) costs 100%")).toBe(true);
    expect(isNamed("table $a.b.", "table yes.")).toBe(true);
    expect(isNamed("table $a.b.", "table yes!")).toBe(false);
  });
});

describe("a run", () => {
  const named = [{ place: "d.md:1", file: "a.test.ts", title: "holds %s" }];

  it.each([
    { what: "passed", states: ["passed", "passed"], isWhole: true, line: null },
    { what: "failed once", states: ["passed", "failed"], isWhole: true, line: "failed" },
    { what: "was skipped", states: ["skipped"], isWhole: false, line: "was skipped" },
    { what: "was not begun", states: ["pending"], isWhole: true, line: "did not run" },
    { what: "is not in its file", states: [], isWhole: false, line: "did not run" },
    { what: "is in a file that did not run", states: null, isWhole: true, line: "did not run" },
    { what: "is in a file that was not asked for", states: null, isWhole: false, line: null },
  ] as const)("is told of a named test that $what", ({ states, isWhole, line }) => {
    const tests = states?.map((state, index) => ({ full: `outer > holds ${index}`, state }));
    const ran = new Map(
      tests === undefined ? [] : [["a.test.ts", [...tests, { full: "other", state: "failed" as const }]]],
    );
    expect(brokenPromises(named, ran, isWhole)).toEqual(
      line === null ? [] : [`d.md:1 names a test that ${line}: a.test.ts > holds %s`],
    );
  });

  it("fails with a line for each, whatever reporter was chosen, and passes when all is kept", async () => {
    const broken = await runFixture("broken.md", "--reporter=dot");
    expect(broken.lines).toEqual([
      "broken.md:3 names a test that was skipped: sample.fixture.ts > is left out",
      "broken.md:4 names a test that did not run: sample.fixture.ts > is nowhere",
    ]);
    expect(broken.code).toBe(1);
    expect(await runFixture("kept.md")).toEqual({ code: 0, lines: [] });
    expect(await runFixture("broken.md", "-t", "holds")).toEqual({ code: 0, lines: [] });
  });
});

/** Runs vitest over the sample with one of its documents. */
function runFixture(document: string, ...options: string[]): Promise<{ code: number; lines: string[] }> {
  const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
  const cwd = join(root, "test", "fixtures", "named-tests");
  const env = { ...process.env, NAMED_TESTS_DOCUMENT: document };
  return new Promise((resolve) => {
    execFile(process.execPath, [vitest, "run", ...options], { cwd, env }, (error, out, err) => {
      const lines = `${out}\n${err}`.split("\n").filter((line) => line.includes(" names a test that "));
      resolve({ code: typeof error?.code === "number" ? error.code : 0, lines });
    });
  });
}
