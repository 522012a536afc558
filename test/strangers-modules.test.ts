/**
 * Four modules of strangers, in plain JavaScript: packed, installed by name into an empty folder together with what we
 * publish, mounted from a plan, run, and tested there with the contract suites.
 */
import { cpSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Event } from "amplifier-core";
import {
  assertInvariants,
  contextManagerContract,
  outlineEvents,
  providerContract,
  toolContract,
} from "amplifier-testkit";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { read, root } from "./repository/paths.ts";
import type { Finished } from "./support/command.ts";
import { type LocalRegistry, startLocalRegistry } from "./support/local-registry.ts";
import { packPackages, withDependencies } from "./support/pack-packages.ts";
import { runNpm } from "./support/stranger-process.ts";
import { StrangersFolder } from "./support/strangers-folder.ts";

const fixtures = "test/fixtures/strangers";
const names = ["provider-parrot", "tool-count-words", "hooks-house-rules", "context-discreet"];

// Each test runs processes, up to four one after the other.
vi.setConfig({ testTimeout: 60_000 });

const folder = new StrangersFolder();
let registry: LocalRegistry | undefined;
/** What `plan check` said while the tool was not installed. */
let withoutTool: Finished;

beforeAll(async () => {
  const ours = ["packages/cli", "packages/testkit", "node_modules/@types/node"].map((path) => join(root, path));
  const theirs = names.map((name) => join(root, fixtures, name));
  const packed = await packPackages([...withDependencies(ours), ...theirs], join(folder.path, "tarballs"));
  registry = await startLocalRegistry(packed);
  cpSync(join(root, fixtures), join(folder.path, "authors"), { recursive: true });
  folder.write("plan.toml", read(`${fixtures}/plan.toml`));
  const others = names.filter((name) => !name.startsWith("tool-")).map((name) => `amplifier-module-${name}`);
  await install("amplifier-cli", "amplifier-testkit", "@types/node", ...others);
  withoutTool = await folder.amplifier("plan", "check", "plan.toml");
  const [, advised = "nothing"] = /Install it with: npm install (\S+)/.exec(withoutTool.stderr) ?? [];
  await install(advised);
}, 60_000);

afterAll(async () => {
  await registry?.close();
  folder.remove();
});

async function install(...packages: readonly string[]): Promise<void> {
  await runNpm(["install", ...packages], { cwd: folder.path, registry: registry?.url ?? "" });
}

/** Runs a turn and returns its events, whose order and shape hold the invariants, beside what the process left. */
async function runTurn(plan: string, prompt: string): Promise<Finished & { readonly events: readonly Event[] }> {
  const finished = await folder.amplifier("run", "--plan", plan, "--json", prompt);
  const lines = finished.stdout.split("\n").filter(Boolean);
  const events = lines.map((line) => JSON.parse(line) as Event);
  assertInvariants(events);
  return { ...finished, events };
}

const TOOL_STARTS = 'tool:pre call_3 run {"text":"Greet [somebody] from me"}';

describe("a plan of strangers' modules", () => {
  test("names the line that installs what is missing; that very line installs it", async () => {
    expect(withoutTool).toEqual({
      code: 2,
      stdout: "",
      stderr:
        'plan.toml:15:1: tools[0].module is "tool-count-words": Module "tool-count-words" not found: there is no package ' +
        '"amplifier-module-tool-count-words" here. Install it with: npm install amplifier-module-tool-count-words ' +
        '(or name its "source" in the plan)\n',
    });
    const { code, stdout } = await folder.amplifier("plan", "check", "plan.toml");
    expect(code).toBe(0);
    const rows = stdout.trimEnd().split("\n");
    expect(rows.map((row) => row.split(/ {2,}/).slice(0, 3))).toEqual([
      ["orchestrator", "loop-streaming", join("node_modules", "amplifier-module-loop-streaming", "dist", "index.js")],
      ["context", "context-discreet", join("node_modules", "amplifier-module-context-discreet", "index.js")],
      ["provider", "provider-parrot", join("node_modules", "amplifier-module-provider-parrot", "index.js")],
      ["tool", "tool-count-words", join("node_modules", "amplifier-module-tool-count-words", "index.js")],
      ["hook", "hooks-house-rules", join("node_modules", "amplifier-module-hooks-house-rules", "index.js")],
      ["hook", "hooks-approval", join("node_modules", "amplifier-modules", "dist", "hooks-approval", "index.js")],
    ]);
  });

  test("runs a turn in which each of them has its say", async () => {
    const { code, stderr, events } = await runTurn("plan.toml", "Greet ann@example.org from me");
    expect(code).toBe(0);
    // The hook's `onSessionReady` saw what was mounted before it.
    expect(stderr).toContain("The house rules watch over: count_words\n");
    // The tool starts while the answer is still on its way, so what it shows may come before or after the answer's end.
    const isProgress = (line: string): boolean => line.startsWith("tool:progress");
    const outline = outlineEvents(events);
    const [before, after] = [outline.indexOf(TOOL_STARTS), outline.indexOf('tool:post call_3 {"words":4}')];
    expect(outline.slice(before, after).filter(isProgress)).toEqual(['tool:progress call_3 {"characters":24}']);
    expect(outline.filter((line) => !isProgress(line))).toEqual([
      "session:start",
      'execution:start "Greet ann@example.org from me"',
      'prompt:submit "Greet ann@example.org from me"',
      // The context keeps the address and shows the model its mask.
      'context:message user: "Greet ann@example.org from me"',
      "provider:request #1",
      "content_block:start 0 text",
      'content_block:delta 0 "Let "',
      'content_block:delta 0 "me "',
      'content_block:delta 0 "count."',
      'content_block:end 0 "Let me count."',
      "content_block:start 1 tool_call call_3",
      'content_block:delta 1 "{\\"text\\":\\"Greet [somebody] from me\\"}"',
      'content_block:end 1 call call_3 count_words{"text":"Greet [somebody] from me"}',
      TOOL_STARTS,
      "provider:response #1 tool_calls",
      'context:message assistant: "Let me count.", call call_3 count_words{"text":"Greet [somebody] from me"}',
      'tool:post call_3 {"words":4}',
      'context:message tool(call_3): "{\\"words\\":4}"',
      "provider:request #2",
      "content_block:start 0 text",
      // In capitals, as the hook's rule says.
      'content_block:delta 0 "I "',
      'content_block:delta 0 "HEARD: "',
      'content_block:delta 0 "{\\"WORDS\\":4}"',
      'content_block:end 0 "I HEARD: {\\"WORDS\\":4}"',
      "provider:response #2 stop",
      'context:message assistant: "I HEARD: {\\"WORDS\\":4}"',
      'execution:end success "I HEARD: {\\"WORDS\\":4}" stop',
      "orchestrator:complete success turns=2",
      'prompt:complete success "I HEARD: {\\"WORDS\\":4}"',
    ]);
  });

  test("a hook's denial and a tool's refusal reach the model as results", async () => {
    const denied = await runTurn("plan.toml", "my password");
    expect(outlineEvents(denied.events).filter((line) => line.startsWith("tool:"))).toEqual([
      'tool:pre call_3 denied {"text":"my password"}',
      "tool:error call_3 denied",
    ]);
    expect(denied.events.at(-1)?.data).toMatchObject({ response: expect.stringContaining('"PASSWORD" IS FORBIDDEN') });
    const refused = await runTurn("plan.toml", "x".repeat(101));
    expect(refused.events.at(-1)?.data).toMatchObject({
      response: "I HEARD: THE TEXT HAS 101 CHARACTERS; 100 ARE ALLOWED.",
    });
  });
});

describe("a module that is none", () => {
  const broken = {
    "no-mount.js": 'export const moduleType = "tool";',
    "no-type.js": "export const mount = () => {};",
    "throws-when-loaded.js": 'throw new Error("no luck");',
    "throws-when-mounted.js":
      'export const moduleType = "tool"; export const mount = () => { throw new Error("no luck"); };',
    "hook-throws.js":
      'export const moduleType = "hook"; export const required = true; ' +
      'export const mount = () => { throw new Error("no luck"); };',
    "mounts-nothing.js": 'export const moduleType = "tool"; export const mount = () => {};',
  };
  const tools = (...files: readonly string[]): string =>
    files.map((file) => `[[tools]]\nmodule = "${file.replace(".js", "")}"\nsource = "./${file}"\n`).join("");
  const head = `[session]
orchestrator = "loop-streaming"
context = "context-discreet"
[[providers]]
module = "provider-parrot"
`;

  beforeAll(() => {
    for (const [file, text] of Object.entries(broken)) folder.write(file, text);
  });

  test("is told by `plan check`, all at once, each with its line and what is wrong", async () => {
    const right = `${head}[[providers]]\nmodule = "tool-count-words"\n`;
    const plan = `${right}${tools("no-mount.js", "no-type.js", "throws-when-loaded.js")}[[hooks]]
module = "hooks-house-rules"
config = { rules = "be kind", forbiden = ["password"] }
`;
    folder.write("broken.toml", plan);
    const { code, stdout, stderr } = await folder.amplifier("plan", "check", "broken.toml");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr.trimEnd().split("\n")).toEqual([
      'broken.toml:7:1: providers[1].module is "tool-count-words", which is a tool, but stands where a provider belongs',
      'broken.toml:9:1: tools[0].module is "no-mount", which exports no function `mount`',
      'broken.toml:12:1: tools[1].module is "no-type", which exports no moduleType; ' +
        "it must be one of orchestrator, provider, tool, hook, context",
      'broken.toml:15:1: tools[2].module is "throws-when-loaded", which failed to load: no luck',
      'broken.toml:19:12: hooks[0].config.rules is "be kind", must be array',
      "broken.toml:19:31: hooks[0].config.forbiden is not a known key; known are rules, forbidden",
    ]);
  });

  test("that throws while it is mounted is left out and named, where the session can do without it", async () => {
    folder.write("throws.toml", `${head}${tools("throws-when-mounted.js", "mounts-nothing.js")}`);
    const { code, stderr, events } = await runTurn("throws.toml", "hello");
    expect(code).toBe(0);
    const thrown = 'tools[0]: module "throws-when-mounted" could not be mounted: no luck';
    const empty = 'tools[1]: module "mounts-nothing" mounted nothing as tool.';
    const failures = events.filter(({ type }) => type === "module:load_failed");
    expect(failures.map(({ data }) => data)).toEqual([
      { module_type: "tool", module_id: "throws-when-mounted", error: thrown, reason_code: "module_load_failed" },
      { module_type: "tool", module_id: "mounts-nothing", error: empty, reason_code: "module_invalid" },
    ]);
    expect(stderr).toContain(`${thrown}\n`);
    expect(stderr).toContain(`${empty}\n`);
    expect(outlineEvents(events).at(-1)).toBe('prompt:complete success "I heard: hello"');
  });

  test("fails the start where a hook says that it is required", async () => {
    folder.write("hook.toml", `${head}[[hooks]]\nmodule = "hook-throws"\nsource = "./hook-throws.js"\n`);
    const { code, stdout, stderr } = await folder.amplifier("run", "--plan", "hook.toml", "hello");
    expect({ code, stdout, stderr }).toEqual({
      code: 2,
      stdout: "",
      stderr: 'amplifier-ts: hooks[0]: module "hook-throws" could not be mounted: no luck\n',
    });
  });
});

/** The files of all authors that match, in the folder. */
const authored = (pattern: RegExp): readonly string[] =>
  names.flatMap((name) =>
    readdirSync(join(root, fixtures, name))
      .filter((file) => pattern.test(file))
      .map((file) => `authors/${name}/${file}`),
  );

describe("the author's contract suites", () => {
  test("pass where the module was written", async () => {
    const { code, passed, failed } = await folder.runTests(authored(/\.test\.js$/));
    expect({ code, failed }).toEqual({ code: 0, failed: [] });
    const create = (): never => {
      throw new Error("only the names are asked for");
    };
    const tool = toolContract({ create, input: {}, invalidInput: {}, failingInput: {} });
    const suites = [tool, contextManagerContract({ create })].flat().map(({ name }) => name);
    const providers = providerContract({ create }).flatMap(({ name }) => [`a text: ${name}`, `a tool call: ${name}`]);
    const own = [
      "an address is kept and not sent",
      "the rules go with every request, and a call with a forbidden word is denied",
    ];
    expect(passed.toSorted()).toEqual([...suites, ...providers, ...own].toSorted());
  });

  test("fail for a module that breaks its contract, and say what to do", async () => {
    folder.write("authors/tool-clumsy/package.json", { name: "amplifier-module-tool-clumsy", type: "module" });
    folder.write(
      "authors/tool-clumsy/index.js",
      `import { test } from "node:test";
import { toolContract } from "amplifier-testkit";
export const clumsy = {
  name: "count words!",
  description: "Counts",
  inputSchema: { type: "object" },
  execute: async (input) => {
    input.text = input.text.trim();
    return new Map([["words", input.text.split(" ").length]]);
  },
};
for (const { name, run } of toolContract({ create: () => clumsy, input: { text: "to be" } })) test(name, run);
`,
    );
    const { code, failed, stdout } = await folder.runTests(["authors/tool-clumsy/index.js"]);
    expect(code).toBe(1);
    expect(failed).toEqual([
      "has a name that every model API takes",
      "succeeds with the valid input, and its result is plain JSON",
      "leaves its input as it was",
      "lets two calls run at once, each with its own result",
    ]);
    expect(stdout).toContain("Rename the tool; APIs refuse a request with any other name.");
  });
});

describe("the published types", () => {
  test("hold every module to its contract, with the compiler's own libraries and no others", async () => {
    const imports = names.map((name, index) => `import * as m${index} from "./authors/${name}/index.js";`);
    const list = names.map((_, index) => `m${index}`).join(", ");
    const check = `/** @type {readonly import("amplifier-core").AmplifierModule[]} */\nexport const modules = [${list}];\n`;
    folder.write("modules.js", `${imports.join("\n")}\n${check}`);
    const right = { code: 0, stdout: "", stderr: "" };
    expect(await folder.checkTypes(["modules.js", ...authored(/^\w+\.js$/)])).toEqual(right);
    // Tests are Node's, so its types are theirs.
    expect(await folder.checkTypes(authored(/\.test\.js$/), { types: ["node"] })).toEqual(right);
  });

  test("refuse what would fail at run time", async () => {
    folder.write(
      "mistakes.js",
      `import { defineTool } from "amplifier-core";
export const tool = defineTool({
  name: "t", description: "d",
  inputSchema: { type: "object", properties: { n: { type: "integer" } }, required: ["n"] },
  execute: ({ n, m }) => n.toUpperCase(),
});
/** @type {import("amplifier-core").AmplifierModule["mount"]} */
export const mount = (coordinator) => coordinator.mount("tool", tool);
`,
    );
    const { code, stdout } = await folder.checkTypes(["mistakes.js"]);
    expect(code).not.toBe(0);
    expect([...stdout.matchAll(/^mistakes\.js\((\d+),\d+\): error/gm)].map(([, line]) => Number(line))).toEqual([
      5, 5, 8,
    ]);
  });
});
