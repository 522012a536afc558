/**
 * Owns bringing a file from an http address to its place, whole and right: what came stays in `<file>.partial`, and the
 * next attempt, of this process or a later one, asks for the rest. Callers hold the file's lock.
 * Invariant: bytes of two different files are never joined: the server must confirm the validator it gave, or a checksum
 * must be known.
 */
import { createHash, type Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { isAmplifierError } from "amplifier-core";
import { checksumMismatch, downloadFailed, reasonOf } from "./install-step.ts";
import { shownUrl } from "../http/http-request.ts";

/** What is fetched, and what is known of it. */
export interface DownloadOptions {
  readonly url: string;
  /** Lower-case hex; null when nobody knows it. */
  readonly sha256: string | null;
  /** More than this is refused at once; null when nobody knows the size. */
  readonly maxBytes: number | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Looks at the whole file before it gets its name; what it rejects with is the download's error, and the file goes. */
  readonly check?: (path: string) => Promise<void>;
  /** Bytes so far and in all, null when the server does not say. */
  readonly onProgress: (received: number, total: number | null) => void;
}

/** How often a broken connection is taken up again, in one call. */
const MAX_RECONNECTS = 5;

/** What the bytes so far belong to. */
interface Beginning {
  readonly url: string;
  /** The server's name for this very content; null where it gave none. */
  readonly validator: string | null;
}

/**
 * Downloads to `file`; resolves with its SHA-256 in lower-case hex. After a failure or an abort what came is kept for the
 * next call, unless it is known to be wrong.
 * @throws AmplifierError `download_failed`, `checksum_mismatch`
 */
export async function downloadFile(file: string, options: DownloadOptions): Promise<string> {
  for (let reconnects = 0; ; reconnects += 1) {
    const have = await sizeOf(partialOf(file));
    try {
      return await attempt(file, options, have);
    } catch (error) {
      if (options.signal.aborted) throw error;
      // Joined to a beginning it is not right: the beginning is gone now, and all of it may be.
      const again = isAmplifierError(error) ? isAmplifierError(error, "checksum_mismatch") && have > 0 : true;
      if (again && reconnects < MAX_RECONNECTS) continue;
      if (isAmplifierError(error)) throw error;
      throw downloadFailed(shownUrl(options.url), `the connection broke (${reasonOf(error)})`, error);
    }
  }
}

/** Where the bytes of a download that is not whole stand. */
export function partialOf(file: string): string {
  return `${file}.partial`;
}

/** Removes what an unfinished download left. */
export async function discardPartial(file: string): Promise<void> {
  await rm(partialOf(file), { force: true });
  await rm(beginningOf(file), { force: true });
}

async function attempt(file: string, options: DownloadOptions, have: number): Promise<string> {
  const from = have > 0 && (await mayGoOn(file, options)) ? have : 0;
  const beginning = from > 0 ? await readBeginning(file) : null;
  const response = await ask(options, from, beginning);
  const start = response.status === 206 ? startOf(response) : 0;
  const body = response.body;
  if (body === null || (start !== 0 && start !== from)) {
    await discardPartial(file);
    throw new Error("the server sent another part of the file than was asked for");
  }
  const hash = createHash("sha256");
  if (start > 0) await hashFile(partialOf(file), hash);
  else await begin(file, response, options.url);
  const total = totalOf(response, start);
  const received = await write(file, body, { ...options, hash, start, total });
  if (total !== null && received < total) throw new Error(`after ${received} of ${total} bytes`);
  return settle(file, options, hash.digest("hex"));
}

async function ask(options: DownloadOptions, from: number, beginning: Beginning | null): Promise<Response> {
  const validator = beginning?.validator ?? null;
  const range = from === 0 ? {} : { range: `bytes=${from}-`, ...(validator === null ? {} : { "if-range": validator }) };
  // Compressed, its length would not be the file's.
  const headers = { "accept-encoding": "identity", ...options.headers, ...range };
  const response = await fetch(options.url, { signal: options.signal, headers }).catch((error: unknown) => {
    if (options.signal.aborted) throw error;
    throw downloadFailed(shownUrl(options.url), reasonOf(error), error);
  });
  if (response.status === 200 || response.status === 206) return response;
  await response.body?.cancel();
  // All of it is here already, or the file has become shorter: from the beginning it is right in both cases.
  if (response.status === 416 && from > 0) return ask(options, 0, null);
  const reason = `the server answered ${response.status} ${response.statusText}`.trimEnd();
  throw downloadFailed(shownUrl(options.url), reason + adviceFor(response.status), new Error(reason));
}

function adviceFor(status: number): string {
  if (status !== 401 && status !== 403) return "";
  return " (a model of Hugging Face that is not public needs HF_TOKEN, and its licence accepted on its page)";
}

async function write(
  file: string,
  body: AsyncIterable<Uint8Array>,
  options: DownloadOptions & { readonly hash: Hash; readonly start: number; readonly total: number | null },
): Promise<number> {
  const { hash, start, total, maxBytes, signal, onProgress } = options;
  // At its position, not at the end: whoever else writes here in spite of the lock writes the same bytes.
  const target = await open(partialOf(file), start > 0 ? "r+" : "w");
  let received = start;
  try {
    for await (const chunk of body) {
      signal.throwIfAborted();
      if (maxBytes !== null && received + chunk.length > maxBytes) throw await tooLarge(file, options);
      await writeAll(target, chunk, received);
      hash.update(chunk);
      received += chunk.length;
      onProgress(received, total);
    }
    await target.sync();
  } finally {
    await target.close();
  }
  return received;
}

async function writeAll(target: Awaited<ReturnType<typeof open>>, chunk: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < chunk.length;) {
    const { bytesWritten } = await target.write(chunk, done, chunk.length - done, position + done);
    done += bytesWritten;
  }
}

async function settle(file: string, { sha256, check }: DownloadOptions, actual: string): Promise<string> {
  if (sha256 !== null && actual !== sha256) {
    await discardPartial(file);
    throw checksumMismatch(file, sha256, actual);
  }
  await check?.(partialOf(file)).catch(async (error: unknown) => {
    await discardPartial(file);
    throw error;
  });
  await rename(partialOf(file), file);
  await rm(beginningOf(file), { force: true });
  return actual;
}

async function tooLarge(file: string, { maxBytes, sha256 }: DownloadOptions): Promise<Error> {
  await discardPartial(file);
  return checksumMismatch(file, sha256 ?? "unknown", `more than ${String(maxBytes)} bytes`);
}

/** Whether what is there may be the beginning of what the server has: it can be confirmed, or will be checked. */
async function mayGoOn(file: string, { url, sha256 }: DownloadOptions): Promise<boolean> {
  const beginning = await readBeginning(file);
  if (beginning === null) return false;
  return sha256 !== null || (beginning.url === shownUrl(url) && beginning.validator !== null);
}

async function begin(file: string, response: Response, url: string): Promise<void> {
  await discardPartial(file);
  const etag = response.headers.get("etag");
  // A weak one does not promise the same bytes.
  const validator = etag !== null && !etag.startsWith("W/") ? etag : response.headers.get("last-modified");
  const beginning: Beginning = { url: shownUrl(url), validator };
  await writeFile(beginningOf(file), JSON.stringify(beginning));
}

async function readBeginning(file: string): Promise<Beginning | null> {
  try {
    return JSON.parse(await readFile(beginningOf(file), "utf8")) as Beginning;
  } catch {
    return null;
  }
}

function beginningOf(file: string): string {
  return `${partialOf(file)}.json`;
}

function startOf(response: Response): number {
  return Number(/^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1] ?? Number.NaN);
}

function totalOf(response: Response, start: number): number | null {
  const length = response.headers.get("content-length");
  return length === null ? null : start + Number(length);
}

async function hashFile(path: string, hash: Hash): Promise<void> {
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
}

/** Bytes of a file, 0 where there is none. */
export async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}
