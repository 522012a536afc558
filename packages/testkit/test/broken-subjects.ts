/**
 * Owns showing that a contract suite can fail: each broken implementation breaks exactly the rules it is said to break, with a
 * message that helps, and no rule is left that nothing breaks.
 */
import type { ContractTest } from "amplifier-testkit";
import { describe, expect, it } from "vitest";

/** An implementation with one thing wrong, and the names of the rules that have to notice. */
export interface BrokenSubject<S> {
  readonly what: string;
  readonly subject: S;
  readonly breaks: readonly string[];
}

/** What is shown of one suite. */
export interface ShownSuite<S> {
  readonly contract: (subject: S) => readonly ContractTest[];
  /** Keeps every rule, and has every optional part. */
  readonly sound: S;
  readonly broken: readonly BrokenSubject<S>[];
}

/** Registers the tests that show it. */
export function showThatItFails<S>({ contract, sound, broken }: ShownSuite<S>): void {
  describe("a sound implementation", () => {
    for (const { name, run } of contract(sound)) it(name, run);
  });

  for (const { what, subject, breaks } of broken) {
    it(`one that ${what} breaks its rules, and no others`, async () => {
      const failures = await failuresOf(contract(subject));
      expect(failures.map(({ name }) => name)).toEqual(breaks);
      for (const { message } of failures) expect(message).toMatch(HELPFUL);
    });
  }

  it("has no rule that nothing breaks", () => {
    const noticed = new Set(broken.flatMap(({ breaks }) => breaks));
    expect(
      contract(sound)
        .map(({ name }) => name)
        .filter((name) => !noticed.has(name)),
    ).toEqual([]);
  });
}

/** What was expected, what was seen, what to do: or the list of broken invariants. */
const HELPFUL = /^(?:Expected .+, but .+\. \S.+[.:)\]}]|The events break \d+ invariants:\n.+)$/su;

interface Failure {
  readonly name: string;
  readonly message: string;
}

async function failuresOf(tests: readonly ContractTest[]): Promise<readonly Failure[]> {
  const failures: Failure[] = [];
  for (const { name, run } of tests) {
    try {
      await run();
    } catch (error) {
      failures.push({ name, message: (error as Error).message });
    }
  }
  return failures;
}
