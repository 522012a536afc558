/** `write_file` and `edit_file`, on real files. */
import { chmod, lstat, mkdir, readdir, stat, symlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Tool } from "amplifier-core";
import { mount } from "../src/tool-filesystem/index.ts";
import { replaceFile } from "../src/tool-filesystem/replace-file.ts";
import { Workspace } from "../src/tool-filesystem/workspace.ts";
import { fail, succeed } from "./call-tool.ts";
import { fakeCoordinator } from "./fake-coordinator.ts";
import { temporaryWorkspace, type TemporaryWorkspace } from "./temporary-workspace.ts";

let folder: TemporaryWorkspace;
let writeFile: Tool;
let editFile: Tool;

beforeEach(async () => {
  folder = await temporaryWorkspace();
  const fake = fakeCoordinator({ workspace: folder.workspace });
  await mount(fake.coordinator, {});
  writeFile = fake.tool("write_file");
  editFile = fake.tool("edit_file");
});
afterEach(() => folder.remove());

const path = (name: string): string => join(folder.workspace, name);

describe("write_file", () => {
  it("makes a file and its folders, and leaves nothing else behind", async () => {
    expect(await succeed(writeFile, { path: "a/b/c.txt", content: "héllo\n" })).toBe("Created a/b/c.txt (7 bytes).");
    expect(await folder.read("a/b/c.txt")).toBe("héllo\n");
    expect(await readdir(path("a/b"))).toEqual(["c.txt"]);
  });

  it("replaces a file and keeps its mode", async () => {
    await folder.write({ "run.sh": "old" });
    await chmod(path("run.sh"), 0o750);
    expect(await succeed(writeFile, { path: "run.sh", content: "new" })).toBe("Replaced run.sh (3 bytes).");
    expect(await folder.read("run.sh")).toBe("new");
    expect((await stat(path("run.sh"))).mode & 0o7777).toBe(0o750);
  });

  it("puts a new file in place of the old one, so that whoever reads the old one reads it whole", async () => {
    await folder.write({ "a.txt": "old" });
    const before = await stat(path("a.txt"));
    await succeed(writeFile, { path: "a.txt", content: "new" });
    expect((await stat(path("a.txt"))).ino).not.toBe(before.ino);
  });

  it("writes through a symbolic link that stays inside, and keeps the link", async () => {
    await folder.write({ "real.txt": "old" });
    await symlink("real.txt", path("link.txt"));
    expect(await succeed(writeFile, { path: "link.txt", content: "new" })).toBe("Replaced real.txt (3 bytes).");
    expect(await folder.read("real.txt")).toBe("new");
    expect((await lstat(path("link.txt"))).isSymbolicLink()).toBe(true);
  });

  it("refuses a folder, and a path below a file", async () => {
    await mkdir(path("folder"));
    await folder.write({ "a.txt": "" });
    expect(await fail(writeFile, { path: "folder", content: "" })).toBe(
      '"folder" is a folder. Give the path of a file in it.',
    );
    expect(await fail(writeFile, { path: ".", content: "" })).toBe('"." is a folder. Give the path of a file in it.');
    expect(await fail(writeFile, { path: "a.txt/b", content: "" })).toBe(
      '"a.txt/b" cannot be reached: a part of the path is a file, not a folder.',
    );
  });

  it("writes nothing once it is stopped", async () => {
    const stop = new Error("stopped");
    const signal = AbortSignal.abort(stop);
    await expect(succeed(writeFile, { path: "a.txt", content: "x" }, { signal })).rejects.toBe(stop);
    expect(await readdir(folder.workspace)).toEqual([]);
  });

  it("is declared as what it is", () => {
    expect(
      [writeFile, editFile].map(({ writes, exclusive, idempotent }) => ({ writes, exclusive, idempotent })),
    ).toEqual([
      { writes: true, exclusive: true, idempotent: undefined },
      { writes: true, exclusive: true, idempotent: undefined },
    ]);
  });
});

describe("edit_file", () => {
  it("replaces the one occurrence and names its line", async () => {
    await folder.write({ "a.ts": "const a = 1;\nconst b = 2;\n" });
    const edit = { path: "a.ts", old_string: "b = 2", new_string: "b = $&3" };
    expect(await succeed(editFile, edit)).toBe("Replaced 1 occurrence in a.ts (line 2).");
    expect(await folder.read("a.ts")).toBe("const a = 1;\nconst b = $&3;\n");
  });

  it("keeps the mode, the byte order mark and the line ends of the file", async () => {
    await folder.write({ "a.txt": "\uFEFFone\r\ntwo\r\n" });
    await chmod(path("a.txt"), 0o640);
    await succeed(editFile, { path: "a.txt", old_string: "one\ntwo", new_string: "1\n2" });
    expect(await folder.read("a.txt")).toBe("\uFEFF1\r\n2\r\n");
    expect((await stat(path("a.txt"))).mode & 0o7777).toBe(0o640);
  });

  it("says how many matches there are, where, and changes nothing", async () => {
    await folder.write({ "a.txt": "x\ny\nx\n" });
    expect(await fail(editFile, { path: "a.txt", old_string: "x", new_string: "z" })).toBe(
      'old_string occurs 2 times in "a.txt" (lines 1, 3). Add neighbouring lines to make it unique, or set replace_all ' +
        "to true. Nothing was changed.",
    );
    expect(await folder.read("a.txt")).toBe("x\ny\nx\n");
  });

  it("replaces all when asked to", async () => {
    await folder.write({ "a.txt": "x\ny\nxx\n" });
    const edit = { path: "a.txt", old_string: "x", new_string: "", replace_all: true };
    expect(await succeed(editFile, edit)).toBe("Replaced 3 occurrences in a.txt (lines 1, 3, 3).");
    expect(await folder.read("a.txt")).toBe("\ny\n\n");
  });

  it("refuses bytes that it could not write back unchanged", async () => {
    await folder.write({
      "latin1.txt": new Uint8Array([0x63, 0x61, 0x66, 0xe9]),
      "image.png": new Uint8Array([1, 0, 2]),
    });
    const edit = { old_string: "c", new_string: "C" };
    expect(await fail(editFile, { path: "latin1.txt", ...edit })).toBe(
      '"latin1.txt" is not valid UTF-8; editing it as text would damage it.',
    );
    expect(await fail(editFile, { path: "image.png", ...edit })).toBe(
      '"image.png" is a binary file and cannot be edited as text.',
    );
  });

  it("does not make a file that is not there", async () => {
    expect(await fail(editFile, { path: "a.txt", old_string: "x", new_string: "y" })).toBe(
      '"a.txt" does not exist. Use glob to find the right path.',
    );
  });
});

describe("replaceFile", () => {
  it("writes nothing when the file has changed since it was read", async () => {
    await folder.write({ "a.txt": "read" });
    const workspace = new Workspace(folder.workspace);
    const file = await workspace.locate("a.txt");
    const then = await lstat(file.absolute, { bigint: true });
    await utimes(file.absolute, new Date(0), new Date(0));
    const options = { signal: new AbortController().signal, unchangedSince: then };
    await expect(replaceFile(workspace, { file, text: "new" }, options)).rejects.toThrow(
      '"a.txt" was changed by something else just now. Read it again, then repeat the edit.',
    );
    expect(await folder.read("a.txt")).toBe("read");
    expect(await readdir(folder.workspace)).toEqual(["a.txt"]);
  });
});
