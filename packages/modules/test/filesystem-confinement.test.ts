/** That no file tool reads or writes outside the workspace, whatever the path and whatever links are there. */
import { mkdir, readdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Tool } from "amplifier-core";
import { configSchema, mount, moduleType } from "../src/tool-filesystem/index.ts";
import { replaceFile } from "../src/tool-filesystem/replace-file.ts";
import { Workspace } from "../src/tool-filesystem/workspace.ts";
import { fail, succeed } from "./call-tool.ts";
import { fakeCoordinator, type FakeCoordinator } from "./fake-coordinator.ts";
import { temporaryWorkspace, type TemporaryWorkspace } from "./temporary-workspace.ts";

let folder: TemporaryWorkspace;
let fake: FakeCoordinator;

beforeEach(async () => {
  folder = await temporaryWorkspace();
  await writeFile(join(folder.outside, "secret.txt"), "secret\n");
  fake = fakeCoordinator({ workspace: folder.workspace });
  await mount(fake.coordinator, {});
});
afterEach(() => folder.remove());

const never = new AbortController().signal;

/** Each tool with an input that would touch `path`. */
function attempts(path: string): readonly { readonly tool: Tool; readonly input: unknown }[] {
  return [
    { tool: fake.tool("read_file"), input: { path } },
    { tool: fake.tool("write_file"), input: { path, content: "overwritten" } },
    { tool: fake.tool("edit_file"), input: { path, old_string: "secret", new_string: "edited" } },
    { tool: fake.tool("glob"), input: { pattern: "**", path } },
    { tool: fake.tool("grep"), input: { pattern: "secret", path } },
  ];
}

async function expectOutsideUntouched(): Promise<void> {
  expect(await readdir(folder.outside)).toEqual(["secret.txt"]);
  expect(await readFile(join(folder.outside, "secret.txt"), "utf8")).toBe("secret\n");
}

describe("the border of the workspace", () => {
  it("holds against paths that lead upwards or stand elsewhere", async () => {
    for (const path of [
      "../outside/secret.txt",
      "a/../../outside/secret.txt",
      join(folder.outside, "secret.txt"),
      "/etc/hosts",
    ]) {
      for (const { tool, input } of attempts(path)) {
        expect(await fail(tool, input)).toBe(
          `"${path}" leads outside the workspace, which is ${folder.workspace}. ` +
            "Only files inside it can be used; give a path relative to it.",
        );
      }
    }
    await expectOutsideUntouched();
  });

  it("holds against a neighbour whose name begins like the workspace's", async () => {
    await mkdir(`${folder.workspace}-other`);
    await writeFile(`${folder.workspace}-other/a.txt`, "secret");
    expect(await fail(fake.tool("read_file"), { path: "../workspace-other/a.txt" })).toContain(
      "leads outside the workspace",
    );
  });

  it("lets a name that begins with two dots be", async () => {
    await folder.write({ "..a": "x\n" });
    expect(await succeed(fake.tool("read_file"), { path: "..a" })).toBe("     1\tx");
  });

  it("holds against links to files, to folders and to links, at any depth", async () => {
    await mkdir(join(folder.workspace, "deep"));
    await symlink(join(folder.outside, "secret.txt"), join(folder.workspace, "file-link"));
    await symlink("../../outside", join(folder.workspace, "deep/folder-link"));
    await symlink("deep/folder-link", join(folder.workspace, "link-link"));
    for (const path of [
      "file-link",
      "deep/folder-link/secret.txt",
      "link-link/secret.txt",
      "link-link/new.txt",
      "link-link/new/a.txt",
    ]) {
      for (const { tool, input } of attempts(path)) {
        expect(await fail(tool, input)).toContain(`"${path}" leads outside the workspace`);
      }
    }
    await expectOutsideUntouched();
  });

  it("holds against links to what does not exist yet", async () => {
    await symlink(join(folder.outside, "new.txt"), join(folder.workspace, "dangling"));
    for (const path of ["dangling", "dangling/a.txt"]) {
      expect(await fail(fake.tool("write_file"), { path, content: "x" })).toBe(
        `"${path}" goes through a symbolic link to something that does not exist. Use another path.`,
      );
    }
    await expectOutsideUntouched();
  });

  it("holds against links that form a loop", async () => {
    await symlink("loop-b", join(folder.workspace, "loop-a"));
    await symlink("loop-a", join(folder.workspace, "loop-b"));
    expect(await fail(fake.tool("read_file"), { path: "loop-a" })).toContain("its symbolic links form a loop");
  });

  it("is not crossed by a walk", async () => {
    await folder.write({ "inside.txt": "a secret inside\n" });
    await symlink(folder.outside, join(folder.workspace, "folder-link"));
    await symlink(join(folder.outside, "secret.txt"), join(folder.workspace, "z-link"));
    expect(await succeed(fake.tool("grep"), { pattern: "secret" })).toBe("inside.txt:1: a secret inside");
    expect(await succeed(fake.tool("glob"), { pattern: "**" })).toBe("folder-link\ninside.txt\nz-link");
  });
});

describe("a folder that is swapped for a link after its path was checked", () => {
  it("is noticed when a file in it is opened", async () => {
    await folder.write({ "dir/secret.txt": "harmless\n" });
    const workspace = new Workspace(folder.workspace);
    const file = await workspace.locate("dir/secret.txt");
    await rename(join(folder.workspace, "dir"), join(folder.workspace, "moved"));
    await symlink(folder.outside, join(folder.workspace, "dir"));
    await expect(workspace.openFile(file)).rejects.toThrow(
      '"dir/secret.txt" was replaced while it was being used. Look at it again before going on.',
    );
  });

  it("is noticed when a file in it is written", async () => {
    await mkdir(join(folder.workspace, "dir"));
    const workspace = new Workspace(folder.workspace);
    const file = await workspace.locate("dir/new.txt");
    await rename(join(folder.workspace, "dir"), join(folder.workspace, "moved"));
    await symlink(folder.outside, join(folder.workspace, "dir"));
    await expect(replaceFile(workspace, { file, text: "x" }, { signal: never })).rejects.toThrow(
      '"dir" was replaced while it was being used. Look at it again before going on.',
    );
    await expectOutsideUntouched();
  });

  it("is noticed when the file itself became a link", async () => {
    await folder.write({ "a.txt": "harmless\n" });
    const workspace = new Workspace(folder.workspace);
    const file = await workspace.locate("a.txt");
    await rename(join(folder.workspace, "a.txt"), join(folder.workspace, "b.txt"));
    await symlink(join(folder.outside, "secret.txt"), join(folder.workspace, "a.txt"));
    await expect(workspace.openFile(file)).rejects.toMatchObject({ code: "ELOOP" });
    await expect(replaceFile(workspace, { file, text: "x" }, { signal: never })).rejects.toThrow("not a file");
    await expectOutsideUntouched();
  });
});

describe("mounting tool-filesystem", () => {
  it("mounts five tools", () => {
    expect(moduleType).toBe("tool");
    expect([...fake.tools.keys()]).toEqual(["read_file", "write_file", "edit_file", "glob", "grep"]);
    expect(Object.keys(configSchema.properties)).toEqual(["workspace"]);
  });

  it("takes a workspace of its own, relative to the session's", async () => {
    await folder.write({ "sub/a.txt": "x\n" });
    const other = fakeCoordinator({ workspace: folder.workspace });
    await mount(other.coordinator, { workspace: "sub" });
    expect(await succeed(other.tool("read_file"), { path: "a.txt" })).toBe("     1\tx");
  });

  it("works in a workspace that is reached through a link", async () => {
    await folder.write({ "a.txt": "x\n" });
    const link = join(folder.outside, "link");
    await symlink(folder.workspace, link);
    const other = fakeCoordinator({ workspace: link });
    await mount(other.coordinator, {});
    expect(await succeed(other.tool("read_file"), { path: join(link, "a.txt") })).toBe("     1\tx");
  });

  it("fails without a workspace, or with one that is no folder", async () => {
    await expect(mount(fakeCoordinator({ workspace: null }).coordinator, {})).rejects.toMatchObject({
      code: "config_invalid",
      message: "The session has no workspace: set `workspace` to the absolute path of a folder.",
    });
    const missing = join(folder.workspace, "missing");
    await expect(mount(fake.coordinator, { workspace: "missing" })).rejects.toMatchObject({
      code: "config_invalid",
      message: `The workspace "${missing}" is not a folder: set \`workspace\` to an existing one.`,
    });
  });
});
