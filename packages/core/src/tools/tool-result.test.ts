/** What becomes of whatever a tool returns: its one shape, its text, and what the conversation keeps of it. */
import { describe, expect, it } from "vitest";
import { serializeToolResult, toolMessageContent, toToolResult, type ToolResult } from "./tool-result.ts";

const png = { type: "image", source: { type: "base64", media_type: "image/png", data: "iVBORw0KGgo=" } } as const;

describe("a result", () => {
  it.each([[undefined], [null], ["text"], [0], [false], [[]], [{ any: "thing" }]])(
    "is a success where a tool does not say otherwise: %j",
    (returned) => {
      expect(toToolResult(returned).success).toBe(true);
    },
  );

  it("has no output, error or content that nobody gave", () => {
    expect(toToolResult(undefined)).toEqual({ success: true });
    expect(toToolResult({ success: false })).toEqual({ success: false });
  });

  it("is an object that says whether it is a success; any other object is an output", () => {
    const result = { success: true, output: 1, error: { message: "m", code: 7 } };
    expect(toToolResult(result)).toEqual(result);
    expect(toToolResult({ success: "false" })).toEqual({ success: true, output: { success: "false" } });
  });

  it("with fields of its own is as good as it says, and they are its output where it has none", () => {
    const failed = { success: false, error: { message: "disk full" }, retry: 1 };
    expect(toToolResult(failed)).toEqual({ success: false, error: { message: "disk full" }, output: failed });
    expect(toToolResult({ success: true, stdout: "x" })).toEqual({
      success: true,
      output: { success: true, stdout: "x" },
    });
    expect(toToolResult({ success: true, output: "o", ms: 5 })).toEqual({ success: true, output: "o" });
  });

  it.each([[new Map([["a", 1]])], [{ success: true, output: new Set([1]) }]])("is a failed one of a %o", (value) => {
    expect(toToolResult(value).error?.message).toMatch(
      /^The tool returned something that is not JSON \((Map|Set)\)\.$/,
    );
  });

  it("is a failed one of what hides a Map inside", () => {
    expect(toToolResult({ rows: [new Map()] }).success).toBe(false);
  });

  it("that has nothing of JSON in it is a failed one", () => {
    expect(toToolResult({ success: true, output: 1n })).toEqual({
      success: false,
      output: "The tool returned something that is not JSON (bigint).",
      error: { message: "The tool returned something that is not JSON (bigint)." },
    });
  });
});

describe("the output of a failed result", () => {
  it("is its error's message where it has none of its own", () => {
    const error = { message: "no disk", code: 28 };
    expect(toToolResult({ success: false, error })).toEqual({ success: false, output: "no disk", error });
    expect(toToolResult({ success: false, output: null, error })).toEqual({ success: false, output: "no disk", error });
    expect(toToolResult(new Error("no disk")).output).toBe("no disk");
  });

  it.each([[""], [{ stderr: "x" }], [0], [false]])("stays as it is when there is one: %j", (output) => {
    const result = { success: false, output, error: { message: "no disk" } };
    expect(toToolResult(result)).toEqual(result);
  });

  it("stays out where the error has no message", () => {
    const result = { success: false, error: { code: 28 } };
    expect(toToolResult(result)).toEqual(result);
    expect(toToolResult({ success: false, error: { message: "" } }).output).toBeUndefined();
  });

  it("is nothing that a successful result gets from its error", () => {
    const result = { success: true, error: { message: "half of it" } };
    expect(toToolResult(result)).toEqual(result);
  });
});

describe("the text of a result", () => {
  it.each<[ToolResult, string]>([
    [{ success: true }, "Success"],
    [{ success: true, output: null }, "Success"],
    [{ success: true, output: "" }, ""],
    [{ success: true, output: "text" }, "text"],
    [{ success: true, output: 1.5 }, "1.5"],
    [{ success: true, output: false }, "false"],
    [{ success: true, output: [] }, "[]"],
    [{ success: true, output: { é: [null, "ü"] } }, '{"é":[null,"ü"]}'],
    [{ success: false, output: { stderr: "x" }, error: { message: "m" } }, '{"stderr":"x"}'],
    [{ success: false, error: { message: "m" } }, "Error: m"],
    [{ success: false, error: { code: 1 } as never }, "Error: Unknown error"],
    [{ success: false, error: {} as never }, "Error: Failed"],
    [{ success: false }, "Error: Failed"],
  ])("of %j is %j", (result, text) => {
    expect(serializeToolResult(result)).toBe(text);
  });

  it("has no control characters but tabs and line breaks, and no half characters", () => {
    const output = "a\u0000b\u001b[31mc\td\r\ne\u007f\u0085f\ud800g😀";
    expect(serializeToolResult({ success: true, output })).toBe("ab[31mc\td\r\nefg😀");
    expect(serializeToolResult({ success: true, output: { c: "\u0085" } })).toBe('{"c":""}');
    expect(serializeToolResult({ success: false, error: { message: "\u001bno" } })).toBe("Error: no");
  });

  it("says nothing of its content", () => {
    expect(serializeToolResult({ success: true, content: [png] })).toBe("Success");
  });
});

describe("the content of a result", () => {
  it("is kept where it holds texts and base64 images, without whatever else is on them", () => {
    const image = { ...png, cache_control: {}, source: { ...png.source, url: "https://host/a.png" } };
    const content = [{ type: "text", text: "a", visibility: "user" }, image];
    expect(toToolResult({ success: true, output: "o", content })).toEqual({
      success: true,
      output: "o",
      content: [{ type: "text", text: "a" }, png],
    });
  });

  it.each([[[]], [null]])("is left out when it is %j", (content) => {
    expect(toToolResult({ success: true, content })).toEqual({ success: true });
  });

  it.each<[unknown, string]>([
    ["text", 'its content is "text", must be a list of text and image blocks'],
    [["a"], 'content[0] is "a", must be a text or an image block'],
    [[{ type: "text" }], "content[0] has the text undefined, must be a string"],
    [[png, { type: "thinking", thinking: "x" }], 'content[1] has the type "thinking", must be "text" or "image"'],
    [[{ type: "image", source: { type: "url", url: "https://host/a.png" } }], 'is an image from "url", must be given'],
    [[{ type: "image", source: null }], "is an image from null, must be given as base64"],
    [[{ ...png, source: { ...png.source, media_type: "application/pdf" } }], 'media type "application/pdf"'],
    [[{ ...png, source: { ...png.source, data: "not base64!" } }], "data is no base64"],
    [[{ ...png, source: { ...png.source, data: "" } }], "data is no base64"],
  ])("makes the result a failed one when it is %j", (content, message) => {
    const result = toToolResult({ success: true, output: "o", content });
    expect(result).toEqual({ success: false, output: result.error?.message, error: { message: expect.any(String) } });
    expect(result.error?.message).toContain(message);
  });

  it("is what the conversation keeps behind the text, and the text alone where there is none", () => {
    expect(toolMessageContent({ success: true, output: "o" })).toBe("o");
    expect(toolMessageContent({ success: true, output: "o", content: [png] })).toEqual([
      { type: "text", text: "o" },
      png,
    ]);
    expect(toolMessageContent({ success: true, content: [{ type: "text", text: "a\u001b" }, png] })).toEqual([
      { type: "text", text: "a" },
      png,
    ]);
    expect(toolMessageContent({ success: false, content: [png] })).toEqual([
      { type: "text", text: "Error: Failed" },
      png,
    ]);
  });
});
