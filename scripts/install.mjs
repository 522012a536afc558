/**
 * Makes sure that the dependencies of package-lock.json are what lies in node_modules.
 * npm records what it installed in node_modules/.package-lock.json, as its last step; comparing the two files sees
 * an install that was broken off, and one that somebody did by hand. A lock file that was installed as a whole from
 * here is trusted by its hash: an entry that npm chose to skip must not mean a new install at every start.
 */
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fail, say } from "./fail.mjs";
import { root } from "./paths.mjs";
import { runLogged } from "./run-logged.mjs";

const stampFile = join(root, "node_modules", ".installed-lock");

/** True when node_modules holds every package of package-lock.json in its locked version. */
export function isInstalled() {
  if (readOrEmpty(stampFile) === lockHash()) return true;
  const wanted = readPackages("package-lock.json");
  const found = readPackages("node_modules/.package-lock.json");
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "") return true;
    const installed = found[path];
    // npm leaves out what is made for another platform.
    if (!installed) return Boolean(entry.optional || entry.os || entry.cpu || entry.libc);
    return installed.version === entry.version && installed.link === entry.link;
  });
}

/** Installs exactly what package-lock.json says; ends the process with one line when that fails. */
export async function install() {
  say("Installing the dependencies (needed once; about a minute) ...");
  const [command, options] = npmCommand();
  // The tools that build are dev dependencies: NODE_ENV=production must not leave them out.
  const { code, output, logFile } = await runLogged(
    "install",
    [...command, "ci", "--loglevel=error", "--include=dev", "--no-audit", "--no-fund"],
    options,
  );
  if (code === 0) {
    writeFileSync(stampFile, lockHash());
    return;
  }
  const remedy = output.includes("code EUSAGE") ? "Run: npm install" : "Check the network and start again";
  fail(`Installing the dependencies failed (${reason(output, code)}). ${remedy}; full log: ${logFile}`);
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(join(root, file), "utf8")).packages ?? {};
  } catch (error) {
    if (error.code === "ENOENT" && file !== "package-lock.json") return {};
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

function reason(output, code) {
  if (code === 127) return "npm was not found";
  const line = output.split("\n").find((text) => /^npm (error|ERR!) (?!code\b)/.test(text));
  const errorCode = /^npm (?:error|ERR!) code (\S+)/m.exec(output)?.[1];
  const text = line?.replace(/^npm (error|ERR!) /, "").trim();
  return [errorCode, text?.slice(0, 120)].filter(Boolean).join(": ") || `npm ended with code ${code}`;
}
