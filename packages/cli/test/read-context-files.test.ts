import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readContextFiles } from "../src/system-prompt/read-context-files.ts";

const silent = {
  skipped: (path: string): never => {
    throw new Error(`${path} was skipped`);
  },
};

let outside = "";
let repository = "";
beforeEach(async () => {
  outside = await mkdtemp(join(tmpdir(), "context-"));
  repository = join(outside, "repository");
  await mkdir(join(repository, "packages", "web"), { recursive: true });
  await writeFile(join(outside, "AGENTS.md"), "Of somebody else.");
});
afterEach(() => rm(outside, { recursive: true }));

test("files from the root of the repository down to the workspace are read, outermost first, none beyond", async () => {
  await mkdir(join(repository, ".git"));
  await writeFile(join(repository, "AGENTS.md"), "Root.");
  await writeFile(join(repository, "packages", "web", "AGENTS.md"), "Web.");
  const files = await readContextFiles(join(repository, "packages", "web"), silent);
  expect(files.map(({ name, text, bytes, cut }) => ({ name, text, bytes, cut }))).toEqual([
    { name: "AGENTS.md", text: "Root.", bytes: 5, cut: false },
    { name: join("packages", "web", "AGENTS.md"), text: "Web.", bytes: 4, cut: false },
  ]);
});

test("a worktree, whose .git is a file, is a repository too", async () => {
  await writeFile(join(repository, ".git"), "gitdir: /elsewhere\n");
  await writeFile(join(repository, "AGENTS.md"), "Root.");
  expect((await readContextFiles(join(repository, "packages"), silent)).map(({ text }) => text)).toEqual(["Root."]);
});

test("outside a repository only the workspace's own file counts", async () => {
  expect(await readContextFiles(repository, silent)).toEqual([]);
  expect((await readContextFiles(outside, silent)).map(({ text }) => text)).toEqual(["Of somebody else."]);
});

test("of a huge file only the beginning is taken", async () => {
  await writeFile(join(outside, "AGENTS.md"), "x".repeat(70_000));
  const [file] = await readContextFiles(outside, silent);
  expect(file).toMatchObject({ bytes: 70_000, cut: true });
  expect(file?.text).toHaveLength(65_536);
});

test("a file that a link leads to outside the repository is not read, one inside is", async () => {
  await mkdir(join(repository, ".git"));
  await writeFile(join(repository, "GUIDE.md"), "Guide.");
  await symlink("GUIDE.md", join(repository, "AGENTS.md"));
  const web = join(repository, "packages", "web");
  await symlink(join(outside, "AGENTS.md"), join(web, "AGENTS.md"));
  const skipped: string[][] = [];
  const files = await readContextFiles(web, { skipped: (...paths) => skipped.push(paths) });
  expect(files.map(({ name, text }) => [name, text])).toEqual([["AGENTS.md", "Guide."]]);
  expect(skipped).toEqual([[join(web, "AGENTS.md"), join(await realpath(outside), "AGENTS.md")]]);
});

test("a folder and a pipe of that name are refused with their path, and nothing waits", async () => {
  await mkdir(join(repository, "AGENTS.md"));
  await expect(readContextFiles(repository, silent)).rejects.toThrow(`${join(repository, "AGENTS.md")} is a folder. `);
  const web = join(repository, "packages", "web");
  execFileSync("mkfifo", [join(web, "AGENTS.md")]);
  await expect(readContextFiles(web, silent)).rejects.toMatchObject({ code: "usage" });
  await expect(readContextFiles(web, silent)).rejects.toThrow(`${join(web, "AGENTS.md")} is a pipe or a device. `);
});
