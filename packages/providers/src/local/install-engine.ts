/**
 * Owns bringing the inference engine into the cache folder: npm installs it and the one package of binaries for this
 * platform, beside the final place, which it gets by a rename. Install scripts never run and optional packages stay away:
 * they would add 650 MB for GPUs, and without them the script would compile for minutes.
 */
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isAmplifierError } from "amplifier-core";
import type { Environment } from "./cache-folder.ts";
import { engineFailed, reasonOf, type InstallOptions } from "./install-step.ts";
import { binariesPackage, ENGINE } from "./model-pins.ts";
import { runCommand, tellingLine, type Command } from "./run-command.ts";
import { discardPlace, settlePlace, temporaryPlace } from "./temporary-place.ts";
import { watchSize } from "./watch-size.ts";

const FLAGS = [
  "--ignore-scripts",
  "--omit=optional",
  "--omit=dev",
  "--no-audit",
  "--no-fund",
  "--no-package-lock",
  "--save-exact",
  "--loglevel=error",
  // Versions are pinned: what npm has cached need not be asked about again, which offline takes it minutes.
  "--prefer-offline",
  // It would retry each of a hundred packages: no network has to be found out in seconds, and the next run goes on from
  // what is cached.
  "--fetch-retries=0",
];

/**
 * Installs the engine into the folder `target`. Any number of processes may do so at once.
 * @throws AmplifierError `engine_failed` when there are no binaries for this platform, no npm, no network or no room.
 */
export async function installEngine(
  target: string,
  options: InstallOptions & { readonly npm?: Command; readonly platform?: string },
): Promise<void> {
  const platform = options.platform ?? `${process.platform}-${process.arch}`;
  const binaries = binariesPackage(platform);
  if (binaries === null) throw engineFailed("install", `there are no binaries of ${ENGINE.package} for ${platform}`);
  try {
    await installInto(target, binaries, options);
  } catch (error) {
    if (options.signal.aborted || isAmplifierError(error)) throw error;
    throw engineFailed("install", reasonOf(error), error);
  }
}

async function installInto(
  target: string,
  binaries: string,
  options: InstallOptions & { readonly npm?: Command },
): Promise<void> {
  const place = await temporaryPlace(target);
  try {
    await mkdir(place);
    // Its own package.json, or npm would install into the next one above it.
    await writeFile(join(place, "package.json"), '{ "private": true }\n');
    await watchSize(place, runNpm(place, binaries, options), options.onProgress);
    await settlePlace(place, target);
  } catch (error) {
    await discardPlace(place);
    throw error;
  }
}

async function runNpm(
  place: string,
  binaries: string,
  options: InstallOptions & { readonly npm?: Command },
): Promise<void> {
  const [program, ...args] = options.npm ?? findNpm(options.env);
  const packages = [`${ENGINE.package}@${ENGINE.version}`, `${binaries}@${ENGINE.version}`];
  const command: Command = [program, ...args, "install", "--prefix", place, ...FLAGS, ...packages];
  const end = await runCommand(command, { cwd: place, env: withoutWorkspace(options.env), signal: options.signal });
  if (end.status === "missing") throw engineFailed("install", "npm was not found");
  if (end.status === "failed") throw engineFailed("install", `npm: ${tellingLine(end.said)}`);
}

/** npm as a script for this very Node, which needs no shell on Windows; else whatever `npm` is on the path. */
function findNpm(env: Environment): Command {
  const home = dirname(process.execPath);
  const running = env["npm_execpath"];
  const scripts = [
    ...(running?.endsWith("npm-cli.js") === true ? [running] : []),
    join(home, "node_modules", "npm", "bin", "npm-cli.js"),
    join(home, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
  ];
  const script = scripts.find((path) => existsSync(path));
  return script === undefined ? ["npm"] : [process.execPath, script];
}

/** Inside `npm start` the environment says which workspace npm is at work in: this install has nothing to do with it. */
function withoutWorkspace(env: Environment): Environment {
  const foreign =
    /^npm_(config_(workspaces?|include_workspace_root|local_prefix|prefix|global|location)$|package_|lifecycle_)/i;
  return Object.fromEntries(Object.entries(env).filter(([name]) => !foreign.test(name)));
}
