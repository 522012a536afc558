/**
 * One installer and builder at a time, over all processes that were started in this folder.
 * The lock is a file that holds its owner's process id; it appears with its content or not at all (a hard link),
 * so nobody reads it half written. The lock of a process that died is taken over.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { say } from "./fail.mjs";
import { cacheFolder } from "./paths.mjs";

const lockFile = join(cacheFolder, "ready.lock");
const pollMs = 100;
/** Process ids are reused: a lock this old belongs to nobody, whoever has its id now. */
const oldestMs = 15 * 60_000;

/** Runs `work` while this process holds the lock; waits for whoever holds it now. */
export async function withLock(work) {
  mkdirSync(cacheFolder, { recursive: true });
  for (let told = false; !take(); told = true) {
    if (!told) say("Another start is installing or building here; waiting for it.");
    await sleep(pollMs);
  }
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.off("exit", release);
    release();
  }
}

function take() {
  const mine = `${lockFile}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    linkSync(mine, lockFile);
    return true;
  } catch (error) {
    // A file system without hard links has no lock to offer; working without one beats not working.
    if (error.code !== "EEXIST") return true;
    removeIfDead();
    return false;
  } finally {
    rmSync(mine, { force: true });
  }
}

function release() {
  rmSync(lockFile, { force: true });
}

/** Moves the lock aside before it is judged a second time: two waiters must not remove each other's fresh lock. */
function removeIfDead() {
  if (!isDead(lockFile)) return;
  const aside = `${lockFile}.${process.pid}.dead`;
  try {
    renameSync(lockFile, aside);
    if (!isDead(aside)) linkSync(aside, lockFile);
  } catch {
    // Somebody else was faster; the next round sees what they left.
  }
  rmSync(aside, { force: true });
}

function isDead(file) {
  try {
    if (Date.now() - statSync(file).mtimeMs > oldestMs) return true;
    process.kill(Number(readFileSync(file, "utf8")), 0);
    return false;
  } catch (error) {
    // EPERM: it runs, under another user.
    return error.code === "ESRCH";
  }
}
