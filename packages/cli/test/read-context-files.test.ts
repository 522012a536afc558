import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readContextFiles } from "../src/system-prompt/read-context-files.ts";

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
  const files = await readContextFiles(join(repository, "packages", "web"));
  expect(files.map(({ name, text, bytes, cut }) => ({ name, text, bytes, cut }))).toEqual([
    { name: "AGENTS.md", text: "Root.", bytes: 5, cut: false },
    { name: join("packages", "web", "AGENTS.md"), text: "Web.", bytes: 4, cut: false },
  ]);
});

test("a worktree, whose .git is a file, is a repository too", async () => {
  await writeFile(join(repository, ".git"), "gitdir: /elsewhere\n");
  await writeFile(join(repository, "AGENTS.md"), "Root.");
  expect((await readContextFiles(join(repository, "packages"))).map(({ text }) => text)).toEqual(["Root."]);
});

test("outside a repository only the workspace's own file counts", async () => {
  expect(await readContextFiles(repository)).toEqual([]);
  expect((await readContextFiles(outside)).map(({ text }) => text)).toEqual(["Of somebody else."]);
});

test("of a huge file only the beginning is taken", async () => {
  await writeFile(join(outside, "AGENTS.md"), "x".repeat(70_000));
  const [file] = await readContextFiles(outside);
  expect(file).toMatchObject({ bytes: 70_000, cut: true });
  expect(file?.text).toHaveLength(65_536);
});
