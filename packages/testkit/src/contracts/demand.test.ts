/** How a contract check fails, and how long it waits. */
import { expect, test } from "vitest";
import { demand, demandEqual, demandNothing, rejection, resolved, settled } from "./demand.ts";

const wait = { what: "it to end", timeoutMs: 10, advice: "End it." };
const never = new Promise<never>(() => undefined);

test("a failure says what was expected, what was seen and what to do", () => {
  const failing = (seen: unknown) => (): void => demand(false, { expected: "a name", seen, advice: "Give it one." });
  expect(failing(undefined)).toThrow("Expected a name, but saw undefined. Give it one.");
  expect(failing(new TypeError("no"))).toThrow("Expected a name, but saw TypeError: no. Give it one.");
  expect(failing({ a: { b: { c: { d: 1 } } } })).toThrow("but saw { a: { b: { c: { d: 1 } } } }. Give it one.");
  expect(failing("x".repeat(5000))).toThrow(/^.{200,400}more characters\. Give it one\.$/su);
  expect(() => demandNothing("it has none", { what: "a name", advice: "Give it one." })).toThrow(
    "Expected a name, but it has none. Give it one.",
  );
});

test("two values are compared whole, and the first place where they differ is shown", () => {
  const about = { what: "the list", advice: "Mend it." };
  expect(() => demandEqual([{ a: [1, { b: 2 }] }], [{ a: [1, { b: 2 }] }], about)).not.toThrow();
  expect(() => demandEqual([{ a: [1, { b: 2 }] }], [{ a: [1, { b: 3 }] }], about)).toThrow(
    "Expected the list at [0].a[1].b to be 3, but saw 2. Mend it.",
  );
  expect(() => demandEqual([1], [1, 2], about)).toThrow("Expected the list at [1] to be 2, but saw undefined.");
  expect(() => demandEqual({ a: 1, more: true }, { a: 1 }, about)).toThrow(
    "Expected the list at more to be undefined, but saw true.",
  );
  expect(() => demandEqual("a", ["a"], about)).toThrow("Expected the list to be [ 'a' ], but saw 'a'.");
});

test("what does not end in time is told, and nothing is left waiting", async () => {
  for (const waiting of [settled(never, wait), resolved(never, wait), rejection(never, wait)]) {
    await expect(waiting).rejects.toThrow("Expected it to end within 10 ms, but saw nothing. End it.");
  }
});

test("the other way to end is told as well", async () => {
  const error = new Error("no");
  await expect(resolved(Promise.reject(error), wait)).rejects.toMatchObject({
    message: "Expected it to end, but saw Error: no thrown. End it.",
    cause: error,
  });
  await expect(rejection(Promise.resolve(1), wait)).rejects.toThrow("Expected it to end, but saw 1. End it.");
  expect(await rejection(Promise.reject(error), wait)).toBe(error);
  expect(await resolved(Promise.resolve(1), wait)).toBe(1);
});
