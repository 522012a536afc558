import { checkValue, type ModuleCoordinator } from "amplifier-core";
import { expect, test } from "vitest";
import { configSchema, mount, moduleType } from "./index.ts";

test("it mounts as a provider named local, or as it is told, and loads nothing", async () => {
  const mounted: unknown[] = [];
  const coordinator: Pick<ModuleCoordinator, "mount"> = {
    mount: (point, module, name) => void mounted.push([point, name, "stream" in module]),
  };
  const cleanups = [{}, { name: "small" }].map((config) => mount(coordinator as ModuleCoordinator, config));
  expect(moduleType).toBe("provider");
  expect(mounted).toEqual([
    ["providers", "local", true],
    ["providers", "small", true],
  ]);
  for (const cleanup of cleanups) await cleanup();
});

test.each([
  [{ threads: 0 }, "threads", "is 0, must be at least 1"],
  [{ temperature: 3 }, "temperature", "is 3, must be at most 2"],
  [{ context_size: 10 }, "context_size", "is 10, must be at least 256"],
])("the config %j is refused with a clear sentence", (config, path, message) => {
  expect(checkValue(config, configSchema)).toEqual([{ path, message }]);
});

test("a config with every key is accepted, an unknown key is not", () => {
  const config = {
    model: "a.gguf",
    source: "https://example.org/a.gguf",
    name: "small",
    priority: 1,
    threads: 2,
    context_size: 2048,
    max_output_tokens: 100,
    temperature: 0.5,
    top_p: 1,
    seed: 1,
  };
  expect(checkValue(config, configSchema)).toEqual([]);
  expect(Object.keys(config).toSorted()).toEqual(Object.keys(configSchema.properties).toSorted());
  expect(checkValue({ gpu: true }, configSchema)).not.toEqual([]);
});
