/** `read_file`, on real files. */
import { execFileSync } from "node:child_process";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Tool } from "amplifier-core";
import { mount } from "../src/tool-filesystem/index.ts";
import { fail, succeed } from "./call-tool.ts";
import { fakeCoordinator } from "./fake-coordinator.ts";
import { temporaryWorkspace, type TemporaryWorkspace } from "./temporary-workspace.ts";

let folder: TemporaryWorkspace;
let readFile: Tool;

beforeEach(async () => {
  folder = await temporaryWorkspace();
  const fake = fakeCoordinator({ workspace: folder.workspace });
  await mount(fake.coordinator, {});
  readFile = fake.tool("read_file");
});
afterEach(() => folder.remove());

const numberedLines = (count: number): string =>
  Array.from({ length: count }, (_, index) => `line ${index + 1}\n`).join("");

describe("read_file", () => {
  it("shows every line behind its number and a tab", async () => {
    await folder.write({ "src/a.ts": "one\n\ttwo\n\nfour" });
    expect(await succeed(readFile, { path: "src/a.ts" })).toBe("     1\tone\n     2\t\ttwo\n     3\t\n     4\tfour");
  });

  it("takes an absolute path inside the workspace", async () => {
    await folder.write({ "a.txt": "x\n" });
    expect(await succeed(readFile, { path: join(folder.workspace, "a.txt") })).toBe("     1\tx");
  });

  it("shows no carriage returns and no byte order mark", async () => {
    await folder.write({ "a.txt": "\uFEFFone\r\ntwo\r\n" });
    expect(await succeed(readFile, { path: "a.txt" })).toBe("     1\tone\n     2\ttwo");
  });

  it("shows a window of lines and says how to go on", async () => {
    await folder.write({ "a.txt": numberedLines(10) });
    expect(await succeed(readFile, { path: "a.txt", offset: 3, limit: 2 })).toBe(
      "     3\tline 3\n     4\tline 4\n[Lines 3-4 of a.txt are shown; more follow. Continue with offset 5.]",
    );
  });

  it("says nothing of more lines when the window ends with the file", async () => {
    await folder.write({ "a.txt": numberedLines(4) });
    expect(await succeed(readFile, { path: "a.txt", offset: 3, limit: 2 })).toBe("     3\tline 3\n     4\tline 4");
  });

  it("stops after 2000 lines when no limit is given", async () => {
    await folder.write({ "a.txt": numberedLines(2001) });
    const lines = (await succeed(readFile, { path: "a.txt" })).split("\n");
    expect(lines.at(-2)).toBe("  2000\tline 2000");
    expect(lines.at(-1)).toBe("[Lines 1-2000 of a.txt are shown; more follow. Continue with offset 2001.]");
  });

  it("stops after 60,000 characters, at the end of a line", async () => {
    await folder.write({ "a.txt": `${"x".repeat(999)}\n`.repeat(100) });
    const lines = (await succeed(readFile, { path: "a.txt" })).split("\n");
    expect(lines).toHaveLength(61);
    expect(lines.at(-1)).toBe("[Lines 1-60 of a.txt are shown; more follow. Continue with offset 61.]");
  });

  it("cuts long lines, says by how much, and never through a surrogate pair", async () => {
    await folder.write({ "a.txt": `${"x".repeat(1999)}😀tail\nshort\n` });
    expect(await succeed(readFile, { path: "a.txt" })).toBe(
      `     1\t${"x".repeat(1999)}… [6 more characters]\n     2\tshort\n` +
        "[Lines cut because they are longer than 2000 characters: 1.]",
    );
  });

  it("decodes characters that lie across the border of two reads", async () => {
    await folder.write({ "a.txt": `${"x".repeat(1000)}\n`.repeat(65) + `${"x".repeat(470)}é` });
    expect(await succeed(readFile, { path: "a.txt", offset: 66 })).toBe(`    66\t${"x".repeat(470)}é`);
  });

  it("says that a file is empty", async () => {
    await folder.write({ "a.txt": "" });
    expect(await succeed(readFile, { path: "a.txt" })).toBe("[a.txt is empty.]");
  });

  it("fails when the offset is behind the end", async () => {
    await folder.write({ "a.txt": "one\ntwo\n" });
    expect(await fail(readFile, { path: "a.txt", offset: 9 })).toBe(
      '"a.txt" has only 2 lines; offset 9 is behind its end.',
    );
  });

  it("refuses what is no text file, and says what it is", async () => {
    await folder.write({ "image.png": new Uint8Array([137, 80, 78, 71, 0, 1]) });
    await mkdir(join(folder.workspace, "folder"));
    execFileSync("mkfifo", [join(folder.workspace, "pipe")]);
    expect(await fail(readFile, { path: "image.png" })).toBe(
      '"image.png" is a binary file and cannot be shown as text.',
    );
    expect(await fail(readFile, { path: "folder" })).toBe('"folder" is a folder. Use glob to list what is in it.');
    expect(await fail(readFile, { path: "pipe" })).toBe('"pipe" is a device, pipe or socket, not a file.');
  });

  it("says what to do about a path that does not exist", async () => {
    await folder.write({ "a.txt": "" });
    expect(await fail(readFile, { path: "b.txt" })).toBe('"b.txt" does not exist. Use glob to find the right path.');
    expect(await fail(readFile, { path: "a.txt/b" })).toBe(
      '"a.txt/b" cannot be reached: a part of the path is a file, not a folder.',
    );
    expect(await fail(readFile, { path: "a\0b" })).toBe(
      "A path cannot contain a NUL character. Give the path without it.",
    );
  });

  it("follows a symbolic link that stays inside the workspace", async () => {
    await folder.write({ "real/a.txt": "inside\n" });
    await symlink("real", join(folder.workspace, "link"));
    expect(await succeed(readFile, { path: "link/a.txt" })).toBe("     1\tinside");
  });

  it("stops at the signal", async () => {
    await folder.write({ "a.txt": "one\n" });
    const stop = new Error("stopped");
    await expect(succeed(readFile, { path: "a.txt" }, { signal: AbortSignal.abort(stop) })).rejects.toBe(stop);
  });
});
