/**
 * `docs/writing-a-module.md` tells the truth: its packages are taken out of it, type-checked, mounted from its plan as
 * strangers' packages, run and tested.
 */
import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Event } from "amplifier-core";
import { assertInvariants, outlineEvents } from "amplifier-testkit";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { manifests } from "./repository/manifest.ts";
import { read, root } from "./repository/paths.ts";
import { StrangersFolder } from "./support/strangers-folder.ts";

const document = read("docs/writing-a-module.md");
const KINDS = ["tool-dice", "hooks-call-limit", "context-recent", "provider-echo", "loop-read-only"];

interface Block {
  readonly language: string;
  readonly text: string;
  /** Its first line names it, as a comment. */
  readonly path: string | undefined;
}

const blocks: readonly Block[] = [...document.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(
  ([, language = "", text = ""]) => ({
    language,
    text,
    path: /^(?:\/\/|#) (\S+\.\w+)\n/.exec(text)?.[1],
  }),
);
const files = blocks.filter((block): block is Block & { path: string } => block.path !== undefined);
const sources = files.map(({ path }) => path).filter((path) => /\.(js|ts)$/.test(path));

// Each test runs processes, up to four one after the other.
vi.setConfig({ testTimeout: 60_000 });

const folder = new StrangersFolder();

beforeAll(() => {
  for (const [name, { name: installed }] of manifests()) link(join(root, "packages", name), installed);
  link(join(root, "node_modules/@types/node"), "@types/node");
  const manifest = JSON.parse(blocks.find(({ language }) => language === "json")?.text ?? "{}") as object;
  for (const kind of KINDS) {
    const name = `amplifier-module-${kind}`;
    folder.write(`${name}/package.json`, { ...manifest, name });
    link(join(folder.path, name), name);
  }
  for (const { path, text } of files) folder.write(path, text);
});

afterAll(() => folder.remove());

function link(target: string, name: string): void {
  const path = join(folder.path, "node_modules", name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path, "junction");
}

/** The outline of one turn of a plan in the folder, as a process of its own tells it. */
async function turnOf(plan: string, prompt: string): Promise<readonly string[]> {
  const { code, stdout, stderr } = await folder.amplifier("run", "--plan", plan, "--json", prompt);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const events = stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Event);
  assertInvariants(events);
  return outlineEvents(events);
}

test("the document has a package for each kind of module", () => {
  expect(sources.filter((path) => path.endsWith("/index.js"))).toEqual(
    KINDS.map((kind) => `amplifier-module-${kind}/index.js`),
  );
});

test("each block is under 40 lines, none of them wider than the page", () => {
  const long = blocks.filter(({ text }) => text.trimEnd().split("\n").length >= 40 || /^.{121}/m.test(text));
  expect(long.map(({ text }) => text.split("\n")[0])).toEqual([]);
});

test("every package keeps to its contract by type", async () => {
  const modules = KINDS.map((kind, index) => `import * as m${index} from "./amplifier-module-${kind}/index.js";\n`);
  const list = KINDS.map((_, index) => `m${index}`).join(", ");
  const check = `/** @type {readonly import("amplifier-core").AmplifierModule[]} */\nexport const all = [${list}];\n`;
  folder.write("modules.js", modules.join("") + check);
  const checked = await folder.checkTypes(["modules.js", ...sources], { types: ["node"] });
  expect(checked).toEqual({ code: 0, stdout: "", stderr: "" });
});

test("every package passes the tests of the document", async () => {
  const suites = sources.filter((path) => path.endsWith(".test.js"));
  expect(suites).toEqual(KINDS.map((kind) => `amplifier-module-${kind}/index.test.js`));
  const { code, passed, failed } = await folder.runTests(suites);
  expect({ code, failed }).toEqual({ code: 0, failed: [] });
  expect(passed.length).toBeGreaterThan(50);
});

describe("the plan of the document", () => {
  /** The same plan with one piece of it replaced, and more at its end. */
  const planWith = (piece: string, replacement: string, more = ""): string => {
    const plan = files.find(({ path }) => path === "plan.toml")?.text ?? "";
    expect(plan).toContain(piece);
    folder.write("other.toml", plan.replace(piece, replacement) + more);
    return "other.toml";
  };

  test("mounts its packages", async () => {
    const { code, stdout } = await folder.amplifier("plan", "check", "plan.toml");
    expect(code).toBe(0);
    const rows = stdout.split("\n").map((row) => row.split(/ {2,}/));
    expect(rows.slice(1, 5).map(([point, id, , config]) => [point, id, config])).toEqual([
      ["context", "context-recent", '{"turns":5}'],
      ["provider", "provider-echo", undefined],
      ["tool", "tool-dice", '{"max_dice":3}'],
      ["hook", "hooks-call-limit", '{"max_calls":2}'],
    ]);
  });

  test("runs a turn in which the model calls the tool", async () => {
    const outline = await turnOf("plan.toml", '/roll_dice {"dice":2,"sides":6}');
    expect(outline.map((line) => line.replaceAll(/\[[1-6],[1-6]\]/g, "[n,n]"))).toEqual([
      "session:start",
      'execution:start "/roll_dice {\\"dice\\":2,\\"sides\\":6}"',
      'prompt:submit "/roll_dice {\\"dice\\":2,\\"sides\\":6}"',
      'context:message user: "/roll_dice {\\"dice\\":2,\\"sides\\":6}"',
      "provider:request #1",
      "content_block:start 0 tool_call call_2",
      'content_block:delta 0 "{\\"dice\\":2,\\"sides\\":6}"',
      'content_block:end 0 call call_2 roll_dice{"dice":2,"sides":6}',
      "provider:response #1 tool_calls",
      // The hook answers with a promise, so the answer's end is told first.
      'tool:pre call_2 run {"dice":2,"sides":6}',
      'context:message assistant: call call_2 roll_dice{"dice":2,"sides":6}',
      "tool:post call_2 [n,n]",
      'context:message tool(call_2): "[n,n]"',
      "provider:request #2",
      "content_block:start 0 text",
      'content_block:delta 0 "[n,n]"',
      'content_block:end 0 "[n,n]"',
      "provider:response #2 stop",
      'context:message assistant: "[n,n]"',
      'execution:end success "[n,n]" stop',
      "orchestrator:complete success turns=2",
      'prompt:complete success "[n,n]"',
    ]);
  });

  test("gives the tool and the hook their configs", async () => {
    const many = await turnOf("plan.toml", '/roll_dice {"dice":4,"sides":6}');
    expect(many.filter((line) => line.startsWith("tool:"))).toEqual([
      'tool:pre call_2 run {"dice":4,"sides":6}',
      "tool:post call_2 failed: At most 3 dice at once",
    ]);
    const none = await turnOf(planWith("max_calls = 2", "max_calls = 0"), '/roll_dice {"dice":1,"sides":6}');
    expect(none.filter((line) => line.startsWith("tool:"))).toEqual([
      'tool:pre call_2 denied {"dice":1,"sides":6}',
      "tool:error call_2 denied",
    ]);
    expect(none.at(-1)).toContain("roll_dice is call 1; 0 are allowed in a turn");
  });

  test("runs a turn with the orchestrator of the document in the place of ours", async () => {
    folder.write(
      "erase.js",
      `export const moduleType = "tool";
export const mount = (coordinator) => coordinator.mount("tools", {
  name: "erase", description: "Erases all", inputSchema: { type: "object" }, writes: true, execute: async () => "gone",
});
`,
    );
    const erase = `[[tools]]\nmodule = "erase"\nsource = "./erase.js"\n`;
    const plan = planWith('"loop-streaming"', '"loop-read-only"', erase);
    const [rolled] = (await turnOf(plan, '/roll_dice {"dice":1,"sides":6}')).filter((line) => line.startsWith("tool:"));
    expect(rolled).toBe('tool:pre call_2 run {"dice":1,"sides":6}');
    const [erased] = (await turnOf(plan, "/erase {}")).filter((line) => line.startsWith("tool:"));
    expect(erased).toBe("tool:pre call_2 unknown {}");
  });
});
