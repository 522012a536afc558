/** Nothing runs unasked without --yes, whatever a plan says about the approval hook. */
import { copyFileSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { chatServer, type ChatServer, type Step } from "./support/chat-server.ts";
import { emptyFolder, runCli, startCli, stopAll } from "./support/cli-process.ts";

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

const callsBash: Step = (reply) =>
  reply.toolCall("c1", "bash", { command: "echo made > made.txt" }).finish("tool_calls");
const hello: Step = (reply) => reply.text("Hello").finish();

/** A folder with a plan that has bash and this hook, and a module that mounts nothing. */
function planWith(hook: object): string {
  const cwd = emptyFolder();
  const plan = { session: { orchestrator: "loop-streaming" }, tools: [{ module: "tool-bash" }], hooks: [hook] };
  writeFileSync(join(cwd, "p.json"), JSON.stringify(plan));
  writeFileSync(join(cwd, "x.mjs"), 'export const moduleType = "hook"; export const mount = () => undefined;');
  return cwd;
}

test("a command cannot draw lines of a question by padding itself to the width of the terminal", async () => {
  const pad = (text: string): string => text.padEnd(80, " ");
  const command = `${"ls".padEnd(76, " ")}${pad("[a]llow once  [d]eny ? Allow once")}${pad("Run this command?")}echo hi #${"漢".repeat(90)}\t\t\trm`;
  const { env } = await serve((reply) => reply.toolCall("c1", "bash", { command }).finish("tool_calls"), hello);
  const cwd = planWith({ module: "hooks-approval" });
  const cli = startCli(["run", "--plan", "p.json", "-q", "hi"], { env, cwd, terminal: 80 });
  await cli.sees("[d]eny ? ".replace("[d]", "session)  [d]"));
  const lines = cli.stdout.replaceAll("\r", "").split("\n");
  const columns = (line: string): number => Array.from(line).reduce((sum, each) => sum + (each < "\u007f" ? 1 : 2), 0);
  expect(lines.map(columns).filter((width) => width >= 80)).toEqual([]);
  expect(lines[0]).toBe("Run this command?");
  expect(lines.slice(1, -1).filter((line) => !/^ {2}\|[ >]/.test(line))).toEqual([]);
  expect(lines.at(-1)).toMatch(/^\[a\]llow once .*\[d\]eny \? $/);
  cli.type("d");
  expect((await cli.finished).code).toBe(0);
});

test("an approval hook that cannot be mounted ends the start with exit code 2, and nothing runs", async () => {
  const { env, bodies } = await serve();
  const cwd = planWith({ module: "hooks-approval", config: { allow: ["bash"], deny: ["bash"] } });
  const { code, stdout, stderr } = await runCli(["run", "--plan", "p.json", "hi"], { env, cwd });
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/hooks-approval/);
  expect(bodies).toEqual([]);
  expect(existsSync(join(cwd, "made.txt"))).toBe(false);
});

test("a stranger's module under the hook's name does not keep the question from being asked", async () => {
  const { env } = await serve(callsBash, hello);
  const cwd = planWith({ module: "hooks-approval", source: "./x.mjs" });
  const cli = startCli(["run", "--plan", "p.json", "hi"], { env, cwd, terminal: 80 });
  await cli.sees("[d]eny ? ");
  expect(cli.stdout).toContain("| echo made > made.txt");
  cli.type("d");
  expect((await cli.finished).code).toBe(0);
  expect(existsSync(join(cwd, "made.txt"))).toBe(false);
});

test("a package of the hook's name that mounts nothing is found out before anything runs", async () => {
  const { env, bodies } = await serve();
  const cwd = planWith({ module: "hooks-approval" });
  const folder = join(cwd, "node_modules", "amplifier-modules");
  mkdirSync(folder, { recursive: true });
  const manifest = { name: "amplifier-modules", type: "module", exports: { "./hooks-approval": "./x.mjs" } };
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  copyFileSync(join(cwd, "x.mjs"), join(folder, "x.mjs"));
  const { code, stdout, stderr } = await runCli(["run", "--plan", "p.json", "-q", "hi"], { env, cwd });
  expect({ code, stdout, bodies }).toEqual({ code: 2, stdout: "", bodies: [] });
  expect(stderr).toMatch(
    /^amplifier-ts: hooks-approval was not mounted, .* or give --yes to run without being asked\.\n$/,
  );
});
