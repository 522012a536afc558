/**
 * Owns writing a file whole or not at all: the text goes to a temporary file beside it, which then takes its place. An
 * existing file keeps its mode; its owner and hard links are not kept. A reader never sees a half-written file.
 */
import type { BigIntStats } from "node:fs";
import { access, constants, lstat, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { randomUUID } from "node:crypto";
import { systemCode, ToolFailure } from "./tool-failure.ts";
import type { Located, Workspace } from "./workspace.ts";

const PERMISSION_BITS = 0o7777n;

/** What replacing needs beside place and text. */
export interface ReplaceOptions {
  readonly signal: AbortSignal;
  /** The file as it was read: when it has changed since, nothing is written. */
  readonly unchangedSince?: BigIntStats;
}

/**
 * Writes `text` to `file`, making missing folders.
 * @returns the file as it was before, or undefined when it is new.
 * @throws ToolFailure when it is no regular file or has changed; the signal's reason. Nothing was written then.
 */
export async function replaceFile(
  workspace: Workspace,
  target: { readonly file: Located; readonly text: string },
  options: ReplaceOptions,
): Promise<BigIntStats | undefined> {
  const { file, text } = target;
  options.signal.throwIfAborted();
  const before = await existing(file);
  const folder = await parentOf(workspace, file);
  const temporary = join(folder.absolute, `.amplifier-${randomUUID()}.tmp`);
  try {
    await writeNew(temporary, text, before);
    await workspace.confirm(folder);
    if (options.unchangedSince) await confirmUnchanged(file, options.unchangedSince);
    options.signal.throwIfAborted();
    await rename(temporary, file.absolute);
  } finally {
    await rm(temporary, { force: true });
  }
  return before;
}

async function existing(file: Located): Promise<BigIntStats | undefined> {
  const stats = await statOf(file);
  if (stats === undefined) return undefined;
  if (stats.isDirectory()) throw new ToolFailure(`"${file.relative}" is a folder. Give the path of a file in it.`);
  if (!stats.isFile()) throw new ToolFailure(`"${file.relative}" is a device, pipe or socket, not a file.`);
  // Renaming over a read-only file would work; its owner did not mean that.
  await access(file.absolute, constants.W_OK);
  return stats;
}

async function parentOf(workspace: Workspace, file: Located): Promise<Located> {
  const absolute = dirname(file.absolute);
  await mkdir(absolute, { recursive: true });
  const parent = { absolute, relative: relative(await workspace.root(), absolute) || "." };
  await workspace.confirm(parent);
  return parent;
}

async function writeNew(path: string, text: string, like: BigIntStats | undefined): Promise<void> {
  const handle = await open(path, "wx", like === undefined ? 0o666 : 0o600);
  try {
    await handle.writeFile(text);
    if (like !== undefined) await handle.chmod(Number(like.mode & PERMISSION_BITS));
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function confirmUnchanged(file: Located, then: BigIntStats): Promise<void> {
  const now = await statOf(file);
  if (now !== undefined && now.ino === then.ino && now.size === then.size && now.mtimeNs === then.mtimeNs) return;
  throw new ToolFailure(
    `"${file.relative}" was changed by something else just now. Read it again, then repeat the edit.`,
  );
}

async function statOf(file: Located): Promise<BigIntStats | undefined> {
  try {
    return await lstat(file.absolute, { bigint: true });
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
