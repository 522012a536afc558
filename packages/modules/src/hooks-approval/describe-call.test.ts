/** `describeCall`: the exact question for each tool. */
import { describe, expect, it } from "vitest";
import { describeCall, scopeOf } from "./describe-call.ts";

describe("describeCall", () => {
  it("shows a command whole, line by line; always covers exactly it", () => {
    expect(describeCall("bash", { command: "cd src\nnpm test" })).toEqual({
      prompt: "Run this command?\n  | cd src\n  | npm test",
      always: { scope: "command cd src\nnpm test", label: "exactly this command" },
    });
  });

  it("does not offer always for a command that it cannot show whole", () => {
    expect(describeCall("bash", { command: `start${"x".repeat(4000)}end` })).toEqual({
      prompt:
        "Run this command? It is long: 8 characters in its middle are not shown.\n" +
        `  | start${"x".repeat(1995)}\n  [...]\n  | ${"x".repeat(1997)}end`,
    });
  });

  it.each([
    ["", "0 lines, 0 bytes"],
    ["é", "1 line, 2 bytes"],
    ["a\nb\n", "2 lines, 4 bytes"],
  ])("shows path and size of a file to write: %j", (content, size) => {
    expect(describeCall("write_file", { path: "src/a.ts", content })).toEqual({
      prompt: `Write src/a.ts (${size})?`,
      always: { scope: "tool write_file", label: "write_file" },
    });
  });

  it("shows what an edit changes, without the lines that stay", () => {
    const input = { path: "a.ts", old_string: "a\nb\nc\n", new_string: "a\nB\nB2\nc\n" };
    expect(describeCall("edit_file", input).prompt).toBe("Edit a.ts?\n  - b\n  + B\n  + B2");
    expect(describeCall("edit_file", { ...input, replace_all: true }).prompt).toMatch(
      /^Edit a\.ts, at every occurrence\?\n/,
    );
    expect(describeCall("edit_file", { path: "a.ts", old_string: "gone", new_string: "" }).prompt).toBe(
      "Edit a.ts?\n  - gone",
    );
    expect(describeCall("edit_file", { path: "a.ts", old_string: "x\nx", new_string: "x" }).prompt).toBe(
      "Edit a.ts?\n  - x",
    );
  });

  it("cuts long edits and says so", () => {
    const input = {
      path: "a.ts",
      old_string: Array.from({ length: 25 }, (_, n) => n).join("\n"),
      new_string: "y".repeat(205),
    };
    const lines = describeCall("edit_file", input).prompt.split("\n");
    expect(lines.slice(20)).toEqual(["  - 19", "  - [5 more lines]", `  + ${"y".repeat(200)} [5 more characters]`]);
  });

  it("shows the input of any other tool as JSON", () => {
    expect(describeCall("deploy", { target: "prod\u001b[0m" })).toEqual({
      prompt: 'Run deploy?\n  | {\n  |   "target": "prod\\u001b[0m"\n  | }',
      always: { scope: "tool deploy", label: "deploy" },
    });
    expect(describeCall("write_file", { where: 1 }).prompt).toMatch(/^Run write_file\?\n/);
  });

  it("lets nothing of the call act on the terminal or pass for the question", () => {
    expect(describeCall("bash", { command: "ls\u001b[1A\u001b[2K\n\rRun this command?" }).prompt).toBe(
      "Run this command?\n  | ls\\e[1A\\e[2K\n  | \\rRun this command?",
    );
    expect(describeCall("write_file", { path: "a\nWrite b", content: "" }).prompt).toBe(
      "Write a\\nWrite b (0 lines, 0 bytes)?",
    );
    expect(describeCall("e\u001b]0;x", {}).prompt).toBe("Run e\\e]0;x?\n  | {}");
  });

  it("offers always for the scope that the call falls under", () => {
    for (const [tool, input] of [
      ["bash", { command: "ls" }],
      ["edit_file", {}],
    ] as const) {
      expect(describeCall(tool, input).always?.scope).toBe(scopeOf(tool, input));
    }
  });
});
