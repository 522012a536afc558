import { expect, test } from "vitest";
import { TurnLock } from "./turn-lock.ts";

test("whoever came first is served first, and nobody overtakes", async () => {
  const lock = new TurnLock();
  const order: string[] = [];
  const use = async (name: string): Promise<void> => {
    const release = await lock.acquire();
    order.push(`${name} in`);
    await Promise.resolve();
    order.push(`${name} out`);
    release();
  };
  const late = use("a").then(() => use("d"));
  await Promise.all([use("b"), use("c"), late]);
  expect(order).toEqual(["a in", "a out", "b in", "b out", "c in", "c out", "d in", "d out"]);
});

test("a waiter that gives up leaves the queue, and the next one is served", async () => {
  const lock = new TurnLock();
  const release = await lock.acquire();
  const controller = new AbortController();
  const givingUp = lock.acquire(controller.signal);
  const patient = lock.acquire();
  controller.abort(new Error("no longer"));
  await expect(givingUp).rejects.toThrow("no longer");
  release();
  (await patient)();
  (await lock.acquire())();
});

test("giving it back twice does not let two in", async () => {
  const lock = new TurnLock();
  const release = await lock.acquire();
  const second = lock.acquire();
  let thirdIn = false;
  const third = lock.acquire().then((giveBack) => {
    thirdIn = true;
    return giveBack;
  });
  release();
  release();
  const releaseSecond = await second;
  await Promise.resolve();
  expect(thirdIn).toBe(false);
  releaseSecond();
  (await third)();
});

test("an aborted signal does not enter the queue", async () => {
  const lock = new TurnLock();
  await expect(lock.acquire(AbortSignal.abort(new Error("stopped")))).rejects.toThrow("stopped");
  (await lock.acquire())();
});
