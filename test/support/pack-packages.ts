/**
 * Packs folders as `npm publish` would: what is in the tarballs is what somebody who installs them gets.
 */
import { existsSync, mkdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { runNpm } from "./stranger-process.ts";

/** A packed package: its manifest, its tarball, and what npm checks the tarball with. */
export interface PackedPackage {
  readonly manifest: PackageManifest;
  readonly file: string;
  readonly integrity: string;
}

/** A package.json, as far as installing needs it. */
export interface PackageManifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

interface PackReport {
  readonly filename: string;
  readonly integrity: string;
}

/** Packs `folders` into `into`, in order. Nothing that a package wants to run while it is packed is run. */
export async function packPackages(folders: readonly string[], into: string): Promise<readonly PackedPackage[]> {
  mkdirSync(into, { recursive: true });
  const args = ["pack", ...folders, "--json", "--ignore-scripts", "--pack-destination", into];
  const reports = JSON.parse(await runNpm(args, { cwd: into })) as readonly PackReport[];
  return folders.map((folder, index) => {
    const report = reports[index];
    if (report === undefined) throw new Error(`npm packed ${reports.length} of ${folders.length} folders`);
    return { manifest: manifestIn(folder), file: join(into, report.filename), integrity: report.integrity };
  });
}

/** The folders and those of everything they depend on at run time, as installed here; each once. */
export function withDependencies(folders: readonly string[]): readonly string[] {
  const found = new Set<string>();
  const waiting = folders.map((folder) => realpathSync(folder));
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    if (found.has(folder)) continue;
    found.add(folder);
    for (const name of Object.keys(manifestIn(folder).dependencies ?? {})) waiting.push(installed(name, folder));
  }
  return [...found];
}

function manifestIn(folder: string): PackageManifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as PackageManifest;
}

function installed(name: string, from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(candidate)) return realpathSync(candidate);
    if (dirname(folder) === folder) throw new Error(`${from} depends on ${name}, which is not installed`);
  }
}
