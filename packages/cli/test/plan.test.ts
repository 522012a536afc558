import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { chatServer, type ChatServer, type Step } from "./support/chat-server.ts";
import { emptyFolder, runCli, stopAll, type Finished } from "./support/cli-process.ts";

let server: ChatServer | null = null;
afterEach(async () => {
  await stopAll();
  const unexpected = server?.unexpected ?? [];
  await server?.close();
  server = null;
  expect(unexpected).toEqual([]);
});

async function serve(...steps: readonly Step[]): Promise<ChatServer> {
  server = await chatServer(...steps);
  return server;
}

/** Runs a prompt with files in the workspace, one of them the plan. */
function runWith(
  files: Readonly<Record<string, string>>,
  options: { readonly env: Readonly<Record<string, string>>; readonly args: readonly string[] },
): Promise<Finished> {
  const cwd = emptyFolder();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(cwd, name), text);
  return runCli(["run", ...options.args, "hi"], { env: options.env, cwd });
}

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
const SESSION = '[session]\norchestrator = "loop-streaming"\n';
const hello: Step = (reply) => reply.text("Hello").finish();

test("the two TOML blocks of the original README mount together and run a turn", async () => {
  const { env, bodies } = await serve(hello);
  const result = await runWith({ "readme.toml": README_BLOCKS }, { env, args: ["--plan", "readme.toml"] });
  expect(result).toMatchObject({ code: 0, stdout: "Hello\n" });
  expect(bodies[0]?.tools).toBeUndefined();
  expect(bodies[0]?.messages[0]?.content).toContain("You have no tools");
});

test("a plan in JSON runs a stranger's tool from beside the plan", async () => {
  const { env, bodies } = await serve((reply) => reply.toolCall("c1", "clock", {}).finish("tool_calls"), hello);
  const plan = { session: { orchestrator: "loop-streaming" }, tools: [{ module: "clock", source: "./clock.mjs" }] };
  const clock = `export const moduleType = "tool";
    export const mount = (coordinator) => coordinator.mount("tools", {
      name: "clock", description: "Time", inputSchema: { type: "object" }, execute: async () => "half past nine" });`;
  const files = { "plan.json": JSON.stringify(plan), "clock.mjs": clock };
  const result = await runWith(files, { env, args: ["--plan", "plan.json"] });
  expect(result).toMatchObject({ code: 0, stdout: "Hello\n" });
  expect(bodies[1]?.messages.at(-1)).toMatchObject({ role: "tool", content: "half past nine" });
});

test("the plan's own system prompt stands, as text or as a file beside the plan", async () => {
  const { env, bodies } = await serve(hello, hello);
  await runWith({ "p.toml": `${SESSION}system = "Be brief."\n` }, { env, args: ["--plan", "p.toml"] });
  const files = { "p.toml": `${SESSION}system = "@me.md"\n`, "me.md": "From a file." };
  await runWith(files, { env, args: ["--plan", "p.toml"] });
  expect(bodies.map(({ messages }) => messages[0]?.content)).toEqual(["Be brief.", "From a file."]);
});

test("a turn that a limit ended says which, and exits with 3", async () => {
  const call: Step = (reply) => reply.text("I look.").toolCall("c1", "clock", {}).finish("tool_calls");
  const { env } = await serve(call, hello);
  const plan = `${SESSION}[orchestrator.config]\nmax_turns = 1\n`;
  const { code, stdout, stderr } = await runWith({ "p.toml": plan }, { env, args: ["--plan", "p.toml"] });
  expect({ code, stdout }).toEqual({ code: 3, stdout: "I look.\nHello\n" });
  expect(stderr).toContain("A limit ended the turn: max_turns (the agent took as many steps");
});

test("a turn that ran out of time says so in one line, keeps what came, and exits with 124", async () => {
  const { env } = await serve((reply) => {
    reply.text("Half");
  });
  const plan = `${SESSION}[orchestrator.config]\ntimeout = 0.3\n`;
  const { code, stdout, stderr } = await runWith({ "p.toml": plan }, { env, args: ["-q", "--plan", "p.toml"] });
  expect({ code, stdout }).toEqual({ code: 124, stdout: "Half\n" });
  expect(stderr).toMatch(/^error: .*"?timeout"?.*\n$/);
});

test("without a model and without a network it is the demo, which says so", async () => {
  const env = {
    npm_config_registry: "http://127.0.0.1:1",
    npm_config_fetch_retries: "0",
    PIP_INDEX_URL: "http://127.0.0.1:1",
  };
  const { code, stdout, stderr } = await runWith({}, { env, args: [] });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^This is the demo/);
  expect(stderr).toMatch(/^Model: the local model: no key is set/);
  expect(stderr).toContain("\nModel: demo, which is no model: the local model cannot be had: ");
}, 30_000);

test("Ollama on this machine is used when there is no key", async () => {
  const { env, bodies } = await serve(hello);
  const host = env["OPENAI_BASE_URL"]?.replace(/\/v1$/, "") ?? "";
  const { code, stdout, stderr } = await runWith({}, { env: { OLLAMA_HOST: host }, args: [] });
  expect({ code, stdout }).toEqual({ code: 0, stdout: "Hello\n" });
  expect(stderr).toMatch(/^Model: ollama, model tiny:1b: no key is set/);
  expect(bodies[0]?.model).toBe("tiny:1b");
});
