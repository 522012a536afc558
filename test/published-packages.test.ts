/**
 * What the packages promise in their manifests: exact versions, and a source behind every entry.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Manifest, manifests } from "./repository/manifest.ts";
import { read, root } from "./repository/paths.ts";

const packages = manifests();
const rootManifest = JSON.parse(read("package.json")) as Manifest;

const allDependencies = ({ dependencies, devDependencies, optionalDependencies }: Manifest): [string, string][] =>
  Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies });

test("every dependency has one exact version", () => {
  const pinned = [rootManifest, ...packages.values()].flatMap((manifest) =>
    allDependencies(manifest).map(([name, version]) => ({ from: manifest.name, name, version })),
  );
  expect(pinned.length).toBeGreaterThan(10);
  expect(pinned.filter(({ version }) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
});

test("our packages depend on each other in the version that lies here", () => {
  const versions = new Map([...packages.values()].map(({ name, version }) => [name, version]));
  const ours = [rootManifest, ...packages.values()].flatMap((manifest) =>
    allDependencies(manifest).filter(([name]) => versions.has(name)),
  );
  expect(ours.length).toBeGreaterThan(4);
  expect(ours.filter(([name, version]) => versions.get(name) !== version)).toEqual([]);
});

test("every entry of a package has a source", () => {
  const entries = [...packages].flatMap(([folder, { exports = {} }]) =>
    targets(exports)
      .filter((target) => target.endsWith(".js"))
      .map((target) => `packages/${folder}/${target.replace("./dist/", "src/").replace(/\.js$/, ".ts")}`),
  );
  expect(entries).toContain("packages/core/src/index.ts");
  expect(entries.length).toBeGreaterThan(8);
  expect(entries.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

/** All paths in an `exports` field, whatever conditions lead to them. */
function targets(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return value instanceof Object ? Object.values(value).flatMap(targets) : [];
}
