/**
 * Builds all packages with `tsc -b`, and knows without starting the compiler when there is nothing to build.
 * The stamp is a hash over path, size and time of every file that goes into a build; it is taken before the
 * compiler runs, so that an edit during the build is seen by the next start. Run as a script it always builds.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fail, say } from "./fail.mjs";
import { forgetInstall } from "./install.mjs";
import { cacheFolder, root } from "./paths.mjs";
import { runLogged } from "./run-logged.mjs";

const stampFile = join(cacheFolder, "build.stamp");
const packagesFolder = join(root, "packages");

/** True when no source changed since the last build that succeeded, and each still has its output. */
export function isBuilt() {
  const packages = packageFolders();
  if (!packages.every(hasWholeOutput)) return false;
  return existsSync(stampFile) && readFileSync(stampFile, "utf8") === sourceStamp(packages);
}

/** Builds what changed; ends the process with one line, the first error, when the build fails. */
export async function build() {
  const packages = packageFolders();
  const stamp = sourceStamp(packages);
  for (const folder of packages) {
    removeOrphans(folder);
    // The compiler believes its own record of what it wrote, and would not write a lost file again.
    if (!hasWholeOutput(folder)) rmSync(join(folder, "dist"), { recursive: true, force: true });
  }
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  const result = await runLogged("build", [process.execPath, compiler, "-b", "--pretty", "false"]);
  if (result.code !== 0) failBuild(result);
  mkdirSync(cacheFolder, { recursive: true });
  writeFileSync(stampFile, stamp);
}

function failBuild({ code, output, logFile }) {
  rmSync(stampFile, { force: true });
  const lines = output.split("\n");
  const errors = lines.filter((line) => line.includes("error TS"));
  if (errors.length > 0) {
    fail(
      `The build failed: ${errors[0]} (${errors.length} errors in all). Fix it and start again; full log: ${logFile}`,
    );
  }
  // A compiler that names no error did not run: what is installed is not whole.
  forgetInstall();
  const reason = lines.find((line) => /^\w*Error\b/.test(line)) ?? `it ended with code ${code}`;
  fail(`The compiler did not run (${reason}). Start again to install it anew; full log: ${logFile}`);
}

function hasWholeOutput(folder) {
  return filesUnder(join(folder, "src"))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => join(folder, "dist", `${file.slice(join(folder, "src").length, -".ts".length)}.js`))
    .every((file) => statSync(file, { throwIfNoEntry: false })?.size > 0);
}

function packageFolders() {
  return readdirSync(packagesFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(packagesFolder, entry.name));
}

function sourceStamp(packages) {
  const hash = createHash("sha256");
  for (const name of ["package-lock.json", "tsconfig.base.json", "tsconfig.json"]) addFile(hash, join(root, name));
  for (const folder of packages) {
    for (const name of readdirSync(folder)) {
      if (name === "package.json" || /^tsconfig.*\.json$/.test(name)) addFile(hash, join(folder, name));
    }
    for (const file of filesUnder(join(folder, "src"))) addFile(hash, file);
  }
  return hash.digest("hex");
}

function addFile(hash, file) {
  const { size, mtimeMs } = statSync(file);
  hash.update(`${file}\0${size}\0${mtimeMs}\n`);
}

function filesUnder(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(path) : [path];
  });
}

/** The compiler never deletes: output whose source was renamed or removed would stay importable, and be published. */
function removeOrphans(folder) {
  const dist = join(folder, "dist");
  for (const file of filesUnder(dist)) {
    const output = /^(.*?)(\.d\.ts|\.js)(\.map)?$/.exec(file.slice(dist.length));
    if (output && !existsSync(join(folder, "src", `${output[1]}.ts`))) rmSync(file, { force: true });
  }
}

if (process.argv[1] === join(root, "scripts", "build.mjs")) {
  await build();
  say("Built.");
}
