/**
 * Owns measuring how far a program is that reports no progress: the bytes in the folder it fills, twice a second.
 */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

const INTERVAL_MS = 500;

/**
 * Calls `report` with the bytes in `folder` while `work` runs, only when they grew. Settles as `work` does, and is silent
 * from then on.
 */
export async function watchSize<T>(folder: string, work: Promise<T>, report: (bytes: number) => void): Promise<T> {
  let done = false;
  let last = 0;
  const measure = async (): Promise<void> => {
    const bytes = await folderBytes(folder);
    if (done) return;
    if (bytes > last) report(bytes);
    last = Math.max(last, bytes);
    timer = setTimeout(() => void measure(), INTERVAL_MS);
  };
  let timer = setTimeout(() => void measure(), INTERVAL_MS);
  try {
    return await work;
  } finally {
    done = true;
    clearTimeout(timer);
  }
}

/** Bytes of all files below `folder`. What vanishes while it counts counts as nothing: somebody is at work there. */
export async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return folderBytes(path);
      return (await stat(path).catch(() => null))?.size ?? 0;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
