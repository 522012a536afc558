/**
 * Who may import whom: a star around `amplifier-core`, and a core and a loop that run anywhere.
 */
import { builtinModules } from "node:module";
import { posix } from "node:path";
import { describe, expect, test } from "vitest";
import { manifests } from "./repository/manifest.ts";
import { outlineOf } from "./repository/module-outline.ts";
import { packageFiles, packageFolders, packageOf, read } from "./repository/paths.ts";

/** The star: what each package may import of ours. A new package needs a line here. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  core: [],
  "loop-streaming": ["amplifier-core"],
  providers: ["amplifier-core"],
  modules: ["amplifier-core"],
  testkit: ["amplifier-core"],
  cli: ["amplifier-core", "amplifier-module-loop-streaming", "amplifier-modules", "amplifier-providers"],
};

const sources = packageFiles("source");
const tests = packageFiles("test");
const outlines = new Map([...sources, ...tests].map((path) => [path, outlineOf(path)]));
const manifestByFolder = manifests();
const ourNames = [...manifestByFolder.values()].map(({ name }) => name);

const packageName = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

const importsOf = (path: string): readonly string[] => outlines.get(path)?.imports ?? [];
const isRelative = (specifier: string): boolean => specifier.startsWith(".");
const isBuiltin = (specifier: string): boolean =>
  specifier.startsWith("node:") || builtinModules.includes(specifier.split("/")[0] ?? "");

/** `path -> specifier` of each import that breaks a rule: what a failing test shows. */
function offences(paths: readonly string[], breaks: (specifier: string, path: string) => boolean): string[] {
  return paths.flatMap((path) =>
    importsOf(path)
      .filter((specifier) => breaks(specifier, path))
      .map((specifier) => `${path} -> ${specifier}`),
  );
}

describe("the star of packages", () => {
  test("has a line for every package, and a package for every line", () => {
    expect(Object.keys(mayImport).toSorted()).toEqual(packageFolders().toSorted());
  });

  test.each(Object.keys(mayImport))("%s has sources, and they import something", (folder) => {
    const own = sources.filter((path) => packageOf(path) === folder);
    expect(own.length).toBeGreaterThan(0);
    expect(own.flatMap(importsOf).length).toBeGreaterThan(0);
  });

  test("sources import only what their package may", () => {
    const broken = offences(sources, (specifier, path) => {
      const name = packageName(specifier);
      return ourNames.includes(name) && !mayImport[packageOf(path)]?.includes(name);
    });
    expect(broken).toEqual([]);
  });

  test("tests import their own package, what it may import, and the testkit", () => {
    const broken = offences(tests, (specifier, path) => {
      const folder = packageOf(path);
      const own = manifestByFolder.get(folder)?.name;
      const allowed = ["amplifier-testkit", own, ...(mayImport[folder] ?? [])];
      return ourNames.includes(packageName(specifier)) && !allowed.includes(packageName(specifier));
    });
    expect(broken).toEqual([]);
  });

  test("manifests depend on nothing of ours beyond the star", () => {
    const broken = [...manifestByFolder].flatMap(([folder, { dependencies = {} }]) =>
      Object.keys(dependencies)
        .filter((name) => ourNames.includes(name) && !mayImport[folder]?.includes(name))
        .map((name) => `${folder} -> ${name}`),
    );
    expect(broken).toEqual([]);
  });

  test("relative imports stay inside their package", () => {
    const broken = offences([...sources, ...tests], (specifier, path) => {
      if (!isRelative(specifier)) return false;
      return !posix.join(posix.dirname(path), specifier).startsWith(`packages/${packageOf(path)}/`);
    });
    expect(broken).toEqual([]);
  });

  test("sources do not import tests", () => {
    expect(offences(sources, (specifier) => /\.test\.|\/test\//.test(specifier))).toEqual([]);
  });
});

describe("a core and a loop that run anywhere", () => {
  const neutral = sources.filter((path) => {
    if (/^packages\/core\/src\/(node\.ts$|node\/)/.test(path)) return false;
    return ["core", "loop-streaming"].includes(packageOf(path));
  });

  test("their files were found, and Node's entry is told apart", () => {
    expect(neutral).toContain("packages/core/src/index.ts");
    expect(neutral).toContain("packages/loop-streaming/src/index.ts");
    expect(neutral).not.toContain("packages/core/src/node.ts");
  });

  test("they import nothing of Node", () => {
    expect(offences(neutral, isBuiltin)).toEqual([]);
  });

  test("nor do they reach Node's part of the core", () => {
    const broken = offences(neutral, (specifier, path) => {
      const target = posix.join(posix.dirname(path), specifier);
      return isRelative(specifier) && /^packages\/core\/src\/(node\.ts$|node\/)/.test(target);
    });
    expect(broken).toEqual([]);
  });

  test("the loop's central file stays under 120 lines", () => {
    const central = sources.filter((path) => /^packages\/loop-streaming\/src\/(.+\/)?run-turn\.ts$/.test(path));
    expect(central).toHaveLength(1);
    expect(read(central[0] ?? "").split("\n").length).toBeLessThan(120);
  });
});
