/**
 * Makes sure that the dependencies of package-lock.json are what lies in node_modules.
 * Two records say so: ours, the hash of the lock file that was installed as a whole from here (an entry that npm chose
 * to skip must not mean a new install at every start), and npm's, for an install by hand. Neither is believed
 * without a look at the folders; both are gone while an install runs, and after one that failed.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fail, say } from "./fail.mjs";
import { root } from "./paths.mjs";
import { runLogged } from "./run-logged.mjs";

const modulesFolder = join(root, "node_modules");
const stampFile = join(modulesFolder, ".installed-lock");
const npmRecord = join(modulesFolder, ".package-lock.json");
/** What npm says when it meets files that it did not expect, or that went away under its hands. */
const leftoverCodes = /^E(NOTEMPTY|EXIST|BUSY|NOENT|NOTDIR|ISDIR|PERM)$/;
const folderCodes = /^E(ACCES|PERM|ROFS|NOSPC|DQUOT|BUSY)$/;
const networkCodes =
  /^(E(NOTFOUND|AI_AGAIN|CONN\w+|TIMEDOUT|HOSTUNREACH|NETUNREACH|NOTCACHED|PROTO|PIPE|[1-5]\d\d)|ERR_SOCKET\w*|ERR_SSL\w*|FETCH_ERROR|\w*CERT\w*|UNABLE_TO_\w+)$/;

/** True when node_modules holds every package of package-lock.json in its locked version. */
export function isInstalled() {
  const found = readPackages("node_modules/.package-lock.json");
  const paths = Object.keys(found);
  if (paths.length === 0 || !paths.every((path) => existsSync(join(root, path, "package.json")))) return false;
  if (readOrEmpty(stampFile) === lockHash()) return true;
  const wanted = readPackages("package-lock.json");
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "") return true;
    const installed = found[path];
    // npm leaves out what is made for another platform.
    if (!installed) return Boolean(entry.optional || entry.os || entry.cpu || entry.libc);
    return installed.version === entry.version && installed.link === entry.link;
  });
}

/** Forgets that anything is installed: the next start installs again. */
export function forgetInstall() {
  for (const record of [stampFile, npmRecord]) rmSync(record, { force: true });
}

/** Installs exactly what package-lock.json says; ends the process with one line when that fails. */
export async function install() {
  say("Installing the dependencies (needed once; about a minute) ...");
  let result = await runInstaller();
  if (leftoverCodes.test(errorCodeOf(result.output))) {
    say("Something was left in node_modules; emptying it and installing once more ...");
    emptyModules();
    result = await runInstaller();
  }
  const { code, output, logFile } = result;
  if (code === 0) return writeFileSync(stampFile, lockHash());
  return fail(
    `Installing the dependencies failed (${reason(output, code)}). ${remedy(output, code)}; full log: ${logFile}`,
  );
}

async function runInstaller() {
  forgetInstall();
  const [command, options] = npmCommand();
  // The tools that build are dev dependencies: NODE_ENV=production must not leave them out.
  const args = ["ci", "--loglevel=error", "--include=dev", "--no-audit", "--no-fund"];
  const result = await runLogged("install", [...command, ...args], options);
  if (result.code !== 0) forgetInstall();
  return result;
}

/** The content only: the folder itself may be a mount. */
function emptyModules() {
  if (!existsSync(modulesFolder)) return;
  for (const name of readdirSync(modulesFolder)) {
    rmSync(join(modulesFolder, name), { recursive: true, force: true, maxRetries: 5 });
  }
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), "utf8")).packages ?? {};
  } catch (error) {
    if (file !== "package-lock.json") return {};
    return fail(`Cannot read ${file} (${error.message}). Restore it with: git checkout package-lock.json`);
  }
}

function lockHash() {
  return createHash("sha256")
    .update(readOrEmpty(join(root, "package-lock.json")))
    .digest("hex");
}

function readOrEmpty(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** The npm that runs this script, else the one on the PATH; Windows starts npm.cmd through a shell only. */
function npmCommand() {
  const running = process.env.npm_execpath;
  if (running && basename(running).startsWith("npm-cli")) return [[process.execPath, running], {}];
  return process.platform === "win32" ? [["npm.cmd"], { shell: true }] : [["npm"], {}];
}

function errorCodeOf(output) {
  return /^npm (?:error|ERR!) code (\S+)/m.exec(output)?.[1] ?? "";
}

function reason(output, code) {
  if (code === 127) return "npm was not found";
  const line = output.split("\n").find((text) => /^npm (error|ERR!) (?!code\b)/.test(text));
  const text = line?.replace(/^npm (error|ERR!) /, "").trim();
  return [errorCodeOf(output), text?.slice(0, 120)].filter(Boolean).join(": ") || `npm ended with code ${code}`;
}

function remedy(output, code) {
  const errorCode = errorCodeOf(output);
  if (code === 127) return "Install npm and start again";
  if (errorCode === "EUSAGE") return "Run: npm install";
  if (networkCodes.test(errorCode)) return "Check the network and start again";
  if (folderCodes.test(errorCode)) return "Make this folder writable, with space on its disk, and start again";
  return "Start again";
}
