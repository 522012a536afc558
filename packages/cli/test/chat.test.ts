import { afterEach, expect, test } from "vitest";
import { chatServer, type ChatServer, type Step } from "./support/chat-server.ts";
import { emptyFolder, runCli, startCli, stopAll, type CliProcess } from "./support/cli-process.ts";

const CTRL_C = "\u0003";
const CTRL_D = "\u0004";

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

const answer =
  (text: string): Step =>
  (reply) =>
    reply.text(text).finish();
const calls =
  (command: string): Step =>
  (reply) =>
    reply.text("I run it.").toolCall("c1", "bash", { command }).finish("tool_calls");

/** What the terminal shows, without the marks that move its cursor. */
function screen(cli: CliProcess): string {
  return cli.stdout.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, "").replaceAll("\r", "");
}

/** Resolves when a prompt stands open after `text`. */
function promptAfter(cli: CliProcess, text: string): Promise<void> {
  return cli.sees(new RegExp(`${text}[\\s\\S]*\\u001b\\[1G\\u001b\\[0J> `));
}

test("a conversation in a terminal: the second prompt knows the first, Ctrl-D leaves with 0", async () => {
  const { env, bodies } = await serve(answer("One."), answer("Two."));
  const cli = startCli([], { env, terminal: 100 });
  await cli.sees("> ");
  cli.type("first\r");
  await promptAfter(cli, "One\\.");
  cli.type("second\r");
  await promptAfter(cli, "Two\\.");
  cli.type(CTRL_D);
  expect((await cli.finished).code).toBe(0);
  expect(bodies[1]?.messages.slice(1).map(({ content }) => content)).toEqual(["first", "One.", "second"]);
});

test("/new forgets the conversation, /help helps, /exit leaves", async () => {
  const { env, bodies } = await serve(answer("One."), answer("Two."));
  const input = "first\n/new\nsecond\n/help\n/nonsense\n/exit\nnever\n";
  const { code, stdout, stderr } = await runCli(["chat"], { env, stdin: input });
  expect({ code, stdout }).toEqual({ code: 0, stdout: "One.\nTwo.\n" });
  expect(bodies.map(({ messages }) => messages.length)).toEqual([2, 2]);
  expect(stderr).toContain("/new   forget the conversation");
  expect(stderr).toContain("Unknown command /nonsense; commands are /help, /new, /exit.");
});

test("an error of a turn is one line and the chat goes on", async () => {
  const { env } = await serve((reply) => reply.fail(400, '{"error":{"message":"no such model"}}'), answer("Two."));
  const { code, stdout, stderr } = await runCli(["chat", "-q"], { env, stdin: "first\nsecond\n" });
  expect({ code, stdout }).toEqual({ code: 0, stdout: "Two.\n" });
  expect(stderr).toMatch(/^error: .*no such model.*\n$/);
});

test("Ctrl-C stops the answer, keeps what came, and the next prompt works", async () => {
  let closed: Promise<void> = Promise.resolve();
  const { env, bodies } = await serve((reply) => {
    closed = reply.text("Half an answer").closed;
  }, answer("Whole."));
  const cli = startCli([], { env, terminal: 100 });
  await cli.sees("> ");
  cli.type("first\r");
  await cli.sees("Half an answer");
  cli.type(CTRL_C);
  await closed;
  await promptAfter(cli, "in all");
  cli.type("second\r");
  await promptAfter(cli, "Whole\\.");
  cli.type("/exit\r");
  expect((await cli.finished).code).toBe(0);
  expect(bodies[1]?.messages.slice(1)).toMatchObject([
    { role: "user", content: "first" },
    { role: "assistant", content: "Half an answer" },
    { role: "user", content: "second" },
  ]);
});

test("typing while an answer streams does not disturb it and stands at the next prompt", async () => {
  let go: () => void = () => undefined;
  const { env, bodies } = await serve(async (reply) => {
    reply.text("Hel");
    await new Promise<void>((resolve) => (go = resolve));
    reply.text("lo").finish();
  }, answer("Two."));
  const cli = startCli([], { env, terminal: 100 });
  await cli.sees("> ");
  cli.type("first\r");
  await cli.sees("Hel");
  cli.type("typed ahead");
  go();
  await cli.sees("typed ahead");
  expect(screen(cli)).toContain("Hello\n");
  cli.type("!\r");
  await promptAfter(cli, "Two\\.");
  cli.type(CTRL_D);
  await cli.finished;
  expect(bodies[1]?.messages.at(-1)?.content).toBe("typed ahead!");
});

test("Ctrl-C at the prompt clears the line and says how to leave, the next leaves", async () => {
  const { env } = await serve();
  const cli = startCli([], { env, terminal: 100 });
  await cli.sees("> ");
  cli.type("draft");
  await cli.sees("draft");
  cli.type(CTRL_C);
  await promptAfter(cli, "Ctrl-D or /exit leaves");
  cli.type(CTRL_C);
  expect((await cli.finished).code).toBe(0);
});

test("a question is asked in place, and one key answers it", async () => {
  const { env, bodies } = await serve(calls("echo made"), answer("Done."));
  const cli = startCli([], { env, terminal: 100, cwd: emptyFolder() });
  await cli.sees("> ");
  cli.type("do it\r");
  await cli.sees("? ");
  const asked = screen(cli);
  expect(asked).toContain("I run it.\n");
  expect(asked).toMatch(/echo made[\s\S]*\[a\]llow.*\[d\]eny \? $/);
  cli.type("a");
  await promptAfter(cli, "Done\\.");
  cli.type(CTRL_D);
  await cli.finished;
  expect(JSON.stringify(bodies[1]?.messages.at(-1))).toContain("made");
});

test("a denied command is told to the model, which goes on", async () => {
  const { env, bodies } = await serve(calls("echo made"), answer("Then not."));
  const cli = startCli(["run", "do it"], { env, terminal: 100 });
  await cli.sees("? ");
  cli.type("d");
  expect((await cli.finished).code).toBe(0);
  expect(screen(cli)).toContain("Then not.\n");
  expect(JSON.stringify(bodies[1]?.messages.at(-1))).toMatch(/[Dd]enied/);
});

test("Ctrl-C in a question withdraws it and ends the turn, and the terminal is as before", async () => {
  const { env, bodies } = await serve(calls("echo made"), answer("Next."));
  const cli = startCli([], { env, terminal: 100 });
  await cli.sees("> ");
  cli.type("do it\r");
  await cli.sees("? ");
  cli.type(CTRL_C);
  await cli.sees("(withdrawn)");
  await promptAfter(cli, "in all");
  cli.type("next\r");
  await promptAfter(cli, "Next\\.");
  cli.type(CTRL_D);
  expect((await cli.finished).code).toBe(0);
  expect(bodies).toHaveLength(2);
});

test("Ctrl-C in a question of run exits with 130", async () => {
  const { env } = await serve(calls("echo made"));
  const cli = startCli(["run", "do it"], { env, terminal: 100 });
  await cli.sees("? ");
  cli.type(CTRL_C);
  expect((await cli.finished).code).toBe(130);
});

test("a terminal that does not know its width works too", async () => {
  const { env } = await serve(answer("One."));
  const cli = startCli([], { env, terminal: 0 });
  await cli.sees("> ");
  cli.type("first\r");
  await promptAfter(cli, "One\\.");
  cli.type(CTRL_D);
  expect((await cli.finished).code).toBe(0);
});
