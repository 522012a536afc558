/**
 * One installer and builder at a time, over all processes that were started in this folder.
 * The lock is a file that holds the process ids of its owner and of the child that works for it; it appears with its
 * content or not at all (a hard link), so nobody reads it half written. It is taken over when both have ended: a child
 * whose owner was killed still writes to the folder.
 */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { say } from "./fail.mjs";
import { cacheFolder } from "./paths.mjs";

const lockFile = join(cacheFolder, "ready.lock");
const mine = `${lockFile}.${process.pid}`;
const pollMs = 100;
/** Process ids are reused: a lock this old belongs to nobody, whoever has its ids now. */
const oldestMs = 15 * 60_000;
let held = false;

/** Runs `work` while this process holds the lock; waits for whoever holds it now. */
export async function withLock(work) {
  mkdirSync(cacheFolder, { recursive: true });
  let told = false;
  while (!take()) {
    const others = ownersOf(lockFile).filter(isRunning);
    if (others.length > 0 && !told) {
      told = true;
      say(`Another start is installing or building here (process ${others.join(" and ")}); waiting for it.`);
    }
    await sleep(pollMs);
  }
  held = true;
  process.once("exit", release);
  try {
    return await work();
  } finally {
    process.off("exit", release);
    release();
  }
}

/** Adds the child that now works under the lock to it; does nothing when this process holds no lock. */
export function noteWorker(pid) {
  if (!held || pid === undefined) return;
  writeFileSync(mine, `${process.pid} ${pid}`);
  renameSync(mine, lockFile);
}

function take() {
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
  held = false;
  if (ownersOf(lockFile)[0] === process.pid) rmSync(lockFile, { force: true });
}

/** Moves the lock aside before it is judged a second time: two waiters must not remove each other's fresh lock. */
function removeIfDead() {
  if (!isDead(lockFile)) return;
  const aside = `${mine}.dead`;
  try {
    renameSync(lockFile, aside);
    if (!isDead(aside)) linkSync(aside, lockFile);
  } catch {
    // Somebody else was faster; the next round sees what they left.
  }
  rmSync(aside, { force: true });
}

function isDead(file) {
  const age = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  return age > oldestMs || !ownersOf(file).some(isRunning);
}

function ownersOf(file) {
  try {
    return readFileSync(file, "utf8").split(" ").map(Number).filter(Boolean);
  } catch {
    return [];
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    // EPERM: it runs, under another user.
    return error.code === "EPERM";
  }
}

/** In a container whose first process reaps nobody, an orphan that ended keeps its id for good. */
function isZombie(pid) {
  try {
    return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
