import { expect, test } from "vitest";
import { HandClock } from "../../test/support/fake-io.ts";
import { Announcements } from "./announcements.ts";

test("who asks waits until the question was announced", async () => {
  const clock = new HandClock();
  const announcements = new Announcements(clock);
  const order: string[] = [];
  const waiting = announcements.caughtUp().then(() => order.push("asked"));
  await Promise.resolve();
  order.push("shown");
  announcements.announce();
  await waiting;
  expect(order).toEqual(["shown", "asked"]);
});

test("an announcement that came first lets exactly one question through at once", async () => {
  const clock = new HandClock();
  const announcements = new Announcements(clock);
  announcements.announce();
  await announcements.caughtUp();
  let second = false;
  const waiting = announcements.caughtUp().then(() => {
    second = true;
  });
  await Promise.resolve();
  expect(second).toBe(false);
  clock.advance(200);
  await waiting;
});
