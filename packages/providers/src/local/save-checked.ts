/**
 * Owns bringing bytes to a file that is whole and right or not there: hashed while they are written, synced, checked,
 * renamed. Knows nothing of where they come from.
 */
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { checksumMismatch } from "./install-step.ts";
import { discardPlace, settlePlace, temporaryPlace } from "./temporary-place.ts";

/** What the bytes must add up to, and who wants to know how far they are. */
export interface SaveOptions {
  /** Absolute path; appears only when everything is right. */
  readonly file: string;
  /** Lower-case hex. */
  readonly sha256: string;
  /** More than this is refused at once, so that a wrong source cannot fill the disk. */
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly onProgress: (received: number) => void;
}

/**
 * Writes all chunks to `file`. An abort stops before the next chunk, and nothing is left behind.
 * @throws AmplifierError `checksum_mismatch`; else what the source, the disk or the signal gave as a reason.
 */
export async function saveChecked(chunks: AsyncIterable<Uint8Array>, options: SaveOptions): Promise<void> {
  const place = await temporaryPlace(options.file);
  try {
    const actual = await writeHashed(chunks, place, options);
    if (actual !== options.sha256) throw checksumMismatch(options.file, options.sha256, actual);
    await settlePlace(place, options.file);
  } catch (error) {
    await discardPlace(place);
    throw error;
  }
}

async function writeHashed(chunks: AsyncIterable<Uint8Array>, place: string, options: SaveOptions): Promise<string> {
  const hash = createHash("sha256");
  const file = await open(place, "wx");
  try {
    let received = 0;
    for await (const chunk of chunks) {
      options.signal.throwIfAborted();
      received += chunk.length;
      if (received > options.maxBytes) return `more than ${options.maxBytes} bytes`;
      hash.update(chunk);
      await file.writeFile(chunk);
      options.onProgress(received);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return hash.digest("hex");
}
