/**
 * Owns what a person can do with the cache folder's models: list them, fetch one, remove one. Files a config names by path
 * elsewhere are not its business.
 */
import { readdir, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { cachePlaces, type Environment } from "./cache-folder.ts";
import { discardPartial, partialOf, sizeOf } from "./download-file.ts";
import { modelUnusable } from "./install-step.ts";
import { pullModel, type InstallLocalModelOptions } from "./install-local-model.ts";
import { resolveLocalConfig } from "./local-config.ts";
import { withLockFile } from "./lock-file.ts";
import { WEIGHTS } from "./model-pins.ts";
import { readRecord, recordOf } from "./model-record.ts";

/** A model in the cache folder. */
export interface StoredModel {
  /** What `model` in the config may say. */
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
  readonly bytes: number;
  /** What it was asked for as; null for the default model and for a file that was put there. */
  readonly source: string | null;
  /** False: a download that was not finished; pulling it again goes on with it. */
  readonly whole: boolean;
}

/** The models, by name. `folder` need not exist. */
export async function listLocalModels(options: {
  readonly env: Environment;
}): Promise<{ readonly folder: string; readonly models: readonly StoredModel[] }> {
  const { models: folder } = cachePlaces(options.env);
  const found = await readdir(folder).catch((error: unknown) => {
    if ((error as { code?: unknown }).code === "ENOENT") return [];
    throw error;
  });
  const files = new Set(found.map((name) => name.replace(/\.partial$/, "")).filter((name) => /\.gguf$/i.test(name)));
  const models = await Promise.all([...files].toSorted().map((name) => storedModel(join(folder, name))));
  return { folder, models };
}

/**
 * Fetches a model's file if it is not there; resolves with its path. Installs no engine and loads nothing.
 * @throws AmplifierError `engine_failed`, `download_failed`, `checksum_mismatch`; LLMError `ConfigurationError`
 */
export async function pullLocalModel(model: string, options: InstallLocalModelOptions): Promise<string> {
  return pullModel(resolveLocalConfig({ model }, options.env), options);
}

/**
 * Removes a model of the cache folder, whole or begun; resolves with what was removed. A running session keeps it.
 * @throws AmplifierError `engine_failed` when there is none of that name; the message lists those there are.
 */
export async function removeLocalModel(
  model: string,
  options: { readonly env: Environment; readonly signal: AbortSignal },
): Promise<StoredModel> {
  const { folder, models } = await listLocalModels(options);
  const wanted = model.toLowerCase();
  const found = models.find(
    ({ name, file, source }) =>
      name.toLowerCase() === wanted || basename(file).toLowerCase() === wanted || source === model,
  );
  if (found === undefined) {
    const there = models.length === 0 ? "It holds none." : `It holds ${models.map(({ name }) => name).join(", ")}.`;
    throw modelUnusable(`There is no model "${model}" in ${folder}. ${there}`);
  }
  await withLockFile(found.file, options, async () => {
    await rm(found.file, { force: true });
    await rm(recordOf(found.file), { force: true });
    await discardPartial(found.file);
  });
  return found;
}

async function storedModel(file: string): Promise<StoredModel> {
  const name = basename(file) === WEIGHTS.file ? WEIGHTS.id : basename(file).replace(/\.gguf$/i, "");
  const found = await stat(file).catch(() => null);
  const bytes = found?.size ?? (await sizeOf(partialOf(file)));
  return { name, file, bytes, source: (await readRecord(file))?.source ?? null, whole: found !== null };
}
