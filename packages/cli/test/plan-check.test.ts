import { checkValue, type JsonSchema } from "amplifier-core";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { emptyFolder, runCli, stopAll, type Finished } from "./support/cli-process.ts";

afterEach(stopAll);

/** Checks a plan that stands in an empty folder with `files` beside it. */
function check(name: string, files: Readonly<Record<string, string>>): Promise<Finished> {
  const cwd = emptyFolder();
  mkdirSync(join(cwd, "modules"));
  for (const [path, text] of Object.entries(files)) writeFileSync(join(cwd, path), text);
  return runCli(["plan", "check", name], { cwd });
}

const TOOL = `export const moduleType = "tool";
export const configSchema = { type: "object", properties: { limit: { type: "integer", default: 3 }, api_key: {} } };
export const mount = () => { throw new Error("nothing is mounted by a check"); };`;

const BAD_TOML = `colour = 1
[session]
orchestrator = "loop-streaming"
system = "@nope.md"
[orchestrator.config]
max_turns = "ten"
[[providers]]
module = "tool-bash"
[[tools]]
module = "tool-nope"
[[tools]]
module = "x"
source = "./modules/x.mjs"
config = { api_key = "sk-1", # a comment
  limit = "many" }
[[hooks]]
config = {}
[[hooks]]
module = "y"
source = "./modules/y.mjs"
`;
const Y = `throw new Error("no luck");`;

test.each(["run", "chat"])("%s tells the very lines of the check when it cannot mount a plan", async (command) => {
  const cwd = emptyFolder();
  mkdirSync(join(cwd, "modules"));
  const files = { "p.toml": BAD_TOML, "modules/x.mjs": TOOL, "modules/y.mjs": Y };
  for (const [path, text] of Object.entries(files)) writeFileSync(join(cwd, path), text);
  const checked = await runCli(["plan", "check", "p.toml"], { cwd });
  const started = await runCli(
    [command, "--plan", "p.toml", "--provider", "demo", ...(command === "run" ? ["Hi"] : [])],
    { cwd },
  );
  expect(started).toMatchObject({ code: 2, stdout: "", stderr: `amplifier-ts: ${checked.stderr}` });
});

test("a plan with one mistake is told with its line when it is started", async () => {
  const cwd = emptyFolder();
  for (const [text, wanted] of [
    [
      '[session]\norchestrator = "loop-streaming"\ncolour = 1\n',
      /^amplifier-ts: p\.toml:3:1: session\.colour is not a known key/,
    ],
    [
      '[session]\norchestrator = "loop-nope"\n',
      /^amplifier-ts: p\.toml:2:1: session\.orchestrator is "loop-nope": .*npm install/,
    ],
    [
      '[session]\norchestrator = "loop-streaming"\nsystem = "@no.md"\n',
      /^amplifier-ts: p\.toml:3:1: session\.system cannot read no\.md/,
    ],
  ] as const) {
    writeFileSync(join(cwd, "p.toml"), text);
    const { code, stderr } = await runCli(["run", "--plan", "p.toml", "--provider", "demo", "Hi"], { cwd });
    expect({ code, lines: stderr.trimEnd().split("\n") }).toEqual({ code: 2, lines: [expect.stringMatching(wanted)] });
  }
});

test("everything that is wrong is told at once, each with its line, and nothing is on stdout", async () => {
  const { code, stdout, stderr } = await check("p.toml", {
    "p.toml": BAD_TOML,
    "modules/x.mjs": TOOL,
    "modules/y.mjs": Y,
  });
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr.trimEnd().split("\n")).toEqual([
    expect.stringMatching(/^p\.toml:1:1: colour is not a known key; known are session, /),
    expect.stringMatching(/^p\.toml:4:1: session\.system cannot read nope\.md: there is no such file/),
    expect.stringMatching(/^p\.toml:6:1: orchestrator\.config\.max_turns is "ten", must be /),
    'p.toml:8:1: providers[0].module is "tool-bash", which is a tool, but stands where a provider belongs',
    expect.stringMatching(/^p\.toml:10:1: tools\[0\]\.module is "tool-nope": .*npm install amplifier-module-tool-nope/),
    'p.toml:15:3: tools[1].config.limit is "many", must be integer',
    "p.toml:16:1: hooks[0].module is missing",
    expect.stringMatching(/^p\.toml:19:1: hooks\[1\]\.module is "y", which failed to load: .*no luck/),
  ]);
});

test.each([
  ["p.yaml", "session:\n  orchestrator: loop-streaming\n  system: 5\ntools:\n  - module: tool-nope\n"],
  [
    "p.json",
    '{ "session": {\n  "orchestrator": "loop-streaming",\n  "system": 5 },\n "tools": [\n {"module": "tool-nope"}]}',
  ],
])("a plan in %s has lines too", async (name, text) => {
  const { code, stderr } = await check(name, { [name]: text });
  expect(code).toBe(2);
  expect(stderr.trimEnd().split("\n")).toEqual([
    `${name}:3:3: session.system is 5, must be string`,
    expect.stringMatching(new RegExp(`^${name}:5:\\d: tools\\[0\\]\\.module is "tool-nope": `)),
  ]);
});

test("a right plan is listed line by line with files and configs, secrets left out, and nothing is mounted", async () => {
  const plan = {
    session: { orchestrator: "loop-streaming", raw: true },
    agents: { helper: {} },
    providers: [{ module: "provider-demo" }, { module: "provider-demo", instance_id: "second" }],
    tools: [{ module: "x", source: "./modules/x.mjs", config: { api_key: "sk-1" } }],
  };
  const { code, stdout, stderr } = await check("p.json", { "p.json": JSON.stringify(plan), "modules/x.mjs": TOOL });
  expect(code).toBe(0);
  const rows = stdout.trimEnd().split("\n");
  expect(rows.map((row) => row.split(/ {2,}/).slice(0, 2))).toEqual([
    ["orchestrator", "loop-streaming"],
    ["context", "context-simple"],
    ["provider", "provider-demo"],
    ["provider", "provider-demo as second"],
    ["tool", "x"],
    ["hook", "hooks-approval"],
  ]);
  expect(rows[0]).toMatch(/loop-streaming.*index\.js$/);
  expect(rows[4]).toMatch(/ modules\/x\.mjs +\{"api_key":"\[redacted\]"\}$/);
  expect(stderr.split("\n")).toEqual([
    "p.json: warning: agents is for modules that read it; nothing is mounted from it.",
    "p.json: hooks-approval is not listed: run and chat add it",
    "",
  ]);
});

test("the README's plan is right; it lists no provider", async () => {
  const text = `[[orchestrators]]
module = "loop-streaming"
config = {
    max_turns = 10,
}
[session]
orchestrator = "loop-streaming"
`;
  const { code, stderr } = await check("p.toml", { "p.toml": text });
  expect(code).toBe(0);
  expect(stderr).toMatch(/^p\.toml: no provider is listed: run and chat pick one/);
});

test.each([
  [["plan"], /^amplifier-ts: Say "amplifier-ts plan check FILE" or "amplifier-ts plan schema"\.$/],
  [["plan", "check"], /^amplifier-ts: Say /],
  [["plan", "check", "a", "b"], /^amplifier-ts: Say /],
  [["plan", "check", "no.toml"], /^amplifier-ts: Plan no\.toml: there is no such file\./],
  [["plan", "check", "x.toml", "--yes"], /^amplifier-ts: --yes works with run and chat only\.$/],
])("%j is refused in one line", async (args, message) => {
  const { code, stdout, stderr } = await runCli(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr.trimEnd()).toMatch(message);
  expect(stderr.trimEnd().split("\n")).toHaveLength(1);
});

test("the schema knows our modules by id, and their configs", async () => {
  const { code, stdout, stderr } = await runCli(["plan", "schema"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const schema = JSON.parse(stdout) as JsonSchema;
  const ids = (list: string): unknown =>
    (schema.properties?.[list]?.items as JsonSchema | undefined)?.properties?.["module"]?.["examples"];
  expect(ids("tools")).toEqual(expect.arrayContaining(["tool-bash", "tool-filesystem"]));
  expect(ids("providers")).toEqual(expect.arrayContaining(["provider-anthropic", "provider-openai"]));
  const session = { orchestrator: "loop-streaming" };
  const verdicts = [
    { session, orchestrator: { config: { max_turns: 5 } } },
    { session, orchestrator: { config: { max_turn: 5 } } },
    { session, orchestrators: [{ module: "loop-streaming", config: { max_turns: 5 } }] },
    { session, orchestrators: [{ module: "loop-streaming", config: { max_turns: "5" } }] },
    { session, context: { config: { nonsense: 1 } } },
    { session: { ...session, context: "another" }, context: { config: { nonsense: 1 } } },
    { session, tools: [{ module: "tool-bash", config: { timeout: 5 } }] },
    { session, tools: [{ module: "tool-bash", config: { timeout: -5 } }] },
    { session, tools: [{ module: "tool-of-a-stranger", config: { timeout: -5 } }] },
  ].map((plan) => checkValue(plan, schema).length === 0);
  expect(verdicts).toEqual([true, false, true, false, false, true, true, false, true]);
});
