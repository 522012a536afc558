/**
 * `docs/writing-a-module.md` tells the truth: its packages are taken out of it, each into a folder with nothing but what its
 * own package.json asks for, type-checked, tested and built with the commands of the document, and mounted from its plan.
 */
import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Event } from "amplifier-core";
import { assertInvariants, outlineEvents } from "amplifier-testkit";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { manifests } from "./repository/manifest.ts";
import { read, root } from "./repository/paths.ts";
import type { Finished } from "./support/command.ts";
import { runNode } from "./support/stranger-process.ts";
import { StrangersFolder } from "./support/strangers-folder.ts";

const document = read("docs/writing-a-module.md");
const PLAIN = ["tool-dice", "hooks-call-limit", "context-recent", "provider-echo", "loop-read-only"];
const TYPED = "tool-weekday";

interface Block {
  readonly language: string;
  readonly text: string;
  /** Its first line names it, as a comment. */
  readonly path: string | undefined;
}

interface Manifest {
  readonly files: readonly string[];
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
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
const manifest = JSON.parse(blocks.find(({ language }) => language === "json")?.text ?? "{}") as Manifest;

/** The document's lines for a shell, each as arguments. */
const commands = blocks
  .filter(({ language }) => language === "sh")
  .flatMap(({ text }) => text.trim().split("\n"))
  .map((line) => (line.replace(/ +# .*/, "").match(/'[^']*'|\S+/g) ?? []).map((word) => word.replaceAll("'", "")));

const commandOf = (...start: readonly string[]): readonly string[] => {
  const found = commands.find((command) => start.every((word, index) => command[index] === word));
  if (found === undefined) throw new Error(`the document does not say ${start.join(" ")}`);
  return found.slice(1);
};

// Each test runs processes, some of them one after the other.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Who uses the packages. */
const folder = new StrangersFolder();
/** Who writes them, each in a folder of its own. */
const authors = new Map<string, StrangersFolder>();

function authorOf(kind: string): StrangersFolder {
  return authors.get(kind) as StrangersFolder;
}

/** The package.json of the document, with the fields that the kind's own section changes. */
function manifestOf(kind: string): object {
  const name = `amplifier-module-${kind}`;
  if (kind === TYPED) return { ...manifest, name, ...fieldsIn("In TypeScript") };
  return { ...manifest, name, ...(kind === "loop-read-only" ? fieldsIn("Orchestrator") : {}) };
}

/** The fields of package.json that a section names in its text, as `"key": value`. */
function fieldsIn(title: string): object {
  const text = document.split(/^## /m).find((section) => section.startsWith(`${title}\n`)) ?? "";
  const fields = [...text.matchAll(/`("(?:exports|files|dependencies)": [^`]+)`/g)].map(([, field = ""]) => field);
  expect(fields).not.toEqual([]);
  return JSON.parse(`{${fields.join(",")}}`) as object;
}

function write(kind: string): StrangersFolder {
  const author = new StrangersFolder();
  authors.set(kind, author);
  const name = `amplifier-module-${kind}`;
  const own = manifestOf(kind) as Manifest;
  author.write("package.json", own);
  for (const { path, text } of files) {
    if (path === "tsconfig.json") author.write(path, text);
    if (path.startsWith(`${name}/`)) author.write(path.slice(name.length + 1), text);
  }
  for (const needed of Object.keys({ ...own.devDependencies, ...own.dependencies })) link(author, needed);
  return author;
}

beforeAll(async () => {
  for (const kind of [...PLAIN, TYPED]) write(kind);
  const build = commandOf("npx", "tsc");
  expect(await compile(authorOf(TYPED), build.slice(1))).toEqual(SILENT);
  for (const { name } of manifests().values()) link(folder, name);
  for (const [kind, { path }] of authors) link(folder, `amplifier-module-${kind}`, path);
  for (const { path, text } of files) if (path === "plan.toml") folder.write(path, text);
});

afterAll(() => {
  for (const each of [folder, ...authors.values()]) each.remove();
});

const SILENT = { code: 0, stdout: "", stderr: "" };

/** Runs the compiler that is installed there, as `npx tsc` and a script `tsc` do. */
function compile({ path }: StrangersFolder, args: readonly string[] = []): Promise<Finished> {
  return runNode([join("node_modules", "typescript", "bin", "tsc"), ...args], { cwd: path });
}

/** What npm would install: a package of ours, else the one this repository has. */
function link({ path }: StrangersFolder, name: string, target = installed(name)): void {
  const place = join(path, "node_modules", name);
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(target, place, "junction");
}

function installed(name: string): string {
  const [own] = [...manifests()].find(([, each]) => each.name === name) ?? [];
  return own === undefined ? join(root, "node_modules", name) : join(root, "packages", own);
}

/** The outline of one turn of a plan in the folder, as a process of its own tells it. */
function turnOf(plan: string, prompt: string): Promise<readonly string[]> {
  return outlineOf(["run", "--plan", plan, prompt]);
}

async function outlineOf(command: readonly string[]): Promise<readonly string[]> {
  const { code, stdout, stderr } = await folder.amplifier(...command, "--json");
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const events = stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Event);
  assertInvariants(events);
  return outlineEvents(events);
}

/** The same plan with one piece of it replaced, and more at its end. */
function planWith(piece: string, replacement: string, more = ""): string {
  const plan = files.find(({ path }) => path === "plan.toml")?.text ?? "";
  expect(plan).toContain(piece);
  folder.write("other.toml", plan.replace(piece, replacement) + more);
  return "other.toml";
}

test("the document has a package for each kind of module, and one in TypeScript", () => {
  const kinds = [...PLAIN.map((kind) => `amplifier-module-${kind}/index.js`), `amplifier-module-${TYPED}/index.ts`];
  expect(sources.filter((path) => /\/index\.[jt]s$/.test(path))).toEqual(kinds);
});

test("each block is under 40 lines, none of them wider than the page", () => {
  const long = blocks.filter(({ text }) => text.trimEnd().split("\n").length >= 40 || /^.{121}/m.test(text));
  expect(long.map(({ text }) => text.split("\n")[0])).toEqual([]);
});

test("its package.json has the commands that are run here, and publishes every file but the tests", () => {
  expect(manifest.scripts).toEqual({ test: "node --test", types: "tsc" });
  const published = sources.filter((path) => path.endsWith(".js") || path.endsWith(".d.ts"));
  const names = published.map((path) => path.slice(path.indexOf("/") + 1)).filter((name) => !name.includes(".test."));
  expect([...new Set(names)].toSorted()).toEqual(manifest.files.toSorted());
});

test.each(PLAIN)("the package %s keeps to its contract by type", async (kind) => {
  const checked = `/** @type {import("amplifier-core").AmplifierModule} */\nexport const checked = module;\n`;
  authorOf(kind).write("is-module.js", `import * as module from "./index.js";\n${checked}`);
  expect(await compile(authorOf(kind))).toEqual(SILENT);
});

test.each(PLAIN)("the package %s passes its tests of the document", async (kind) => {
  const { code, passed, failed } = await authorOf(kind).runTests([]);
  expect({ code, failed }).toEqual({ code: 0, failed: [] });
  expect(passed.length).toBeGreaterThan(0);
});

test("the package in TypeScript is mounted as it was built", async () => {
  folder.write("typed.toml", read("docs/writing-a-module.md").match(/^# plan\.toml\n(.*?)^```$/ms)?.[1] ?? "");
  const outline = await turnOf(
    planWith('"tool-dice"\nconfig = { max_dice = 3 }', '"tool-weekday"'),
    '/weekday {"date":"2024-02-29"}',
  );
  expect(outline.filter((line) => line.startsWith("tool:"))).toEqual([
    'tool:pre call_2 run {"date":"2024-02-29"}',
    'tool:post call_2 "Thursday"',
  ]);
});

describe("the plan of the document", () => {
  test("mounts its packages", async () => {
    const { code, stdout } = await folder.amplifier(...commandOf("amplifier-ts", "plan"));
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
    const outline = await outlineOf(commandOf("amplifier-ts", "run"));
    expect(outline.map((line) => line.replaceAll(/\[[1-6],[1-6]\]/g, "[n,n]"))).toEqual([
      "session:start",
      'execution:start "/roll_dice {\\"dice\\":2,\\"sides\\":6}"',
      'prompt:submit "/roll_dice {\\"dice\\":2,\\"sides\\":6}"',
      'context:message user: "/roll_dice {\\"dice\\":2,\\"sides\\":6}"',
      "provider:request #1",
      "content_block:start 0 tool_call call_2",
      'content_block:delta 0 "{\\"dice\\":2,\\"sides\\":6}"',
      'content_block:end 0 call call_2 roll_dice{"dice":2,"sides":6}',
      // A call is decided while its answer ends.
      'tool:pre call_2 run {"dice":2,"sides":6}',
      "provider:response #1 tool_calls",
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
