/**
 * Unit tests run against sources: every package name of ours, with any subpath, resolves to its `src`,
 * so a test needs no build. Only processes that a test spawns use `dist`.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { namedTestsPlugin } from "./test/repository/named-tests-reporter.ts";
import { root } from "./test/repository/paths.ts";

const packages = join(root, "packages");

/** Documents whose tables name tests that have to run and pass. */
const documents = ["docs/contract.md", "docs/differences.md", "docs/decisions/0005-a-stricter-kernel.md"];

const alias = readdirSync(packages).flatMap((folder) => {
  const { name } = JSON.parse(readFileSync(join(packages, folder, "package.json"), "utf8")) as { name: string };
  const source = join(packages, folder, "src");
  // Tests run on Node, so the core's entry is the one that its `node` condition selects.
  const entry = join(source, name === "amplifier-core" ? "node.ts" : "index.ts");
  return [
    { find: new RegExp(`^${name}$`), replacement: entry },
    { find: new RegExp(`^${name}/([a-z0-9-]+)$`), replacement: `${source}/$1/index.ts` },
  ];
});

export default defineConfig({
  plugins: [namedTestsPlugin(root, documents)],
  resolve: { alias },
  test: {
    include: ["packages/*/src/**/*.test.ts", "packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
    // Every test sees what it set up itself, whatever ran before it.
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
  },
});
