import { setImmediate as nextRound } from "node:timers/promises";
import { expect, test } from "vitest";
import { fakeIo, type FakeIo } from "../../test/support/fake-io.ts";
import { askInTerminal } from "./ask-in-terminal.ts";
import { Interrupts } from "./interrupts.ts";
import { Keyboard } from "./keyboard.ts";
import { Output } from "./output.ts";

const OPTIONS = ["Allow once", "Allow always", "Deny"];

interface Asked {
  readonly io: FakeIo;
  readonly output: Output;
  readonly presses: number[];
  readonly answer: Promise<string>;
  readonly controller: AbortController;
  readonly keyboard: Keyboard;
}

function ask(options: { readonly prompt?: string; readonly typedBefore?: string } = {}): Asked {
  const io = fakeIo({ tty: true });
  const output = new Output(io);
  const keyboard = new Keyboard(io.stdin);
  const interrupts = new Interrupts(io.clock);
  const presses: number[] = [];
  interrupts.handle((count) => presses.push(count));
  const controller = new AbortController();
  if (options.typedBefore !== undefined) io.stdin.write(options.typedBefore);
  const system = askInTerminal({ output, keyboard, interrupts, caughtUp: () => Promise.resolve() });
  const answer = system.requestApproval({
    prompt: options.prompt ?? "Run ls?",
    options: OPTIONS,
    timeoutMs: 1000,
    default: "deny",
    signal: controller.signal,
  });
  answer.catch(() => undefined);
  return { io, output, presses, answer, controller, keyboard };
}

async function shown({ io }: Asked): Promise<void> {
  while (!io.stderr.text.includes("? ")) await nextRound();
}

test.each([
  ["a", "Allow once"],
  ["A", "Allow always"],
  ["d", "Deny"],
  ["D", "Deny"],
  ["a\r", "Allow once"],
  ["\u001b", "Deny"],
  ["\u0004", "Deny"],
])("the key %j answers %s, and the terminal is given back", async (key, choice) => {
  const asked = ask();
  await shown(asked);
  expect(asked.io.stderr.text).toBe("Run ls?\n[a]llow once  [A]llow always  [d]eny ? ");
  asked.io.stdin.write(key);
  await expect(asked.answer).resolves.toBe(choice);
  expect(asked.io.stderr.text).toBe(`Run ls?\n[a]llow once  [A]llow always  [d]eny ? ${choice}\n`);
  expect(asked.io.stdin.modes).toEqual([true, false]);
  expect(asked.io.stdin.isPaused()).toBe(true);
});

test("other keys, arrows and pasted text are no answer", async () => {
  const asked = ask();
  await shown(asked);
  for (const keys of ["x", "\u001b[A", "aaa", "\r"]) {
    asked.io.stdin.write(keys);
    await nextRound();
  }
  expect(asked.io.stderr.text).toMatch(/\? $/);
  asked.io.stdin.write("d");
  await expect(asked.answer).resolves.toBe("Deny");
});

test("what was typed before the question was on the screen never answers it", async () => {
  const asked = ask({ typedBefore: "A" });
  await shown(asked);
  await nextRound();
  asked.io.stdin.write("d");
  await expect(asked.answer).resolves.toBe("Deny");
});

test("Ctrl-C goes the way of the signal; the abort closes the question and gives the terminal back", async () => {
  const asked = ask();
  await shown(asked);
  asked.io.stdin.write("\u0003");
  await nextRound();
  expect(asked.presses).toEqual([1]);
  asked.controller.abort(new Error("stopped"));
  await expect(asked.answer).rejects.toThrow("stopped");
  expect(asked.io.stderr.text).toMatch(/\? \(withdrawn\)\n$/);
  expect(asked.io.stdin.modes).toEqual([true, false]);
});

test("what is printed meanwhile comes after the answer", async () => {
  const asked = ask();
  await shown(asked);
  asked.output.note("late note");
  const answering = asked.output.answer("more\n");
  asked.io.stdin.write("a");
  await asked.answer;
  await answering;
  expect(asked.io.screen.join("")).toBe(
    "Run ls?\n[a]llow once  [A]llow always  [d]eny ? Allow once\nlate note\nmore\n",
  );
});

test("a question cannot hide a part of itself", async () => {
  const asked = ask({ prompt: "rm -rf /\u001b[2K\rls" });
  await shown(asked);
  expect(asked.io.stderr.text).toMatch(/^rm -rf \/\\x1b\[2Kls\n/);
});

test("a question that was withdrawn before it was asked is never shown", async () => {
  const io = fakeIo({ tty: true });
  const output = new Output(io);
  const system = askInTerminal({
    output,
    keyboard: new Keyboard(io.stdin),
    interrupts: new Interrupts(io.clock),
    caughtUp: () => Promise.resolve(),
  });
  const signal = AbortSignal.abort(new Error("stopped"));
  const request = { prompt: "?", options: OPTIONS, timeoutMs: 1, default: "deny" as const, signal };
  await expect(system.requestApproval(request)).rejects.toThrow("stopped");
  expect(io.stderr.text).toBe("");
  expect(io.stdin.modes).toEqual([]);
});

test("in a chat the chat's reader gets the keys again after the answer, and the terminal stays raw", async () => {
  const io = fakeIo({ tty: true });
  const keyboard = new Keyboard(io.stdin);
  const typed: string[] = [];
  keyboard.read((keys) => typed.push(keys));
  const system = askInTerminal({
    output: new Output(io),
    keyboard,
    interrupts: new Interrupts(io.clock),
    caughtUp: () => Promise.resolve(),
  });
  const { signal } = new AbortController();
  const answer = system.requestApproval({ prompt: "?", options: OPTIONS, timeoutMs: 1, default: "deny", signal });
  while (!io.stderr.text.includes("? ")) await nextRound();
  io.stdin.write("a");
  await answer;
  io.stdin.write("grüße");
  await nextRound();
  expect(typed).toEqual(["grüße"]);
  expect(io.stdin.modes).toEqual([true]);
  keyboard.restore();
  expect(io.stdin.modes).toEqual([true, false]);
});
