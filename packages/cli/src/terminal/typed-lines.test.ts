import { setImmediate as nextRound } from "node:timers/promises";
import { expect, test } from "vitest";
import { fakeIo, type FakeIo } from "../../test/support/fake-io.ts";
import { Interrupts } from "./interrupts.ts";
import { Keyboard } from "./keyboard.ts";
import { TypedLines } from "./typed-lines.ts";

function open(): { io: FakeIo; lines: TypedLines; presses: number[]; type: (keys: string) => Promise<void> } {
  const io = fakeIo({ tty: true });
  const interrupts = new Interrupts(io.clock);
  const presses: number[] = [];
  interrupts.handle((count) => presses.push(count));
  const lines = new TypedLines({ keyboard: new Keyboard(io.stdin), interrupts, screen: io.stderr, prompt: "> " });
  const type = async (keys: string): Promise<void> => {
    io.stdin.write(keys);
    await nextRound();
  };
  return { io, lines, presses, type };
}

test("a line can be edited before it is given", async () => {
  const { lines, type } = open();
  const line = lines.nextLine();
  await type("helo\u007flo\r");
  await expect(line).resolves.toBe("hello");
  lines.close();
});

test("what is typed while nobody asks stays off the screen and is the next line's beginning", async () => {
  const { io, lines, type } = open();
  const first = lines.nextLine();
  await type("one\r");
  await first;
  const before = io.stderr.text;
  await type("tw");
  await type("o");
  expect(io.stderr.text).toBe(before);
  const second = lines.nextLine();
  await type("!\r");
  await expect(second).resolves.toBe("two!");
  lines.close();
});

test("pasted lines are given one by one, and the rest is not echoed into the answer to the first", async () => {
  const { io, lines, type } = open();
  const first = lines.nextLine();
  await type("one\r\ntwo\rthree");
  await expect(first).resolves.toBe("one");
  expect(io.stderr.text).not.toContain("two");
  await expect(lines.nextLine()).resolves.toBe("two");
  const third = lines.nextLine();
  await type("\r");
  await expect(third).resolves.toBe("three");
  lines.close();
});

test("Ctrl-C is an interrupt at the prompt and while nobody asks", async () => {
  const { io, lines, presses, type } = open();
  const line = lines.nextLine();
  await type("draft");
  await type("\u0003");
  expect(presses).toEqual([1]);
  expect(lines.clearLine()).toBe(true);
  expect(lines.clearLine()).toBe(false);
  await type("x\r");
  await expect(line).resolves.toBe("x");
  io.clock.advance(1000);
  await type("a\u0003b");
  expect(presses).toEqual([1, 2]);
  const next = lines.nextLine();
  await type("\r");
  await expect(next).resolves.toBe("ab");
  lines.close();
});

test("Ctrl-D at an empty prompt ends the input and the terminal is given back on close", async () => {
  const { io, lines, type } = open();
  const line = lines.nextLine();
  await type("\u0004");
  await expect(line).resolves.toBeNull();
  await expect(lines.nextLine()).resolves.toBeNull();
  lines.close();
  expect(io.stdin.modes).toEqual([true, false]);
});

test("a character that arrives in two reads is one character", async () => {
  const { io, lines, type } = open();
  const line = lines.nextLine();
  const bytes = Buffer.from("ü");
  io.stdin.write(bytes.subarray(0, 1));
  await nextRound();
  io.stdin.write(bytes.subarray(1));
  await type("\r");
  await expect(line).resolves.toBe("ü");
  lines.close();
});
