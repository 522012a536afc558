/**
 * Builds all packages: their types with `tsc -b`, what is run with build-bundles.mjs; and knows without starting either
 * when there is nothing to build. The stamp holds a hash over path, size and time of every file that goes into a build,
 * and the files that came out of it; the hash is taken before the compiler runs, so that an edit during the build is
 * seen by the next start. Run as a script it always builds.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fail, say } from "./fail.mjs";
import { forgetInstall } from "./install.mjs";
import { cacheFolder, root } from "./paths.mjs";
import { runLogged } from "./run-logged.mjs";

const stampFile = join(cacheFolder, "build.stamp");
const packagesFolder = join(root, "packages");

/** True when no source changed since the last build that succeeded, and all that came out of it is there. */
export function isBuilt() {
  if (!existsSync(stampFile)) return false;
  const [stamp, ...outputs] = readFileSync(stampFile, "utf8").split("\n");
  return outputs.every((file) => isWhole(join(root, file))) && stamp === sourceStamp(packageFolders());
}

/** Builds what changed; ends the process with one line, the first error, when the build fails. */
export async function build() {
  const packages = packageFolders();
  const stamp = sourceStamp(packages);
  for (const folder of packages) {
    removeOrphans(folder);
    if (!hasAllTypes(folder)) forgetTypes(folder);
  }
  const compiler = join(root, "node_modules", "typescript", "bin", "tsc");
  await runStep("types", [compiler, "-b", "--pretty", "false"], /error TS/);
  await runStep("bundles", [join(root, "scripts", "build-bundles.mjs")], /^bundle error/);
  mkdirSync(cacheFolder, { recursive: true });
  writeFileSync(stampFile, [stamp, ...packages.flatMap(outputsOf)].join("\n"));
}

async function runStep(name, command, errorLine) {
  const { code, output, logFile } = await runLogged(`build-${name}`, [process.execPath, ...command]);
  if (code === 0) return;
  rmSync(stampFile, { force: true });
  const lines = output.split("\n");
  const errors = lines.filter((line) => errorLine.test(line));
  if (errors.length > 0) {
    fail(
      `The build failed: ${errors[0]} (${errors.length} errors in all). Fix it and start again; full log: ${logFile}`,
    );
  }
  // A tool that names no error did not run: what is installed is not whole.
  forgetInstall();
  const reason = lines.find((line) => /^\w*Error\b/.test(line)) ?? `it ended with code ${code}`;
  fail(`The build did not run (${reason}). Start again to install its tools anew; full log: ${logFile}`);
}

function hasAllTypes(folder) {
  return filesUnder(join(folder, "src"))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => join(folder, "dist", `${file.slice(join(folder, "src").length, -".ts".length)}.d.ts`))
    .every(isWhole);
}

/** The compiler believes its own record of what it wrote, and would not write a lost file again. */
function forgetTypes(folder) {
  for (const file of filesUnder(join(folder, "dist"))) {
    if (file.endsWith(".tsbuildinfo")) rmSync(file, { force: true });
  }
}

function outputsOf(folder) {
  return filesUnder(join(folder, "dist"))
    .filter((file) => /\.(js|d\.ts)$/.test(file))
    .map((file) => relative(root, file));
}

function isWhole(file) {
  return statSync(file, { throwIfNoEntry: false })?.size > 0;
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

/** The compiler never deletes: types whose source was renamed or removed would stay importable, and be published. */
function removeOrphans(folder) {
  const dist = join(folder, "dist");
  for (const file of filesUnder(dist)) {
    const output = /^(.*)\.d\.ts(\.map)?$/.exec(file.slice(dist.length));
    if (output && !existsSync(join(folder, "src", `${output[1]}.ts`))) rmSync(file, { force: true });
  }
}

if (process.argv[1] === join(root, "scripts", "build.mjs")) {
  await build();
  say("Built.");
}
