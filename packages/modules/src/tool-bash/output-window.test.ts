/** `OutputWindow`: what is kept, what is counted, and that characters stay whole. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OutputWindow } from "./output-window.ts";

function keep(maxBytes: number, pieces: readonly Buffer[]): ReturnType<OutputWindow["read"]> {
  const window = new OutputWindow(maxBytes);
  for (const piece of pieces) window.push(piece);
  return window.read();
}

describe("OutputWindow", () => {
  it("keeps an output up to the limit whole", () => {
    expect(keep(10, [Buffer.from("01234"), Buffer.from("56789")])).toEqual({
      head: "0123456789",
      tail: "",
      omittedBytes: 0,
    });
  });

  it("keeps the beginning and the end of a longer one", () => {
    expect(keep(4, [Buffer.from("0123456789")])).toEqual({ head: "01", tail: "89", omittedBytes: 6 });
  });

  it("keeps the same however the output was split", () => {
    const split = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(split, fc.integer({ min: 1, max: 300 }), (sizes, maxBytes) => {
        const total = sizes.reduce((sum, size) => sum + size, 0);
        const output = Buffer.from(Array.from({ length: total }, (_, index) => 97 + (index % 26)));
        let at = 0;
        const pieces = sizes.map((size) => output.subarray(at, (at += size)));
        expect(keep(maxBytes, pieces)).toEqual(keep(maxBytes, [output]));
      }),
    );
  });

  it("does not grow with the number of tiny pieces", () => {
    const window = new OutputWindow(100);
    for (let count = 0; count < 10_000; count += 1) window.push(Buffer.from("x"));
    expect(window.read()).toEqual({ head: "x".repeat(50), tail: "x".repeat(50), omittedBytes: 9900 });
  });

  it("leaves out a character that lies across a cut, and counts its bytes", () => {
    expect(keep(8, [Buffer.from("abc😀....é1234".replace("é1234", "é123"))])).toEqual({
      head: "abc",
      tail: "123",
      omittedBytes: Buffer.byteLength("😀....é"),
    });
  });

  it("keeps a character whose bytes came in two pieces", () => {
    const bytes = Buffer.from("é");
    expect(keep(100, [bytes.subarray(0, 1), bytes.subarray(1)]).head).toBe("é");
  });
});
