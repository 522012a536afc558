/**
 * Owns finding and reading AGENTS.md files: from the workspace up to the root of its repository, outermost first.
 * Outside a repository only the workspace's own counts: a file further up belongs to something else. So does one that a
 * link leads to: what is read is sent to the model's provider.
 */
import { realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, sep } from "node:path";
import { NotRegularFile, readRegularFile } from "../read-regular-file.ts";
import { usageError } from "../usage-error.ts";
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

/** What is told of while context files are found. */
export interface ContextReading {
  /** Called for a file that is not read, since its real path `target` is outside the repository. */
  readonly skipped: (path: string, target: string) => void;
}

/**
 * Reads the context files of `workspace` (absolute). @throws AmplifierError `usage` for what is no regular file, and what
 * reading throws, but for a file that is not there
 */
export async function readContextFiles(
  workspace: string,
  reading: ContextReading,
): Promise<readonly FoundContextFile[]> {
  const folders = await foldersUpToRoot(workspace);
  const root = folders[0] ?? workspace;
  const files = await Promise.all(folders.map((folder) => readContextFile(join(folder, FILE_NAME), { root, reading })));
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

async function readContextFile(
  path: string,
  { root, reading }: { readonly root: string; readonly reading: ContextReading },
): Promise<FoundContextFile | null> {
  try {
    const target = await realpath(path);
    if (!isInside(await realpath(root), target)) {
      reading.skipped(path, target);
      return null;
    }
    const { text, bytes } = await readRegularFile(target, { maxBytes: MAX_BYTES });
    return { name: relative(root, path), path, text, bytes, cut: bytes > MAX_BYTES };
  } catch (error) {
    if (error instanceof NotRegularFile) {
      throw usageError(`${path} is ${error.what}. Make it a text file, or leave it out with --no-context-files.`, {
        value: path,
        cause: error,
      });
    }
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw error;
  }
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
