/**
 * Unit tests run against sources: every package name of ours, with any subpath, resolves to its `src`,
 * so a test needs no build. Only processes that a test spawns use `dist`.
 */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const packages = fileURLToPath(new URL("./packages/", import.meta.url));

/** npm name -> folder, for names that differ from `amplifier-<folder>`. */
const folders: Record<string, string> = {
  "amplifier-module-loop-streaming": "loop-streaming",
};

const names = ["core", "providers", "modules", "testkit", "cli"].map((folder) => [`amplifier-${folder}`, folder]);

const alias = [...names, ...Object.entries(folders)].flatMap(([name, folder]) => [
  // Tests run on Node, so the core entry is the one its `node` condition selects.
  { find: new RegExp(`^${name}$`), replacement: `${packages}${folder}/src/${folder === "core" ? "node" : "index"}.ts` },
  { find: new RegExp(`^${name}/([^/]+)$`), replacement: `${packages}${folder}/src/$1/index.ts` },
]);

export default defineConfig({
  resolve: { alias },
  test: {
    include: ["packages/*/src/**/*.test.ts", "packages/*/test/**/*.test.ts", "test/**/*.test.ts"],
    // Every test sees what it set up itself, whatever ran before it.
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
  },
});
