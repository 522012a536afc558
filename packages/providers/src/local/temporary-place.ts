/**
 * Owns how something large gets its final name: it is made beside it under a name of its own process, then renamed, so
 * that a reader sees it whole or not at all. Two processes never share a place; the first rename wins and the other's
 * work is thrown away. What a killed process left is removed by the next one.
 */
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { isAlive } from "./lock-file.ts";

/** Somebody on another machine, or in another container, may still be at work on a leftover this young. */
const FOREIGN_LEFTOVER_MS = 24 * 60 * 60 * 1000;

/**
 * A new name beside `target`, `<target>.part-<host>-<pid>-<random>`; the folder it is in exists afterwards, the place
 * itself does not. Removes what dead processes have left for the same target.
 */
export async function temporaryPlace(target: string): Promise<string> {
  await mkdir(dirname(target), { recursive: true });
  await removeLeftovers(target);
  return `${prefixOf(target)}${process.pid}-${randomBytes(4).toString("hex")}`;
}

/**
 * Renames what was made at `place` to `target`. Resolves also when somebody else was first: `target` is whole either way,
 * and `place` is gone.
 */
export async function settlePlace(place: string, target: string): Promise<void> {
  try {
    await rename(place, target);
  } catch (error) {
    // A folder that is not empty, or on Windows a file in use: the other process has finished the same thing.
    if (!existsSync(target)) throw error;
    await discardPlace(place);
  }
  await removeLeftovers(target);
}

/** Removes a place, file or folder. A failure to do so is left to the next run, which tries again. */
export async function discardPlace(place: string): Promise<void> {
  await rm(place, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
}

function prefixOf(target: string): string {
  return `${target}.part-${hostname().replaceAll(/[^A-Za-z0-9.]/g, "_")}-`;
}

async function removeLeftovers(target: string): Promise<void> {
  const folder = dirname(target);
  const own = basename(prefixOf(target));
  for (const name of await readdir(folder)) {
    if (!name.startsWith(`${basename(target)}.part-`)) continue;
    const place = join(folder, name);
    const left = name.startsWith(own) ? !isAlive(Number.parseInt(name.slice(own.length), 10)) : await isOld(place);
    if (left) await discardPlace(place);
  }
}

async function isOld(place: string): Promise<boolean> {
  const found = await stat(place).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs > FOREIGN_LEFTOVER_MS;
}
