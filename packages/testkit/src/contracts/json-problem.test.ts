/** What is plain JSON, and where a value is not. */
import { expect, test } from "vitest";
import { jsonProblem } from "./json-problem.ts";

const circle: Record<string, unknown> = {};
circle["self"] = { circle };
const shared = { a: 1 };

test.each([null, "a", 0, true, [], {}, { a: [1, { b: null }], gone: undefined }, [shared, shared]])(
  "%j is plain JSON",
  (value) => {
    expect(jsonProblem(value)).toBeUndefined();
  },
);

test.each<readonly [unknown, string]>([
  [undefined, "value is undefined"],
  [Number.NaN, "value is NaN"],
  [{ at: new Date(0) }, "value.at is a Date"],
  [[1, new Map()], "value[1] is a Map"],
  [{ a: [{ b: () => 1 }] }, "value.a[0].b is a function"],
  [{ big: 1n }, "value.big is a bigint"],
  [circle, "value.self.circle contains itself"],
  [[1, undefined], "value[1] is undefined"],
])("%s is not", (value, problem) => {
  expect(jsonProblem(value)).toBe(problem);
});
