/**
 * `docs/writing-a-provider.md` tells the truth: its folder has five files, which are taken out of it, type-checked, tested
 * by their own test, and run a turn with a tool against a server that speaks the API.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Event } from "amplifier-core";
import { assertInvariants, outlineEvents } from "amplifier-testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { manifests } from "./repository/manifest.ts";
import { read, root } from "./repository/paths.ts";
import { StrangersFolder } from "./support/strangers-folder.ts";

const PACKAGE = "amplifier-module-provider-ollama";
const blocks = [...read("docs/writing-a-provider.md").matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(
  ([, language = "", text = ""]) => ({ language, text }),
);

/** The files of the document: a block whose first line says "continued" goes on with the file. */
const files = new Map<string, string>();
for (const { language, text } of blocks) {
  const path = language === "json" ? `${PACKAGE}/package.json` : /^(?:\/\/|#) ([^\s,]+)/.exec(text)?.[1];
  if (path !== undefined) files.set(path, (files.get(path) ?? "") + text);
}

// Each test runs a process.
vi.setConfig({ testTimeout: 60_000 });

const folder = new StrangersFolder();

beforeAll(() => {
  for (const [name, { name: installed }] of manifests()) link(join(root, "packages", name), installed);
  link(join(root, "node_modules/@types/node"), "@types/node");
  link(join(folder.path, PACKAGE), PACKAGE);
  for (const [path, text] of files) folder.write(path, text);
});

afterAll(() => folder.remove());

function link(target: string, name: string): void {
  const path = join(folder.path, "node_modules", name);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path, "junction");
}

const sources = [...files.keys()].filter((path) => path.endsWith(".js"));

test("the provider is one folder of five files, no block of 40 lines or wider than the page", () => {
  const names = ["package.json", "index.js", "to-body.js", "answer.js", "index.test.js"];
  const own = [...files.keys()].filter((path) => path.startsWith(`${PACKAGE}/`));
  expect(own).toEqual(names.map((name) => `${PACKAGE}/${name}`));
  const long = blocks.filter(({ text }) => text.trimEnd().split("\n").length >= 40 || /^.{121}/m.test(text));
  expect(long.map(({ text }) => text.split("\n")[0])).toEqual([]);
});

test("it keeps to its contract by type", async () => {
  folder.write(
    "modules.js",
    `import * as ollama from "./${PACKAGE}/index.js";
/** @type {import("amplifier-core").AmplifierModule} */
export const module = ollama;
`,
  );
  const checked = await folder.checkTypes(["modules.js", ...sources], { types: ["node"] });
  expect(checked).toEqual({ code: 0, stdout: "", stderr: "" });
});

test("it passes the contract suite with its own test", async () => {
  const { code, passed, failed } = await folder.runTests([`${PACKAGE}/index.test.js`]);
  expect({ code, failed }).toEqual({ code: 0, failed: [] });
  expect(passed).toContain("throws an LLMError that a retry may help when its stream stops too soon");
  expect(passed).toContain("stops when its reader leaves in the middle of an answer");
});

/** Answers the calls of a turn in order, one line a write. */
async function startOllama(bodies: unknown[], ...answers: readonly (readonly object[])[]): Promise<Server> {
  const server = createServer((request, response) => {
    let text = "";
    request.setEncoding("utf8").on("data", (part: string) => (text += part));
    request.on("end", () => {
      const lines = answers[bodies.length] ?? [];
      bodies.push(JSON.parse(text));
      for (const line of lines) response.write(`${JSON.stringify(line)}\n`);
      response.end();
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return server;
}

test("a plan mounts it, and a turn with thinking and a tool runs", async () => {
  const bodies: { messages: unknown[] }[] = [];
  const call = { function: { name: "now", arguments: { zone: "utc" } } };
  const counts = { done: true, done_reason: "stop", prompt_eval_count: 5, eval_count: 2 };
  const server = await startOllama(
    bodies,
    [{ message: { thinking: "A clock." } }, { message: { tool_calls: [call] } }, counts],
    [{ message: { content: "It is " } }, { message: { content: "noon." } }, counts],
  );
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const plan = files.get("plan.toml") ?? "";
  folder.write("plan.toml", plan.replace("{ model", `{ base_url = "${url}", model`) + NOW_PLAN);
  folder.write("now.js", NOW);
  const { code, stdout, stderr } = await folder.amplifier("run", "--plan", "plan.toml", "--json", "When?");
  server.close().closeAllConnections();
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const events = stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Event);
  assertInvariants(events);
  const outline = outlineEvents(events).map((line) => line.replaceAll(/call_[0-9a-f-]{36}/g, "<id>"));
  expect(outline.filter((line) => /^(content_block:end|tool:|execution:end)/.test(line))).toEqual([
    'content_block:end 0 thinking "A clock."',
    'content_block:end 1 call <id> now{"zone":"utc"}',
    'tool:pre <id> run {"zone":"utc"}',
    'tool:post <id> "noon"',
    'content_block:end 0 "It is noon."',
    'execution:end success "It is noon." stop',
  ]);
  expect(bodies[1]?.messages.slice(-2)).toEqual([
    { role: "assistant", content: "", tool_calls: [call] },
    { role: "tool", content: "noon", tool_name: "now" },
  ]);
});

const NOW_PLAN = `\n[[tools]]\nmodule = "now"\nsource = "./now.js"\n`;
const NOW = `export const moduleType = "tool";
export const mount = (coordinator) => coordinator.mount("tools", {
  name: "now", description: "The time", inputSchema: { type: "object" }, execute: async () => "noon",
});
`;
