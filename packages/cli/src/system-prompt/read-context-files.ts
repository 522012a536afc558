/**
 * Owns finding and reading AGENTS.md files: from the workspace up to the root of its repository, outermost first.
 * Outside a repository only the workspace's own counts: a file further up belongs to something else.
 */
import { open, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import type { ContextFile } from "./system-prompt.ts";

const FILE_NAME = "AGENTS.md";
/** More than this of one file would crowd out the conversation. */
const MAX_BYTES = 64 * 1024;

/** A context file that was read. `cut` when only its beginning was taken. */
export interface FoundContextFile extends ContextFile {
  readonly path: string;
  readonly bytes: number;
  readonly cut: boolean;
}

/** Reads the context files of `workspace` (absolute). @throws what reading throws, but for a file that is not there. */
export async function readContextFiles(workspace: string): Promise<readonly FoundContextFile[]> {
  const folders = await foldersUpToRoot(workspace);
  const root = folders[0] ?? workspace;
  const files = await Promise.all(folders.map((folder) => readContextFile(join(folder, FILE_NAME), root)));
  return files.filter((file) => file !== null);
}

async function foldersUpToRoot(workspace: string): Promise<readonly string[]> {
  const folders: string[] = [];
  for (let folder = workspace; ; folder = dirname(folder)) {
    folders.unshift(folder);
    if (await exists(join(folder, ".git"))) return folders;
    if (dirname(folder) === folder) return [workspace];
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    // Not there, or not to be seen: either way no repository that we could read.
    return false;
  }
}

async function readContextFile(path: string, root: string): Promise<FoundContextFile | null> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
    throw error;
  });
  if (file === null) return null;
  try {
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(size, MAX_BYTES));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
    const text = buffer.toString("utf8", 0, bytesRead);
    return { name: relative(root, path), path, text, bytes: size, cut: size > MAX_BYTES };
  } finally {
    await file.close();
  }
}
