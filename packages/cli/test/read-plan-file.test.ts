import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readPlanFile } from "../src/plan/read-plan-file.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "plan-"));
});
afterAll(() => rm(folder, { recursive: true }));

async function read(name: string, text: string): Promise<unknown> {
  await writeFile(join(folder, name), text);
  return (await readPlanFile(join(folder, name), name)).plan;
}

/** The two blocks of the original README, byte for byte: a multi-line inline table with a comment is TOML 1.1. */
const README_BLOCKS = `[[orchestrators]]
module = "loop-streaming"
name = "streaming"
config = {
    buffer_size = 10,  # Tokens to buffer before flush
    max_turns = 10,
    timeout = 300
}
[session]
orchestrator = "loop-streaming"
`;

test("the two TOML blocks of the original README are read as they stand", async () => {
  expect(await read("readme.toml", README_BLOCKS)).toEqual({
    orchestrators: [
      { module: "loop-streaming", name: "streaming", config: { buffer_size: 10, max_turns: 10, timeout: 300 } },
    ],
    session: { orchestrator: "loop-streaming" },
  });
});

test.each([
  ["plan.toml", '[session]\norchestrator = "loop"\n[[tools]]\nmodule = "tool-bash"\nconfig = { timeout = 5 }\n'],
  ["plan.yaml", "session: { orchestrator: loop }\ntools:\n  - module: tool-bash\n    config: { timeout: 5 }\n"],
  ["plan.json", '{"session":{"orchestrator":"loop"},"tools":[{"module":"tool-bash","config":{"timeout":5}}]}'],
])("one plan is the same as %s", async (name, text) => {
  expect(await read(name, text)).toEqual({
    session: { orchestrator: "loop" },
    tools: [{ module: "tool-bash", config: { timeout: 5 } }],
  });
});

test("JSON is read too, also with a byte order mark", async () => {
  expect(await read("plan.json", '\uFEFF{"session":{}}')).toEqual({ session: {} });
});

test("YAML is read under both of its names", async () => {
  expect(await read("plan.yaml", "session:\n  orchestrator: loop-streaming\n")).toEqual({
    session: { orchestrator: "loop-streaming" },
  });
  expect(await read("plan.yml", "{ session: {} }")).toEqual({ session: {} });
});

test.each([
  ["plan.toml", "[session]\nsystem = 5\n"],
  ["plan.yaml", "session:\n  system: 5\n"],
  ["plan.json", '{ "session": {\n  "system": 5 } }\n'],
])("%s knows where its keys stand", async (name, text) => {
  await writeFile(join(folder, name), text);
  const { positions } = await readPlanFile(join(folder, name), name);
  expect((await positions()).find("session.system")?.line).toBe(2);
});

test.each([
  ["bad.toml", "a = 1\nb = = 2\n", "bad.toml:2:5: not valid TOML: invalid value."],
  ["bad.json", '{\n  "a" 1\n}', /^bad\.json:2:7: not valid JSON: Expected ':'/],
  ["token.json", '{"a": x}', /^token\.json.*: not valid JSON: Unexpected token/],
  ["short.json", '{"a":', /^short\.json:1:6: not valid JSON: /],
  ["list.json", "[1]", 'list.json: a plan is a table with at least "session"; this is [1].'],
  ["bad.yaml", "session:\n  a: [1\n", /^bad\.yaml:3:1: not valid YAML: Flow sequence .*\.$/],
  ["empty.yml", "", 'empty.yml: a plan is a table with at least "session"; this is null.'],
  ["plan.ini", "", 'plan.ini: a plan\'s file name ends in .toml, .yaml, .yml or .json, not in ".ini".'],
])("%s is refused in one line with file, line and column", async (name, text, message) => {
  const reading = read(name, text);
  await expect(reading).rejects.toMatchObject({ code: "usage" });
  await expect(reading).rejects.toThrow(message);
});

test("a file that is not there, and a folder, are named", async () => {
  await expect(readPlanFile(join(folder, "no.toml"), "no.toml")).rejects.toThrow(
    /^Plan no\.toml: there is no such file\./,
  );
  await expect(readPlanFile(folder, "x.toml")).rejects.toThrow(/^Plan x\.toml: this is a folder\./);
});
