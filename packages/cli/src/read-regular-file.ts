/**
 * Owns reading a named file that must be a file: a pipe or a device under its name would be waited for without end, and a
 * blocked read keeps even `exit` from ending the process. Such are refused before anything is read.
 */
import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";

/** What stands under the name is no regular file. `what` says what it is, for a sentence ("a folder"). */
export class NotRegularFile extends Error {
  override readonly name = "NotRegularFile";
  readonly what: string;

  constructor(path: string, what: string) {
    super(`${path} is ${what}, and no regular file.`);
    this.what = what;
  }
}

/** A regular file's text; `bytes` is the whole size, `text` at most `maxBytes` of it. */
export interface RegularFile {
  readonly text: string;
  readonly bytes: number;
}

/** Reads a file (absolute path) as UTF-8. @throws NotRegularFile, and what opening and reading throw */
export async function readRegularFile(
  path: string,
  { maxBytes = Number.POSITIVE_INFINITY }: { readonly maxBytes?: number } = {},
): Promise<RegularFile> {
  const file = await openAtOnce(path);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new NotRegularFile(path, stats.isDirectory() ? "a folder" : "a pipe or a device");
    if (stats.size <= maxBytes) return { text: await file.readFile("utf8"), bytes: stats.size };
    const { buffer, bytesRead } = await file.read(Buffer.alloc(maxBytes), 0, maxBytes, 0);
    return { text: buffer.toString("utf8", 0, bytesRead), bytes: stats.size };
  } finally {
    await file.close();
  }
}

// Without O_NONBLOCK opening a pipe waits for somebody to write to it. Windows has no such flag, and no such pipes.
async function openAtOnce(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EISDIR") throw new NotRegularFile(path, "a folder");
    if (code === "ENXIO") throw new NotRegularFile(path, "a socket or a device");
    throw error;
  }
}
