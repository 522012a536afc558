/** The pattern must never change what is read: its text is what JSON.parse gives, or it does not match. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { literal, matchText, PLAIN_STRING, textPattern } from "./text-pattern.ts";

const before = '{"a.b":[1],"text":"';
const pattern = textPattern(before, `","pad":"${PLAIN_STRING}"${literal("}")}`);

test("a payload of the known form gives its text, escapes read", () => {
  for (const text of ["", "x", "漢字 🙂", 'a "quote"', "line\nend", "back\\slash", "\u2028"]) {
    expect(matchText(pattern, JSON.stringify({ "a.b": [1], text, pad: "p" }))).toBe(text);
  }
});

test.each([
  ["another beginning", '{"aXb":[1],"text":"x","pad":"p"}'],
  ["something behind it", '{"a.b":[1],"text":"x","pad":"p"} '],
  ["one more field", '{"a.b":[1],"text":"x","more":1,"pad":"p"}'],
  ["a control character", '{"a.b":[1],"text":"\t","pad":"p"}'],
  ["a wrong escape", String.raw`{"a.b":[1],"text":"\x","pad":"p"}`],
  ["an escape where none is read", String.raw`{"a.b":[1],"text":"x","pad":"\n"}`],
])("a payload with %s does not match", (_, payload) => {
  expect(matchText(pattern, payload)).toBeNull();
});

test("a huge payload full of escapes is left to the parser", () => {
  const text = '"'.repeat(10_000_000);
  expect(matchText(pattern, JSON.stringify({ "a.b": [1], text, pad: "p" }))).toBeNull();
});

test("whatever matches is JSON with that text in that place", () => {
  const fragment = fc.oneof(fc.string(), fc.constantFrom('","pad":"', "\\", '\\"', "\\\\", "\\u12", '"}', "}"));
  fc.assert(
    fc.property(fc.array(fragment), fc.array(fragment), (text, padding) => {
      const payload = `${before}${text.join("")}","pad":"${padding.join("")}"}`;
      const found = matchText(pattern, payload);
      if (found !== null) expect(JSON.parse(payload)).toMatchObject({ "a.b": [1], text: found });
    }),
    { numRuns: 3_000 },
  );
});
