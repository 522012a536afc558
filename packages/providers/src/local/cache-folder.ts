/**
 * Owns where on this machine the engine and the weights are kept. Only names places; creates and reads nothing.
 */
import { homedir } from "node:os";
import { join } from "node:path";
import { ENGINE, WEIGHTS } from "./model-pins.ts";

/** Variables of the environment, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Absolute paths. Each appears whole or not at all: they are filled elsewhere and renamed into place. */
export interface CachePlaces {
  readonly directory: string;
  /** Holds `node_modules` with the engine. */
  readonly engine: string;
  /** Holds the models' files. */
  readonly models: string;
  /** The default model's file. */
  readonly weights: string;
}

/**
 * The cache folder: `AMPLIFIER_CACHE`, else `amplifier-ts` in the platform's folder for caches (`XDG_CACHE_HOME` or
 * `~/.cache`, `~/Library/Caches`, `%LOCALAPPDATA%`).
 */
export function cacheFolder(environment: Environment, platform: NodeJS.Platform = process.platform): string {
  const own = environment["AMPLIFIER_CACHE"]?.trim();
  if (own) return own;
  const home = homedir();
  if (platform === "darwin") return join(home, "Library", "Caches", "amplifier-ts");
  if (platform === "win32") {
    return join(environment["LOCALAPPDATA"]?.trim() || join(home, "AppData", "Local"), "amplifier-ts", "cache");
  }
  return join(environment["XDG_CACHE_HOME"]?.trim() || join(home, ".cache"), "amplifier-ts");
}

/** Where in the cache folder each thing is. The version is part of the name, so that an upgrade installs anew. */
export function cachePlaces(environment: Environment): CachePlaces {
  const directory = cacheFolder(environment);
  const models = join(directory, "models");
  return {
    directory,
    engine: join(directory, "engine", `${ENGINE.package}-${ENGINE.version}-${process.platform}-${process.arch}`),
    models,
    weights: join(models, WEIGHTS.file),
  };
}
