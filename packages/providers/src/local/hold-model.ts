/**
 * Owns which models this process has in memory: one per file and settings, shared by every session, freed when nobody
 * holds it any more.
 */
import { isAmplifierError } from "amplifier-core";
import { engineFailed, reasonOf } from "./install-step.ts";
import { LocalModel, type LocalModelOptions } from "./local-model.ts";

/** A loaded model, in memory until it is released. */
export interface HeldModel {
  readonly model: LocalModel;
  /** Idempotent. Resolves when the memory is free, or at once when others still hold it. */
  release(): Promise<void>;
}

interface Entry {
  readonly loading: Promise<LocalModel>;
  holders: number;
}

const entries = new Map<string, Entry>();

/**
 * Loads the model, or shares it with whoever has loaded it.
 * @throws AmplifierError `engine_failed`
 */
export async function holdModel(options: LocalModelOptions): Promise<HeldModel> {
  const key = JSON.stringify([options.engine, options.file, options.threads, options.contextSize]);
  const entry = entries.get(key) ?? { loading: load(options), holders: 0 };
  entries.set(key, entry);
  entry.holders += 1;
  let held = true;
  const release = async (): Promise<void> => {
    if (!held) return;
    held = false;
    entry.holders -= 1;
    if (entry.holders > 0) return;
    if (entries.get(key) === entry) entries.delete(key);
    await (await entry.loading).dispose();
  };
  try {
    return { model: await entry.loading, release };
  } catch (error) {
    entries.delete(key);
    throw error;
  }
}

async function load(options: LocalModelOptions): Promise<LocalModel> {
  try {
    return await LocalModel.load(options);
  } catch (error) {
    if (isAmplifierError(error)) throw error;
    throw engineFailed("load", `${options.file}: ${reasonOf(error)}`, error);
  }
}
