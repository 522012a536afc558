import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cacheFolder, cachePlaces } from "./cache-folder.ts";

test.each([
  ["linux", {}, join(homedir(), ".cache", "amplifier-ts")],
  ["linux", { XDG_CACHE_HOME: "/xdg" }, join("/xdg", "amplifier-ts")],
  ["darwin", { XDG_CACHE_HOME: "/xdg" }, join(homedir(), "Library", "Caches", "amplifier-ts")],
  ["win32", { LOCALAPPDATA: "/local" }, join("/local", "amplifier-ts", "cache")],
  ["linux", { AMPLIFIER_CACHE: "/own", XDG_CACHE_HOME: "/xdg" }, "/own"],
  ["win32", { AMPLIFIER_CACHE: "/own" }, "/own"],
  ["linux", { AMPLIFIER_CACHE: " ", XDG_CACHE_HOME: "" }, join(homedir(), ".cache", "amplifier-ts")],
] as const)("on %s with %j the cache is %s", (platform, environment, expected) => {
  expect(cacheFolder(environment, platform)).toBe(expected);
});

test("the engine's place names its version and platform, so that an upgrade installs anew", () => {
  const { directory, engine, weights } = cachePlaces({ AMPLIFIER_CACHE: "/own" });
  expect(directory).toBe("/own");
  expect(engine).toMatch(/node-llama-cpp-\d+\.\d+\.\d+-\w+-\w+$/);
  expect(weights).toMatch(/\.gguf$/);
});
