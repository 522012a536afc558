/** `glob` and `grep`, on real files. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Tool } from "amplifier-core";
import { mount } from "../src/tool-filesystem/index.ts";
import { MATCH_LIMIT_MS } from "../src/tool-filesystem/run-bounded.ts";
import { fail, succeed } from "./call-tool.ts";
import { fakeCoordinator } from "./fake-coordinator.ts";
import { temporaryWorkspace, type TemporaryWorkspace } from "./temporary-workspace.ts";

let folder: TemporaryWorkspace;
let glob: Tool;
let grep: Tool;

beforeEach(async () => {
  folder = await temporaryWorkspace();
  const fake = fakeCoordinator({ workspace: folder.workspace });
  await mount(fake.coordinator, {});
  glob = fake.tool("glob");
  grep = fake.tool("grep");
});
afterEach(() => folder.remove());

const lines = (...all: readonly string[]): string => all.join("\n");

describe("glob", () => {
  it("lists matching files by path, dot files included", async () => {
    await folder.write({ "b.ts": "", "a/z.ts": "", "a.ts": "", "a/deep/y.ts": "", ".config/x.ts": "", "a/no.js": "" });
    expect(await succeed(glob, { pattern: "**/*.ts" })).toBe(
      lines(".config/x.ts", "a.ts", "a/deep/y.ts", "a/z.ts", "b.ts"),
    );
    expect(await succeed(glob, { pattern: "{a,b}.ts" })).toBe(lines("a.ts", "b.ts"));
  });

  it("matches relative to the folder, and answers relative to the workspace", async () => {
    await folder.write({ "src/a.ts": "", "src/sub/b.ts": "", "a.ts": "" });
    expect(await succeed(glob, { pattern: "*.ts", path: "src" })).toBe("src/a.ts");
  });

  it("leaves out .git, node_modules and what .gitignore files hide", async () => {
    await folder.write({
      ".git/config": "",
      "node_modules/x/index.js": "",
      "src/node_modules/y.js": "",
      ".gitignore": "dist/\n*.log\n/only-here\n",
      "dist/a.js": "",
      "a.log": "",
      "only-here": "",
      "src/only-here": "",
      "src/.gitignore": "!keep.log\n",
      "src/keep.log": "",
      "src/drop.log": "",
    });
    expect(await succeed(glob, { pattern: "**" })).toBe(
      lines(".gitignore", "src/.gitignore", "src/keep.log", "src/only-here"),
    );
    expect(await succeed(glob, { pattern: "**/*", path: "src" })).toBe(
      lines("src/.gitignore", "src/keep.log", "src/only-here"),
    );
    expect(await succeed(glob, { pattern: "**/*.{js,log}", include_ignored: true })).toBe(
      lines("a.log", "dist/a.js", "src/drop.log", "src/keep.log"),
    );
  });

  it("lists what is in an ignored folder that is named", async () => {
    await folder.write({ ".gitignore": "dist/\n", "dist/sub/a.js": "" });
    expect(await succeed(glob, { pattern: "**", path: "dist" })).toBe("dist/sub/a.js");
    expect(await succeed(glob, { pattern: "*", path: "dist/sub" })).toBe("dist/sub/a.js");
  });

  it("shows as many as the limit and says that there are more", async () => {
    await folder.write({ a: "", b: "", c: "" });
    expect(await succeed(glob, { pattern: "*", limit: 2 })).toBe(
      lines("a", "b", "[The first 2 files are shown; there are more. Narrow the pattern or the path.]"),
    );
    expect(await succeed(glob, { pattern: "*", limit: 3 })).toBe(lines("a", "b", "c"));
  });

  it("says what to try when nothing matches", async () => {
    await folder.write({ "src/a.ts": "" });
    expect(await succeed(glob, { pattern: "*.ts" })).toBe(
      '[No file matches "*.ts". It looks at one folder only; "**/*.ts" looks in all below it.]',
    );
    expect(await succeed(glob, { pattern: "**/*.go" })).toBe('[No file matches "**/*.go".]');
  });

  it("refuses patterns that can match nothing, and folders that are none", async () => {
    await folder.write({ "a.ts": "" });
    for (const pattern of ["/etc/*", "../*"]) {
      expect(await fail(glob, { pattern })).toBe(
        `The pattern "${pattern}" is not relative to the folder searched. Give the folder as path and a pattern like "**/*.ts".`,
      );
    }
    expect(await fail(glob, { pattern: "*", path: "missing" })).toBe(
      '"missing" does not exist. Use glob to find the right path.',
    );
    expect(await fail(glob, { pattern: "*", path: "a.ts" })).toContain("is a file, not a folder");
  });

  it("gives up on a pattern that would take for ever", async () => {
    await folder.write({ ["a".repeat(200)]: "" });
    expect(await fail(glob, { pattern: `${"*a".repeat(30)}b` })).toContain("took too long to match and was stopped");
  });
});

describe("grep", () => {
  it("gives path, line number and text of each match", async () => {
    await folder.write({ "b.txt": "no\nfoo 1\r\n", "a/x.txt": "a foo\n\nfoo" });
    expect(await succeed(grep, { pattern: "foo" })).toBe(lines("a/x.txt:1: a foo", "a/x.txt:3: foo", "b.txt:2: foo 1"));
  });

  it("anchors at lines, and can ignore case", async () => {
    await folder.write({ "a.txt": "foo bar\nbar\nBAR\n" });
    expect(await succeed(grep, { pattern: "^bar$" })).toBe("a.txt:2: bar");
    expect(await succeed(grep, { pattern: "^bar$", ignore_case: true })).toBe(lines("a.txt:2: bar", "a.txt:3: BAR"));
  });

  it("searches one file, also a hidden one, or the files that match a glob", async () => {
    await folder.write({ ".gitignore": "*.log\n", "a.log": "foo\n", "src/a.ts": "foo\n", "src/a.md": "foo\n" });
    expect(await succeed(grep, { pattern: "foo", path: "a.log" })).toBe("a.log:1: foo");
    expect(await succeed(grep, { pattern: "foo", glob: "*.ts" })).toBe("src/a.ts:1: foo");
    expect(await succeed(grep, { pattern: "foo", glob: "src/*.md" })).toBe("src/a.md:1: foo");
    expect(await succeed(grep, { pattern: "foo", path: "src", glob: "*.md" })).toBe("src/a.md:1: foo");
  });

  it("shows as many lines as the limit and says that there are more", async () => {
    await folder.write({ "a.txt": "x\nx\nx\n" });
    expect(await succeed(grep, { pattern: "x", limit: 2 })).toBe(
      lines(
        "a.txt:1: x",
        "a.txt:2: x",
        "[The first 2 lines are shown; there are more. Narrow the pattern, the path or the glob.]",
      ),
    );
    expect(await succeed(grep, { pattern: "x", limit: 3 })).toBe(lines("a.txt:1: x", "a.txt:2: x", "a.txt:3: x"));
  });

  it("shows the part of a long line around the match", async () => {
    await folder.write({ "a.txt": `${"-".repeat(1000)}needle${"-".repeat(1000)}\n` });
    expect(await succeed(grep, { pattern: "needle" })).toBe(`a.txt:1: …${"-".repeat(80)}needle${"-".repeat(214)}…`);
  });

  it("skips binary files, and says which large files it skipped", async () => {
    await folder.write({ "a.bin": "needle\0", "big.txt": `needle\n${"x".repeat(5 * 1024 * 1024)}`, "c.txt": "hay\n" });
    expect(await succeed(grep, { pattern: "needle" })).toBe(
      lines("[No line matches. Text files searched: 1.]", "[Files over 5 MB, not searched: 1.]"),
    );
  });

  it("counts lines over the slices it works in", async () => {
    await folder.write({ "a.txt": `${"x".repeat(99)}\n`.repeat(9000) + "needle" });
    expect(await succeed(grep, { pattern: "needle" })).toBe("a.txt:9001: needle");
  });

  it("says what is wrong with a pattern", async () => {
    expect(await fail(grep, { pattern: "(?i)foo" })).toContain("inline flags like (?i) do not exist, use ignore_case");
  });

  it("stops a catastrophic pattern in bounded time, and works afterwards", async () => {
    await folder.write({ "a.txt": `${"a".repeat(60)}b\n` });
    const started = performance.now();
    expect(await fail(grep, { pattern: "(a+)+$" })).toBe(
      'The pattern "(a+)+$" took too long to match and was stopped. Use a simpler one, without nested repetition.',
    );
    expect(performance.now() - started).toBeGreaterThanOrEqual(MATCH_LIMIT_MS * 0.9);
    expect(await succeed(grep, { pattern: "b$" })).toBe(`a.txt:1: ${"a".repeat(60)}b`);
  });

  it("stops at the signal between files", async () => {
    await folder.write({ "a.txt": "x\n", "b.txt": "x\n" });
    await mkdir(join(folder.workspace, "empty"));
    const stop = new Error("stopped");
    await expect(succeed(grep, { pattern: "x" }, { signal: AbortSignal.abort(stop) })).rejects.toBe(stop);
    await expect(succeed(glob, { pattern: "*" }, { signal: AbortSignal.abort(stop) })).rejects.toBe(stop);
  });
});
