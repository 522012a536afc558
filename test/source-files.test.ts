/**
 * How source files look: a header that says what the file owns, a comment on every export, names that say something.
 */
import { describe, expect, test } from "vitest";
import { outlineOf } from "./repository/module-outline.ts";
import { filesUnder, packageFiles, read } from "./repository/paths.ts";

const headerLines = { min: 1, max: 6 };
const emptyNames = ["utils", "util", "helpers", "helper", "common", "misc", "manager", "service", "base", "types"];

const sources = packageFiles("source");
const tests = packageFiles("test");
const scripts = filesUnder("scripts");
const outlines = new Map([...sources, ...scripts].map((path) => [path, outlineOf(path)]));

/** `index.ts` and `node.ts` only list what others declare. */
const isEntry = (path: string): boolean => /\/(index|node)\.ts$/.test(path);

test("files were found", () => {
  expect(sources.length).toBeGreaterThan(20);
  expect(tests.length).toBeGreaterThan(5);
  expect(scripts).toContain("scripts/start.mjs");
  expect([...outlines.values()].flatMap(({ exports }) => exports).length).toBeGreaterThan(50);
});

test(`every source file begins with a comment of ${headerLines.min} to ${headerLines.max} lines`, () => {
  const broken = [...outlines]
    .filter(([, { header }]) => header.length < headerLines.min || header.length > headerLines.max)
    .map(([path, { header }]) => `${path}: ${header.length} lines`);
  expect(broken).toEqual([]);
});

test("every export has a JSDoc comment of its own", () => {
  const broken = [...outlines].flatMap(([path, { exports }]) =>
    exports.filter(({ documented }) => !documented).map(({ name, line }) => `${path}:${line} ${name}`),
  );
  expect(broken).toEqual([]);
});

describe("names", () => {
  const files = [...sources, ...tests, ...scripts, ...filesUnder("test")];

  test("are kebab-case, folders too", () => {
    const part = /^[a-z0-9]+([-.][a-z0-9]+)*$/;
    const code = files.filter((path) => /\.(ts|tsx|mjs)$/.test(path));
    expect(code.length).toBeGreaterThan(20);
    expect(code.filter((path) => !path.split("/").every((name) => part.test(name)))).toEqual([]);
  });

  test("say what is inside", () => {
    const isEmpty = (name: string): boolean => emptyNames.includes(name.replace(/\..*$/, ""));
    expect(files.filter((path) => path.split("/").some(isEmpty))).toEqual([]);
  });

  test("lists of exports are for entries", () => {
    const lists = sources.filter((path) => !isEntry(path) && /^export (type )?(\*|\{)/m.test(read(path)));
    expect(lists).toEqual([]);
  });
});

test("no check is switched off without a reason", () => {
  const directive =
    /(?:\/\/|\/\*)\s*((?:oxlint|eslint)-disable[\w-]*|oxfmt-ignore|prettier-ignore|@ts-expect-error|@ts-ignore|@ts-nocheck)(.*)/g;
  const files = [...sources, ...tests, ...scripts, ...filesUnder("test")].filter((path) =>
    /\.(ts|tsx|mjs)$/.test(path),
  );
  const broken = files.flatMap((path) =>
    [...read(path).matchAll(directive)]
      .filter(([, name = "", rest = ""]) => name === "@ts-ignore" || name === "@ts-nocheck" || !hasReason(name, rest))
      .map(([text]) => `${path}: ${text}`),
  );
  expect(broken).toEqual([]);
});

/** `oxlint-disable-next-line rule -- reason`; `@ts-expect-error` takes its reason without the dashes. */
function hasReason(directive: string, rest: string): boolean {
  const reason = directive.startsWith("@ts-") ? rest : rest.split(/\s--\s/)[1];
  return /\w+\W+\w+/.test(reason ?? "");
}
