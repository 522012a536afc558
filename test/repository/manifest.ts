/**
 * Reads the package.json files. Only the fields that the rules look at are typed.
 */
import { packageFolders, read } from "./paths.ts";

/** What the rules read of a package.json. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The manifest of one package, by its folder under `packages/`. */
export function manifestOf(folder: string): Manifest {
  return JSON.parse(read(`packages/${folder}/package.json`)) as Manifest;
}

/** Folder -> manifest, of every package. */
export function manifests(): Map<string, Manifest> {
  return new Map(packageFolders().map((folder) => [folder, manifestOf(folder)]));
}
