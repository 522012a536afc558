/**
 * Owns getting the local model ready before a turn begins, for whoever shows progress: asks what is there, installs what is
 * not, loads it.
 */
import { ABORTED, untilAborted } from "amplifier-core";
import type { Environment } from "./cache-folder.ts";
import { holdModel, type HeldModel } from "./hold-model.ts";
import {
  installedParts,
  installLocalModel,
  type LocalModelPart,
  type LocalModelStatus,
} from "./install-local-model.ts";
import { resolveLocalConfig, type LocalConfig, type LocalSettings } from "./local-config.ts";

/** What `prepareLocalModel` is told. */
export interface PrepareOptions {
  readonly signal: AbortSignal;
  readonly onStatus?: (status: LocalModelStatus) => void;
  /** The provider's config, so that the same model is loaded. */
  readonly config?: LocalConfig;
  readonly env?: Environment;
}

/** Whether engine and weights are in the cache folder. Two stats; loads nothing. */
export function localModelState(
  options: Pick<PrepareOptions, "config" | "env"> = {},
): Readonly<Record<LocalModelPart, boolean>> {
  return installedParts(resolveLocalConfig(options.config ?? {}, options.env ?? process.env));
}

/**
 * Installs what is missing and loads the model, so that a provider of the same config answers at once. The model stays in
 * memory until the result's `release`; it does not keep the process alive. An abort rejects with the signal's reason.
 * @throws AmplifierError `engine_failed`, `download_failed`, `checksum_mismatch`
 */
export function prepareLocalModel(options: PrepareOptions): Promise<HeldModel> {
  const { config = {}, env = process.env, onStatus = () => undefined, signal } = options;
  return readyModel(resolveLocalConfig(config, env), { env, onStatus, signal });
}

/** `prepareLocalModel` for settings that are resolved already. */
export async function readyModel(
  settings: LocalSettings,
  options: Required<Omit<PrepareOptions, "config">>,
): Promise<HeldModel> {
  const { signal, onStatus } = options;
  signal.throwIfAborted();
  const file = await installLocalModel(settings, options);
  onStatus({ kind: "loading", name: settings.displayName });
  const loading = holdModel({
    engine: settings.places.engine,
    file,
    threads: settings.threads,
    contextSize: settings.contextSize,
    contextFixed: settings.contextFixed,
  });
  const held = await untilAborted(loading, signal);
  if (held === ABORTED) {
    // Loading cannot be stopped: what it brings is given back when it is there.
    void loading.then((late) => late.release()).catch(() => undefined);
    throw signal.reason;
  }
  onStatus({ kind: "ready", name: settings.displayName });
  return held;
}
