/**
 * Owns the places bytes come from: an http address or a file the user names. Redirects are followed (at most 20, by
 * fetch); what is not a 200 is an error.
 */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { downloadFailed, reasonOf } from "./install-step.ts";
import type { ByteSource } from "./zip-member.ts";

/**
 * Opens `source`: `http://...`, `https://...`, `file://...` or a path.
 * @throws AmplifierError `download_failed`, before the first chunk or from the chunks' iteration.
 */
export async function openSource(source: string, signal: AbortSignal): Promise<ByteSource> {
  if (/^https?:/i.test(source)) return openUrl(source, signal);
  const path = source.startsWith("file:") ? fileURLToPath(source) : source;
  const found = await stat(path).catch((error: unknown) => {
    throw downloadFailed(source, reasonOf(error), error);
  });
  return { chunks: createReadStream(path, { signal }), bytes: found.size };
}

async function openUrl(url: string, signal: AbortSignal): Promise<ByteSource> {
  try {
    // Compressed, its length would not be the file's.
    const response = await fetch(url, { signal, headers: { "accept-encoding": "identity" } });
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new Error(`the server answered ${response.status} ${response.statusText}`.trimEnd());
    }
    const length = Number(response.headers.get("content-length") ?? Number.NaN);
    return { chunks: readBody(response.body, url, signal), bytes: Number.isFinite(length) ? length : null };
  } catch (error) {
    if (signal.aborted) throw error;
    throw downloadFailed(shown(url), reasonOf(error), error);
  }
}

async function* readBody(
  body: AsyncIterable<Uint8Array>,
  url: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* body;
  } catch (error) {
    if (signal.aborted) throw error;
    throw downloadFailed(shown(url), `the connection broke (${reasonOf(error)})`, error);
  }
}

/** Without user, password and query, any of which may be a secret. */
function shown(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}
