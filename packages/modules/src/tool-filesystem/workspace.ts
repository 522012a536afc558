/**
 * Owns the border of the workspace: which paths are inside, and opening files without being led out. Every path is
 * resolved through all its symbolic links first. It guards against mistakes and planted links, not against another
 * process of the same user that swaps folders between a check and its use; opened files are checked once more.
 */
import { constants, type BigIntStats } from "node:fs";
import { lstat, open, realpath, type FileHandle } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { systemCode, ToolFailure } from "./tool-failure.ts";

/** A path inside the workspace. */
export interface Located {
  /** Absolute, with no symbolic link in any existing part. */
  readonly absolute: string;
  /** From the workspace, with `/` between the parts; `.` is the workspace itself. */
  readonly relative: string;
}

/** A file that is open for reading, with what was known of it at that moment. */
export interface OpenFile {
  readonly handle: FileHandle;
  readonly stats: BigIntStats;
}

/** A folder that file tools stay inside of. */
export class Workspace {
  readonly #folder: string;

  /** `folder` is absolute; it may itself be a symbolic link. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Where the folder really is. */
  async root(): Promise<string> {
    return realpath(this.#folder);
  }

  /**
   * Finds `path`, absolute or relative to the workspace; it need not exist.
   * @throws ToolFailure when it leads outside, or through a symbolic link to nothing.
   */
  async locate(path: string): Promise<Located> {
    if (path.includes("\0")) throw new ToolFailure("A path cannot contain a NUL character. Give the path without it.");
    const root = await this.root();
    const absolute = await this.#resolveLinks(resolve(this.#folder, path), path);
    const fromRoot = relative(root, absolute);
    if (fromRoot === ".." || fromRoot.startsWith(`..${sep}`) || isAbsolute(fromRoot)) {
      throw new ToolFailure(
        `"${path}" leads outside the workspace, which is ${root}. Only files inside it can be used; give a path relative to it.`,
      );
    }
    return { absolute, relative: fromRoot === "" ? "." : fromRoot.split(sep).join("/") };
  }

  /**
   * Opens a regular file for reading. The caller closes the handle.
   * @throws ToolFailure when it is no regular file, or was swapped while it was being opened.
   */
  async openFile(file: Located): Promise<OpenFile> {
    // Without O_NONBLOCK opening a named pipe waits for a writer, perhaps for ever.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const handle = await open(file.absolute, flags);
    try {
      const stats = await handle.stat({ bigint: true });
      if (stats.isDirectory()) throw new ToolFailure(`"${file.relative}" is a folder. Use glob to list what is in it.`);
      if (!stats.isFile()) throw new ToolFailure(`"${file.relative}" is a device, pipe or socket, not a file.`);
      await this.confirm(file);
      const now = await lstat(file.absolute, { bigint: true });
      if (now.ino !== stats.ino || now.dev !== stats.dev) throw swapped(file);
      return { handle, stats };
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** @throws ToolFailure when a part of the path has become a symbolic link since it was located. */
  async confirm(place: Located): Promise<void> {
    if ((await realpath(place.absolute)) !== place.absolute) throw swapped(place);
  }

  // What does not exist yet has no links; its deepest existing parent decides where it is.
  async #resolveLinks(path: string, asked: string): Promise<string> {
    try {
      return await realpath(path);
    } catch (error) {
      if (systemCode(error) !== "ENOENT" || dirname(path) === path) throw error;
    }
    if (await exists(path)) {
      throw new ToolFailure(
        `"${asked}" goes through a symbolic link to something that does not exist. Use another path.`,
      );
    }
    return join(await this.#resolveLinks(dirname(path), asked), basename(path));
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}

function swapped(place: Located): ToolFailure {
  return new ToolFailure(`"${place.relative}" was replaced while it was being used. Look at it again before going on.`);
}
