/**
 * Owns that one process at a time works on a file: a lock beside it with the owner's host and process id, kept fresh while
 * the owner works. A dead owner's lock is taken over at once where that can be seen, else when it has not been kept fresh.
 * Waiters poll; the lock is advice, so what is written under it must still appear whole or not at all.
 */
import { randomBytes } from "node:crypto";
import { mkdir, open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const POLL_MS = 200;
const REFRESH_MS = 5_000;
/** An owner on another host, or one whose process id somebody else has now, is known by this silence. */
const STALE_MS = 60_000;

/** Where the lock is and who waits. */
export interface LockOptions {
  readonly signal: AbortSignal;
  /** Called while another process works, at each look. */
  readonly onWaiting?: () => void | Promise<void>;
}

/**
 * Runs `work` while this process owns `<file>.lock`, after whoever owned it before. The folder exists then.
 * An abort while waiting rejects with the signal's reason; else it settles as `work` does.
 */
export async function withLockFile<T>(file: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const lock = `${file}.lock`;
  await mkdir(dirname(file), { recursive: true });
  const own = `${hostname()} ${process.pid} ${randomBytes(4).toString("hex")}\n`;
  while (!(await created(lock, own))) {
    options.signal.throwIfAborted();
    if (await removedDead(lock)) continue;
    await options.onWaiting?.();
    await wait(POLL_MS, undefined, { signal: options.signal });
  }
  const refresh = setInterval(() => void utimes(lock, new Date(), new Date()).catch(() => undefined), REFRESH_MS);
  refresh.unref();
  try {
    return await work();
  } finally {
    clearInterval(refresh);
    // Somebody may have believed us dead.
    if ((await contentOf(lock)) === own) await rm(lock, { force: true });
  }
}

async function created(lock: string, content: string): Promise<boolean> {
  try {
    const handle = await open(lock, "wx");
    try {
      await handle.writeFile(content);
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    // On Windows a file that is being removed answers EPERM for a moment.
    const { code } = error as { code?: unknown };
    if (code === "EEXIST" || (code === "EPERM" && process.platform === "win32")) return false;
    throw error;
  }
}

/** Whether the lock was a dead owner's and is gone now. */
async function removedDead(lock: string): Promise<boolean> {
  const content = await contentOf(lock);
  if (content === null) return true;
  if (!(await isDead(lock, content))) return false;
  const aside = `${lock}-${randomBytes(4).toString("hex")}`;
  // A rename, and a second look: another waiter may have been quicker, and this then be its new lock.
  await rename(lock, aside).catch(() => undefined);
  const moved = await contentOf(aside);
  if (moved !== null && moved !== content) await created(lock, moved);
  await rm(aside, { force: true });
  return true;
}

async function isDead(lock: string, content: string): Promise<boolean> {
  const [host, pid] = content.trim().split(" ");
  if (host === hostname() && pid !== undefined && !isAlive(Number(pid))) return true;
  const found = await stat(lock).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs > STALE_MS;
}

async function contentOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") return null;
    throw error;
  }
}

/** Whether a process of this number runs on this machine, whoever owns it. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: unknown }).code === "EPERM";
  }
}
