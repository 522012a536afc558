/** The scanner finds the end of the first JSON object, wherever the text is cut. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { JsonObjectScanner } from "./json-object-scanner.ts";

function closesAt(pieces: readonly string[]): { at: number; state: string } {
  const scanner = new JsonObjectScanner();
  let at = 0;
  for (const piece of pieces) {
    const taken = scanner.scan(piece);
    at += taken;
    if (taken < piece.length) break;
  }
  return { at, state: scanner.state };
}

test("any JSON object is closed at its last character, however it is cut", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }),
      fc.nat(200),
      fc.string(),
      (value, offset, tail) => {
        const json = JSON.stringify(value);
        const text = ` \n${json}`;
        const cut = offset % text.length;
        expect(closesAt([text.slice(0, cut), text.slice(cut)])).toEqual({ at: text.length, state: "closed" });
        expect(closesAt([...text.split(""), tail])).toEqual({ at: text.length, state: "closed" });
      },
    ),
  );
});

test("an empty object is told from one that holds something", () => {
  expect(closesAt([" { ", "\n}"])).toEqual({ at: 5, state: "empty" });
  expect(closesAt(['{"a":{}}'])).toEqual({ at: 8, state: "closed" });
  expect(closesAt(["{[]}"])).toEqual({ at: 4, state: "closed" });
});

test("brackets in strings and escaped quotes do not count", () => {
  expect(closesAt(['{"a}":"\\"}', '\\\\"', "}x"])).toEqual({ at: 14, state: "closed" });
});

test("a text that begins as something else is left alone", () => {
  expect(closesAt(["[1]"]).state).toBe("other");
  expect(closesAt(["null"]).state).toBe("other");
});
