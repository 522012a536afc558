/**
 * Owns reading a file the user names as the source of the weights. Addresses are `downloadFile`'s.
 */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { downloadFailed, reasonOf } from "./install-step.ts";
import type { ByteSource } from "./zip-member.ts";

/**
 * Opens `source`: `file://...` or a path.
 * @throws AmplifierError `download_failed`
 */
export async function openSource(source: string, signal: AbortSignal): Promise<ByteSource> {
  const path = source.startsWith("file:") ? fileURLToPath(source) : source;
  const found = await stat(path).catch((error: unknown) => {
    throw downloadFailed(source, reasonOf(error), error);
  });
  return { chunks: createReadStream(path, { signal }), bytes: found.size };
}
