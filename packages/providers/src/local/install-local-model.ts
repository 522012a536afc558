/**
 * Owns what has to be there before the model can be loaded: says what is missing, how large it is and where it goes, then
 * installs it. Nothing is said or done when all is there.
 */
import { existsSync, statSync } from "node:fs";
import type { Environment } from "./cache-folder.ts";
import { fetchWeights } from "./fetch-weights.ts";
import { installEngine } from "./install-engine.ts";
import type { LocalSettings } from "./local-config.ts";
import { ENGINE, WEIGHTS } from "./model-pins.ts";

/** The two things the local model is made of. */
export type LocalModelPart = "engine" | "weights";

/**
 * What happens before the model can answer, as plain objects. Order: `announce` for each part that is missing; for each
 * of these `progress` (any number) and `installed`; then `loading` and `ready`. Bytes are estimates for the engine.
 */
export type LocalModelStatus =
  | {
      readonly kind: "announce";
      readonly what: LocalModelPart;
      /** For people: what it is, with its version or licence. */
      readonly name: string;
      readonly bytes: number;
      /** The cache folder. */
      readonly directory: string;
    }
  | { readonly kind: "progress"; readonly what: LocalModelPart; readonly received: number; readonly total: number }
  | { readonly kind: "installed"; readonly what: LocalModelPart }
  | { readonly kind: "loading"; readonly name: string }
  | { readonly kind: "ready"; readonly name: string };

/** Told while the model is installed and loaded. */
export interface InstallLocalModelOptions {
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly onStatus: (status: LocalModelStatus) => void;
}

const PARTS = {
  engine: { name: `${ENGINE.package} ${ENGINE.version}`, bytes: ENGINE.bytes },
  weights: { name: `${WEIGHTS.displayName} (Apache-2.0)`, bytes: WEIGHTS.bytes },
} as const;

/** Which parts are there, as a stat of each says. A file the user named counts as weights. */
export function installedParts(settings: LocalSettings): Readonly<Record<LocalModelPart, boolean>> {
  const { places, ownFile } = settings;
  return {
    engine: existsSync(places.engine),
    weights:
      ownFile === null
        ? statSync(places.weights, { throwIfNoEntry: false })?.size === WEIGHTS.bytes
        : existsSync(ownFile),
  };
}

/**
 * Installs what is missing. Any number of processes may do so at once; an abort leaves nothing half-used.
 * @throws AmplifierError `engine_failed`, `download_failed`, `checksum_mismatch`
 */
export async function installLocalModel(settings: LocalSettings, options: InstallLocalModelOptions): Promise<void> {
  const { env, signal, onStatus } = options;
  const there = installedParts(settings);
  const missing = (["engine", "weights"] as const).filter(
    (part) => !there[part] && !(part === "weights" && settings.ownFile),
  );
  for (const what of missing) {
    onStatus({ kind: "announce", what, ...PARTS[what], directory: settings.places.directory });
  }
  for (const what of missing) {
    const total = PARTS[what].bytes;
    // The measured folder may for a moment hold more than the result.
    const onProgress = (received: number): void =>
      onStatus({ kind: "progress", what, received: Math.min(received, total), total });
    if (what === "engine") await installEngine(settings.places.engine, { env, signal, onProgress });
    else await fetchWeights(settings.places.weights, { env, signal, onProgress, source: settings.source });
    onStatus({ kind: "installed", what });
  }
}
