/** `replaceExact`: counting, line ends, and why a text was not found. */
import { describe, expect, it } from "vitest";
import { replaceExact } from "./replace-exact.ts";

const edit = (oldText: string, newText: string, all = false): Parameters<typeof replaceExact>[1] => ({
  oldText,
  newText,
  all,
});

describe("replaceExact", () => {
  it("takes every character literally", () => {
    expect(replaceExact("a.*b$1", edit(".*b", "$&$1"), "f")).toEqual({ text: "a$&$1$1", lines: [1] });
  });

  it("names the line of each occurrence, which do not overlap", () => {
    expect(replaceExact("aaa\n\naaaa\n", edit("aa", "b", true), "f")).toEqual({ text: "ba\n\nbb\n", lines: [1, 3, 3] });
  });

  it("finds text that begins or ends with a line feed", () => {
    expect(replaceExact("a\nb\nc\n", edit("\nb\n", "\n"), "f")).toEqual({ text: "a\nc\n", lines: [1] });
  });

  it("keeps bare line feeds when the text occurs with them", () => {
    expect(replaceExact("a\nb\r\n", edit("a\nb", "x\ny"), "f")).toEqual({ text: "x\ny\r\n", lines: [1] });
  });

  it("does not double carriage returns", () => {
    expect(replaceExact("a\r\nb\r\n", edit("a\r\nb\n", "x\r\ny\n"), "f")).toEqual({ text: "x\r\ny\r\n", lines: [1] });
  });

  it.each([
    ["", "x", "old_string is empty. Give the text to replace, or use write_file."],
    ["a", "a", "old_string and new_string are the same: nothing to change."],
    [
      "     1\ta",
      "x",
      'does not occur in "f". It begins with a line number of read_file: leave the numbers and tabs out.',
    ],
    ["if (x) {\ny", "z", 'does not occur in "f". Line 2 differs from it only in white space'],
    ["gone", "x", 'does not occur in "f". Read the file again and copy the text exactly.'],
  ])("refuses %j -> %j and says why", (oldText, newText, message) => {
    expect(() => replaceExact("a\n  if (x) {\n\ty\n", edit(oldText, newText), "f")).toThrow(message);
  });
});
