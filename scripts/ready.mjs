/**
 * Brings the repository into a state in which its programs run: dependencies installed, packages built.
 * Two checks by file metadata decide; when nothing is to be done nothing is started, written or locked.
 */
import { fail, say } from "./fail.mjs";
import { build, isBuilt } from "./build.mjs";
import { install, isInstalled } from "./install.mjs";
import { withLock } from "./lock.mjs";

const oldestNode = [20, 20];

/** Resolves when everything is installed and built; otherwise ends the process with one line on stderr. */
export async function makeReady() {
  checkNode();
  if (isInstalled() && isBuilt()) return;
  try {
    await withLock(installAndBuild);
  } catch (error) {
    // A full or read-only disk, mostly: its message names the file.
    fail(`Preparing the first start failed (${error.message}). Make this folder writable and start again.`);
  }
}

async function installAndBuild() {
  // Asked again: whoever held the lock before may have done the work.
  if (!isInstalled()) await install();
  if (isBuilt()) return;
  say("Building ...");
  await build();
}

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return;
  fail(
    `This needs Node ${oldestNode.join(".")} or newer, and runs on ${process.versions.node}. Install a newer Node and start again.`,
  );
}
