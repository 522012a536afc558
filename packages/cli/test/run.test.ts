import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Event } from "amplifier-core";
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

const hello: Step = (reply) => reply.text("Hello", " world").finish();

test("stdout has the answer and a line break, stderr which model and why, and the numbers", async () => {
  const { env, bodies } = await serve(hello);
  const { code, stdout, stderr } = await runCli(["run", "Say", "hello"], { env });
  expect({ code, stdout }).toEqual({ code: 0, stdout: "Hello world\n" });
  expect(stderr).toMatch(
    /^Model: openai: OPENAI_API_KEY is set\.\nscripted-1, 11 tokens in, 7 out, first token after \d+\.\d\d s, \d+\.\d\d s in all\n$/,
  );
  expect(bodies[0]?.messages.at(-1)).toMatchObject({ role: "user", content: "Say hello" });
  expect(bodies[0]?.tools?.map((tool) => tool.function.name)).toEqual(
    expect.arrayContaining(["read_file", "write_file", "edit_file", "glob", "grep", "bash"]),
  );
});

test("tokens are on stdout while the answer is still being made", async () => {
  let go: () => void = () => undefined;
  const { env } = await serve(async (reply) => {
    reply.text("Hel");
    await new Promise<void>((resolve) => (go = resolve));
    reply.text("lo").finish();
  });
  const cli = startCli(["run", "hi"], { env });
  await cli.sees("Hel");
  expect(cli.stdout).toBe("Hel");
  go();
  expect((await cli.finished).stdout).toBe("Hello\n");
});

test("the prompt comes from standard input, or is added below the words", async () => {
  const { env, bodies } = await serve(hello, hello, hello);
  await runCli(["run"], { env, stdin: "from the pipe\n" });
  await runCli(["run", "Review this:"], { env, stdin: "diff --git\n" });
  await runCli([], { env, stdin: "no command\n" });
  expect(bodies.map(({ messages }) => messages.at(-1)?.content)).toEqual([
    "from the pipe",
    "Review this:\n\ndiff --git",
    "no command",
  ]);
});

test("a prompt does not wait for a pipe that somebody left open, and says so", async () => {
  const { env } = await serve(hello);
  const { stdout, stderr } = await runCli(["run", "hi"], { env, stdin: null });
  expect(stdout).toBe("Hello world\n");
  expect(stderr).toContain("Nothing came on standard input for 2 s: going on without it");
});

test("--json prints the events of the log, whole and in order, and nothing else", async () => {
  const { env } = await serve(hello);
  const { code, stdout } = await runCli(["run", "--json", "hi"], { env });
  const events = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Event);
  expect(code).toBe(0);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, index) => index + 1));
  expect(events.map(({ type }) => type).filter((type) => type !== "context:message")).toEqual([
    "session:start",
    "execution:start",
    "prompt:submit",
    "provider:request",
    "content_block:start",
    "content_block:delta",
    "content_block:delta",
    "content_block:end",
    "provider:response",
    "execution:end",
    "orchestrator:complete",
    "prompt:complete",
  ]);
});

test("a command of the model is refused when nobody can be asked, and runs with --yes", async () => {
  const call: Step = (reply) =>
    reply.text("I look.").toolCall("c1", "bash", { command: "echo made > made.txt" }).finish("tool_calls");
  const { env, bodies } = await serve(call, hello, call, hello);
  const cwd = emptyFolder();
  const refused = await runCli(["run", "do it"], { env, cwd });
  expect(refused).toMatchObject({ code: 0, stdout: "I look.\nHello world\n" });
  expect(refused.stderr).toMatch(/^· bash denied: /m);
  expect(bodies[1]?.messages.at(-1)).toMatchObject({ role: "tool" });
  const done = await runCli(["run", "--yes", "do it"], { env, cwd });
  expect(done).toMatchObject({ code: 0, stdout: "I look.\nHello world\n" });
  expect(done.stderr).toContain("· bash echo made > made.txt\n");
  expect(bodies[3]?.messages.at(-1)).toMatchObject({ role: "tool" });
});

test("the system prompt names the workspace and the tools and holds the repository's AGENTS.md", async () => {
  const { env, bodies } = await serve(hello, hello, hello);
  const cwd = emptyFolder();
  mkdirSync(join(cwd, ".git"));
  mkdirSync(join(cwd, "web"));
  writeFileSync(join(cwd, "AGENTS.md"), "Use tabs.");
  const workspace = join(cwd, "web");
  const { stderr } = await runCli(["run", "hi"], { env, cwd: workspace });
  expect(stderr).toContain(`Context: ${join(cwd, "AGENTS.md")} (9 bytes)\n`);
  // Started through npm, the person's folder counts.
  const npm = { ...env, npm_lifecycle_event: "start", INIT_CWD: workspace };
  await runCli(["run", "--no-context-files", "hi"], { env: npm, cwd: emptyFolder() });
  await runCli(["run", "--system", "Be brief.", "hi"], { env, cwd: workspace });
  const prompts = bodies.map(({ messages }) => messages[0]);
  expect(prompts[0]?.role).toBe("system");
  expect(prompts[0]?.content).toMatch(/read_file.*bash/);
  expect(prompts[0]?.content).toContain(`Workspace: ${workspace}\n`);
  expect(prompts[0]?.content).toContain("Use tabs.");
  expect(prompts[1]?.content).toContain(`Workspace: ${workspace}\n`);
  expect(prompts[1]?.content).not.toContain("Use tabs.");
  expect(prompts[2]?.content).toBe("Be brief.");
});

test("the model and the system prompt's file can be named", async () => {
  const { env, bodies } = await serve(hello);
  const cwd = emptyFolder();
  writeFileSync(join(cwd, "me.md"), "From a file.");
  await runCli(["run", "--model", "m-2", "--system", "@me.md", "hi"], { env, cwd });
  expect(bodies[0]).toMatchObject({ model: "m-2", messages: [{ role: "system", content: "From a file." }, {}] });
});

test("Ctrl-C keeps what came, closes the socket and exits with 130", async () => {
  let closed: Promise<void> = Promise.resolve();
  const { env } = await serve((reply) => {
    closed = reply.text("Half an ans").closed;
  });
  const cli = startCli(["run", "hi"], { env });
  await cli.sees("Half an ans");
  cli.kill("SIGINT");
  await closed;
  const { code, stdout, stderr } = await cli.finished;
  expect({ code, stdout }).toEqual({ code: 130, stdout: "Half an ans\n" });
  expect(stderr).toContain("Stopping; Ctrl-C again stops at once.\n");
});

test("SIGTERM ends the turn and exits with 143", async () => {
  const { env } = await serve((reply) => {
    reply.text("Half");
  });
  const cli = startCli(["run", "hi"], { env });
  await cli.sees("Half");
  cli.kill("SIGTERM");
  expect((await cli.finished).code).toBe(143);
});

test("a reader that goes away ends the turn quietly", async () => {
  let closed: Promise<void> = Promise.resolve();
  const { env } = await serve((reply) => {
    closed = reply.text("first line\n").closed;
    const more = setInterval(() => reply.text("more\n"), 5);
    void closed.then(() => clearInterval(more));
  });
  const through = (command: readonly string[]): readonly string[] => [
    "bash",
    "-c",
    '"$@" | head -1; echo "code ${PIPESTATUS[0]}"',
    "bash",
    ...command,
  ];
  const { stdout, stderr } = await runCli(["run", "-q", "hi"], { env, through });
  await closed;
  expect(stdout).toBe("first line\ncode 141\n");
  expect(stderr).toBe("");
});

test("an error of the model is one line and exit code 1", async () => {
  const { env } = await serve((reply) => reply.fail(400, '{"error":{"message":"no such model: m-9"}}'));
  const { code, stdout, stderr } = await runCli(["run", "-q", "hi"], { env });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toMatch(/^error: .*no such model: m-9.*\n$/);
});

test("a stream that breaks off is an error, not a short answer", async () => {
  const { env } = await serve(async (reply) => {
    reply.text("Half");
    await new Promise(setImmediate);
    await server?.close();
  });
  const { code, stdout, stderr } = await runCli(["run", "-q", "hi"], { env });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "Half\n" });
  expect(stderr).toMatch(/^error: .+\n$/);
  server = null;
});

test("an answer that the provider cut is said to be cut, and exits with 3", async () => {
  const { env } = await serve((reply) => reply.text("Half").finish("content_filter"));
  const { code, stdout, stderr } = await runCli(["run", "-q", "hi"], { env });
  expect({ code, stdout, stderr }).toEqual({
    code: 3,
    stdout: "Half\n",
    stderr: "The provider withheld the rest of the answer (content_filter).\n",
  });
});

test("an answer without a word is told", async () => {
  const { env } = await serve((reply) => reply.finish());
  const { code, stdout, stderr } = await runCli(["run", "hi"], { env });
  expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
  expect(stderr).toContain("\nThe model answered nothing.\n");
});

test.skipIf(process.platform !== "linux")(
  "a stdout that cannot be written is an error, and not a reader that left",
  async () => {
    const { env } = await serve(hello);
    const through = (command: readonly string[]): readonly string[] => [
      "bash",
      "-c",
      '"$@" > /dev/full',
      "bash",
      ...command,
    ];
    for (const args of [["run", "-q", "hi"], ["--help"]]) {
      const { code, stderr } = await runCli(args, { env, through });
      expect(code).toBe(1);
      expect(stderr).toMatch(/^(error|amplifier-ts): Standard output cannot be written: ENOSPC: .*\n$/);
    }
  },
);
