/**
 * Makes a run of the tests fail when a test that a document names did not run, or did not pass. A test that is named is
 * a promise to the reader; one that is skipped keeps none. Runs of chosen files are held to what those files hold, and
 * runs of chosen titles to nothing.
 */
import { relative, sep } from "node:path";
import type { Plugin } from "vite";
import type { Reporter, TestModule, Vitest } from "vitest/node";
import { isNamed, type NamedTest, rowsOf } from "./named-tests.ts";

/** A test that was to run, and what became of it. */
export interface RanTest {
  /** Titles from the outside in, joined by ` > `. */
  readonly full: string;
  readonly state: "passed" | "failed" | "skipped" | "pending";
}

const BECAME = { passed: "passed", failed: "failed", skipped: "was skipped", pending: "did not run" } as const;

/** Adds the check to a run, whatever reporters were chosen for it. Paths are from `folder`. */
export function namedTestsPlugin(folder: string, documents: readonly string[]): Plugin {
  return {
    name: "named-tests",
    configureVitest({ vitest }) {
      vitest.config.reporters.push(reporterFor(vitest, { folder, documents }));
    },
  };
}

function reporterFor(
  vitest: Vitest,
  { folder, documents }: { readonly folder: string; readonly documents: readonly string[] },
): Reporter {
  return {
    async onTestRunEnd(modules, _errors, reason) {
      if (vitest.config.testNamePattern !== undefined || reason === "interrupted") return;
      const ran = new Map(modules.map((module) => [pathFrom(folder, module.moduleId), testsOf(module)]));
      const isWhole = ran.size >= (await vitest.globTestSpecifications()).length;
      const named = documents.flatMap((document) => rowsOf(folder, document).flatMap(({ test }) => test ?? []));
      const broken = brokenPromises(named, ran, isWhole);
      if (broken.length === 0) return;
      vitest.logger.error(`\n${broken.join("\n")}\n`);
      process.exitCode = 1;
    },
  };
}

/** One line for each named test that did not pass; of files that did not run only in a run of all. */
export function brokenPromises(
  named: readonly NamedTest[],
  ran: ReadonlyMap<string, readonly RanTest[]>,
  isWhole: boolean,
): string[] {
  return named.flatMap(({ place, file, title }) => {
    const tests = ran.get(file);
    if (tests === undefined && !isWhole) return [];
    const states = tests?.filter(({ full }) => isNamed(title, full)).map(({ state }) => state) ?? [];
    const bad = states.length === 0 ? "pending" : states.find((state) => state !== "passed");
    return bad === undefined ? [] : [`${place} names a test that ${BECAME[bad]}: ${file} > ${title}`];
  });
}

function testsOf(module: TestModule): RanTest[] {
  return [...module.children.allTests()].map((test) => ({ full: test.fullName, state: test.result().state }));
}

function pathFrom(folder: string, path: string): string {
  return relative(folder, path).split(sep).join("/");
}
