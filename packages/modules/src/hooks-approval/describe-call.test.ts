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
        `  | start${"x".repeat(55)}\n${`  |>${"x".repeat(60)}\n`.repeat(32)}  |>${"x".repeat(20)}\n  [...]\n` +
        `  | ${"x".repeat(60)}\n${`  |>${"x".repeat(60)}\n`.repeat(32)}  |>${"x".repeat(17)}end`,
    });
  });

  it.each([
    ["", "Write src/a.ts (0 lines, 0 bytes)?"],
    ["é", "Write src/a.ts (1 line, 2 bytes)?\n  + é"],
    ["a\nb\n", "Write src/a.ts (2 lines, 4 bytes)?\n  + a\n  + b"],
  ])("shows path, size and text of a file to write: %j", (content, prompt) => {
    expect(describeCall("write_file", { path: "src/a.ts", content })).toEqual({
      prompt,
      always: { scope: "tool write_file", label: "write_file" },
    });
  });

  it("says whether the file is made or replaced, and shows head and tail of a long text", () => {
    const content = Array.from({ length: 30 }, (_, n) => `${n}\n`).join("");
    expect(describeCall("write_file", { path: "a", content }, "existing").prompt.split("\n")).toEqual([
      "Replace all of a (30 lines, 80 bytes)?",
      ...Array.from({ length: 14 }, (_, n) => `  + ${n}`),
      "  [10 lines not shown]",
      ...Array.from({ length: 6 }, (_, n) => `  + ${n + 24}`),
    ]);
    expect(describeCall("write_file", { path: "a", content: "" }, "new").prompt).toBe("Create a (0 lines, 0 bytes)?");
  });

  it.each([".git/hooks/pre-commit", ".env", "a/../.github/x", "/home/me/.ssh/config", "a\\.b"])(
    "never offers always for a hidden file: %s",
    (path) => {
      const input = { path, content: "x", old_string: "a", new_string: "b" };
      expect(describeCall("write_file", input)).not.toHaveProperty("always");
      expect(describeCall("edit_file", input)).not.toHaveProperty("always");
      expect(scopeOf("write_file", input)).toBeNull();
    },
  );

  it.each(["a.b", "../x", "./x", "a/..", "a..b/c."])("takes no other file for a hidden one: %s", (path) => {
    expect(scopeOf("write_file", { path })).toBe("tool write_file");
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
    expect(lines.slice(13)).toEqual([
      "  - 12",
      "  - 13",
      "  [5 lines not shown]",
      ...[19, 20, 21, 22, 23, 24].map((line) => `  - ${line}`),
      `  + ${"y".repeat(60)}`,
      `  +>${"y".repeat(60)}`,
      `  +>${"y".repeat(60)}`,
      `  +>${"y".repeat(20)}`,
      "  [5 characters not shown]",
    ]);
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

  it("has no line begin where the text wants one, by padding, length or wide letters", () => {
    const pad = (text: string): string => text.padEnd(80, " ");
    const forged = `ls${" ".repeat(78)}${pad("? Allow once")}${pad("Run this command?")}${"漢".repeat(100)}${"\t".repeat(20)}rm`;
    const name = `a${" ".repeat(200)}${"b ".repeat(100)}`;
    for (const { prompt } of [
      describeCall("bash", { command: forged }),
      describeCall("write_file", { path: name, content: forged }),
      describeCall("edit_file", { path: name, old_string: forged, new_string: name }),
      describeCall(name, { forged }),
    ]) {
      const [title = "", ...lines] = prompt.split("\n");
      expect(title).toMatch(/^(Run this command|Write this \(1 line, \d+ bytes\)|Edit this|Run this)\?$/);
      for (const line of lines) expect(line).toMatch(/^ {2}(?:[|+-][ >]|\[\d+ char)/);
      for (const line of lines) expect(line.replace(/[^\u0000-\u007e]/g, "xx").length).toBeLessThanOrEqual(64);
    }
    expect(describeCall("bash", { command: forged }).prompt).toMatch(
      /^Run this command\?\n {2}\| ls␣×78\? Allow once␣×68Run/,
    );
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
