/**
 * Owns what has to be there before the model can be loaded: says what is missing, how large it is and where it goes, then
 * installs it. Nothing is said or done when all is there.
 */
import { existsSync, statSync } from "node:fs";
import type { Environment } from "./cache-folder.ts";
import { installEngine } from "./install-engine.ts";
import type { LocalSettings } from "./local-config.ts";
import { locateModel, type OnBytes } from "./locate-model.ts";
import { ENGINE, WEIGHTS } from "./model-pins.ts";
import { findBySource } from "./model-record.ts";

/** The two things the local model is made of. */
export type LocalModelPart = "engine" | "weights";

/**
 * What happens before the model can answer, as plain objects. Order: `announce` for each part that is missing; for each
 * of these `progress` (any number) and `installed`; then `loading` and `ready`. Bytes are estimates for the engine, and
 * null where the server does not say.
 */
export type LocalModelStatus =
  | {
      readonly kind: "announce";
      readonly what: LocalModelPart;
      /** For people: what it is, with its version or licence. */
      readonly name: string;
      readonly bytes: number | null;
      /** The cache folder. */
      readonly directory: string;
    }
  | {
      readonly kind: "progress";
      readonly what: LocalModelPart;
      readonly received: number;
      readonly total: number | null;
    }
  | { readonly kind: "installed"; readonly what: LocalModelPart }
  | { readonly kind: "loading"; readonly name: string }
  | { readonly kind: "ready"; readonly name: string };

/** Told while the model is installed and loaded. */
export interface InstallLocalModelOptions {
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly onStatus: (status: LocalModelStatus) => void;
}

/** Something that is missing, and how it is had. */
interface Part {
  readonly what: LocalModelPart;
  readonly name: string;
  readonly bytes: number | null;
  readonly fetch: (onBytes: OnBytes) => Promise<void>;
}

/** Which parts are there, as a stat of each says; whether they are right is seen when they are used. */
export function installedParts({ places, reference }: LocalSettings): Readonly<Record<LocalModelPart, boolean>> {
  const weights = (): boolean => {
    switch (reference.kind) {
      case "default":
        return statSync(places.weights, { throwIfNoEntry: false })?.size === WEIGHTS.bytes;
      case "file":
      case "named":
        return existsSync(reference.path);
      case "url":
      case "hub":
        return findBySource(places.models, reference.source) !== null;
    }
  };
  return { engine: existsSync(places.engine), weights: weights() };
}

/**
 * Installs what is missing; resolves with the path of the model's file. Any number of processes may do so at once; an
 * abort leaves nothing half-used.
 * @throws AmplifierError `engine_failed`, `download_failed`, `checksum_mismatch`
 */
export async function installLocalModel(settings: LocalSettings, options: InstallLocalModelOptions): Promise<string> {
  const { file, missing } = await locateModel(settings.reference, { ...settings, ...options });
  const parts: readonly Part[] = [
    ...(existsSync(settings.places.engine) ? [] : [enginePart(settings, options)]),
    ...(missing === null ? [] : [{ what: "weights" as const, ...missing }]),
  ];
  await installParts(parts, { directory: settings.places.directory, onStatus: options.onStatus });
  return file;
}

/** Fetches the model's file alone, without the engine; resolves with its path. */
export async function pullModel(settings: LocalSettings, options: InstallLocalModelOptions): Promise<string> {
  const { file, missing } = await locateModel(settings.reference, { ...settings, ...options });
  const parts = missing === null ? [] : [{ what: "weights" as const, ...missing }];
  await installParts(parts, { directory: settings.places.directory, onStatus: options.onStatus });
  return file;
}

function enginePart({ places }: LocalSettings, { env, signal }: InstallLocalModelOptions): Part {
  const { bytes } = ENGINE;
  return {
    what: "engine",
    name: `${ENGINE.package} ${ENGINE.version}`,
    bytes,
    fetch: (onBytes) =>
      installEngine(places.engine, { env, signal, onProgress: (received) => onBytes(received, bytes) }),
  };
}

async function installParts(
  parts: readonly Part[],
  { directory, onStatus }: { readonly directory: string; readonly onStatus: (status: LocalModelStatus) => void },
): Promise<void> {
  for (const { what, name, bytes } of parts) onStatus({ kind: "announce", what, name, bytes, directory });
  for (const { what, fetch } of parts) {
    await fetch((received, total) => {
      // The measured folder may for a moment hold more than the result.
      onStatus({ kind: "progress", what, received: total === null ? received : Math.min(received, total), total });
    });
    onStatus({ kind: "installed", what });
  }
}
