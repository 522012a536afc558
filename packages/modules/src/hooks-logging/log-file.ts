/**
 * Owns one file that lines are appended to, in order. A line is on its way to the disk at once; those that come while a
 * write is running go together in the next. The first failure is told once and ends it: later lines go nowhere.
 * Invariant: nothing here throws at whoever writes.
 */
import { type FileHandle, mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";

/** A disk that falls so far behind is as good as broken. Characters. */
const MAX_WAITING = 8 * 1024 * 1024;

// What a session did is its owner's business.
const OWNER_ONLY = { folder: 0o700, file: 0o600 } as const;

/** A file of lines. Nothing is opened or made before the first line. */
export class LogFile {
  readonly path: string;
  readonly #onFailure: (error: Error) => void;
  #waiting: string[] = [];
  #waitingLength = 0;
  #writing: Promise<void> | undefined;
  #handle: FileHandle | undefined;
  #ended = false;

  /** `onFailure` is called at most once. */
  constructor(path: string, onFailure: (error: Error) => void) {
    this.path = path;
    this.#onFailure = onFailure;
  }

  /** Appends a line, which must not hold a line break. */
  write(line: string): void {
    if (this.#ended) return;
    this.#waiting.push(`${line}\n`);
    this.#waitingLength += line.length + 1;
    if (this.#waitingLength > MAX_WAITING) this.#fail(new Error("the disk is too slow"));
    else this.#writing ??= this.#writeAll();
  }

  /** Resolves when everything written so far has reached the file, or nothing more will. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  /** Flushes and closes the file. */
  async close(): Promise<void> {
    await this.flush();
    this.#ended = true;
    await this.#handle?.close().catch((error: unknown) => this.#fail(error));
    this.#handle = undefined;
  }

  async #writeAll(): Promise<void> {
    try {
      const handle = (this.#handle ??= await openForLines(this.path));
      while (this.#waiting.length > 0) {
        const lines = this.#waiting.join("");
        this.#waiting = [];
        this.#waitingLength = 0;
        await handle.appendFile(lines);
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#writing = undefined;
    }
  }

  #fail(error: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#waiting = [];
    this.#onFailure(error instanceof Error ? error : new Error(String(error)));
  }
}

async function openForLines(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true, mode: OWNER_ONLY.folder });
  const handle = await open(path, "a+", OWNER_ONLY.file);
  try {
    if (await endsInsideLine(handle)) await handle.appendFile("\n");
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

// A process that was killed may have left half a line; the next one must not become part of it.
async function endsInsideLine(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat();
  if (size === 0) return false;
  const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() !== "\n";
}
