/**
 * What is built of each package, as the source maps tell it: no source twice, so that a class is one class from whichever
 * entry it comes; nothing of another package; nothing of Node in what runs anywhere.
 */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";
import { manifests } from "./repository/manifest.ts";
import { root } from "./repository/paths.ts";

interface Built {
  readonly file: string;
  /** Relative to the repository. */
  readonly sources: readonly string[];
  readonly imports: readonly string[];
}

const packages = [...manifests().keys()];

const builtOf = (folder: string): Built[] => {
  const dist = join(root, "packages", folder, "dist");
  const files = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js"));
  return files.map((file) => {
    const path = join(dist, file);
    // A file that only passes on what another one exports has nothing to map.
    const map = existsSync(`${path}.map`) ? readFileSync(`${path}.map`, "utf8") : '{"sources":[]}';
    const { sources } = JSON.parse(map) as { sources: string[] };
    const imports = readFileSync(path, "utf8").matchAll(
      /^(?:import|export)\b[^;]*? from "([^"]+)"|\bimport\("([^"]+)"\)/gm,
    );
    return {
      file,
      sources: sources.map((source) => relative(root, resolve(dirname(path), source))),
      imports: [...imports].map(([, from, lazy]) => from ?? lazy ?? ""),
    };
  });
};

test.each(packages)("%s is built of its own sources, each in one file", (folder) => {
  const sources = builtOf(folder).flatMap((built) => built.sources);
  expect(sources.length).toBeGreaterThan(3);
  expect(sources.filter((source) => !source.startsWith(join("packages", folder, "src/")))).toEqual([]);
  expect(sources.filter((source, at) => sources.indexOf(source) !== at)).toEqual([]);
});

test("the core is one file, and a second for Node", () => {
  const [everywhere, node, ...more] = builtOf("core").toSorted((a, b) => a.file.localeCompare(b.file));
  expect(more).toEqual([]);
  expect(everywhere).toMatchObject({ file: "index.js", imports: ["@cfworker/json-schema"] });
  expect(node).toMatchObject({
    file: "node.js",
    imports: expect.arrayContaining(["./index.js", "node:fs"]) as string[],
  });
});

test("the loop is one file that imports the core", () => {
  expect(builtOf("loop-streaming")).toEqual([
    expect.objectContaining({ file: "index.js", imports: ["amplifier-core"] }),
  ]);
});

test("what is loaded only when it is used stays a file of its own", () => {
  const main = builtOf("cli").find(({ file }) => file === "main.js");
  expect(main?.imports).toEqual(expect.arrayContaining(["./run.js", "./chat.js", "./plan.js"]));
  expect(main?.sources).not.toContain("packages/cli/src/commands/chat.ts");
});
