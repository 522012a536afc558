/**
 * Time in tests: nothing happens unless it is moved, and then in order.
 */
import { expect, test } from "vitest";
import { FAKE_CLOCK_START_MS, FakeClock } from "./fake-clock.ts";

test("time stands still until it is moved", async () => {
  const clock = new FakeClock();
  expect(clock.now()).toBe(FAKE_CLOCK_START_MS);
  await clock.advance(250);
  expect(clock.now()).toBe(FAKE_CLOCK_START_MS + 250);
  expect(new FakeClock(7).now()).toBe(7);
});

test("due timers run in order of their time, ties in order of scheduling, each at its own time", async () => {
  const clock = new FakeClock(0);
  const ran: string[] = [];
  const mark = (name: string) => (): void => void ran.push(`${name}@${clock.now()}`);
  clock.schedule(mark("late"), 30);
  clock.schedule(mark("first"), 10);
  clock.schedule(mark("second"), 10);
  clock.schedule(mark("never"), 31);
  await clock.advance(30);
  expect(ran).toEqual(["first@10", "second@10", "late@30"]);
  expect(clock.pending).toEqual([{ dueMs: 31, waitMs: 31 }]);
});

test("promises settle before, between and after the timers", async () => {
  const clock = new FakeClock(0);
  const ran: string[] = [];
  const chain = async (name: string): Promise<void> => {
    for (let n = 0; n < 100; n++) await Promise.resolve();
    ran.push(name);
  };
  void chain("before");
  clock.schedule(() => void chain("between"), 1);
  clock.schedule(() => ran.push("second timer"), 2);
  await clock.advance(5);
  expect(ran).toEqual(["before", "between", "second timer"]);
});

test("a timer that a timer schedules runs in the same move when it is due", async () => {
  const clock = new FakeClock(0);
  const at: number[] = [];
  clock.schedule(() => clock.schedule(() => at.push(clock.now()), 5), 5);
  await clock.advance(10);
  expect(at).toEqual([10]);
});

test("a cancelled timer does not run and is not pending", async () => {
  const clock = new FakeClock();
  const cancel = clock.schedule(() => expect.unreachable(), 5);
  cancel();
  cancel();
  await clock.advance(10);
  clock.assertIdle();
});

test("assertIdle names what is left, and a wait that is no number is refused", () => {
  const clock = new FakeClock();
  clock.schedule(() => undefined, 50);
  expect(() => clock.assertIdle()).toThrow("Timers were left pending: 50 ms (due in 50 ms).");
  expect(() => clock.schedule(() => undefined, Number.NaN)).toThrow(RangeError);
});
