import { expect, test } from "vitest";
import { HandClock } from "../../test/support/fake-io.ts";
import { Interrupts } from "./interrupts.ts";

test("two signals within 100 ms are one, later ones count", () => {
  const clock = new HandClock();
  const interrupts = new Interrupts(clock);
  const counts: number[] = [];
  interrupts.handle((count) => counts.push(count));
  interrupts.signal();
  clock.advance(99);
  interrupts.signal();
  expect(counts).toEqual([1]);
  clock.advance(1);
  interrupts.signal();
  expect(counts).toEqual([1, 2]);
});

test("a key is never sent twice by anybody: each counts", () => {
  const interrupts = new Interrupts(new HandClock());
  const counts: number[] = [];
  interrupts.handle((count) => counts.push(count));
  interrupts.press();
  interrupts.press();
  expect(counts).toEqual([1, 2]);
});

test("whoever came last is in charge, with a count of its own, until it lets go", () => {
  const interrupts = new Interrupts(new HandClock());
  const seen: string[] = [];
  const press = (): void => interrupts.press();
  interrupts.handle((count) => seen.push(`program ${String(count)}`));
  press();
  const release = interrupts.handle((count) => seen.push(`turn ${String(count)}`));
  press();
  press();
  release();
  press();
  expect(seen).toEqual(["program 1", "turn 1", "turn 2", "program 2"]);
});
