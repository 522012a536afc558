/**
 * Owns what is remembered of a model file in the cache folder: where it came from and which checksum was found right for
 * which state of the file. `<file>.json` beside it; a record that is missing or unreadable is as if nothing were known.
 */
import { createHash } from "node:crypto";
import { createReadStream, existsSync, readdirSync, readFileSync } from "node:fs";
import { readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** What is known of a file. */
export interface ModelRecord {
  /** As it was asked for: `hf:...` or an address without its query; null for a file nobody asked for by name. */
  readonly source: string | null;
  /** Lower-case hex, of the state below. */
  readonly sha256: string;
  readonly bytes: number;
  /** When the file was last changed, as its file system says. */
  readonly changed: number;
}

/** The record of `file`, null where there is none. */
export async function readRecord(file: string): Promise<ModelRecord | null> {
  const text = await readFile(recordOf(file), "utf8").catch(() => "");
  return parsed(text);
}

function parsed(text: string): ModelRecord | null {
  try {
    return JSON.parse(text) as ModelRecord;
  } catch {
    return null;
  }
}

/** The file in `folder` that came from `source`, null when there is none. */
export function findBySource(folder: string, source: string): string | null {
  if (!existsSync(folder)) return null;
  for (const name of readdirSync(folder)) {
    const file = join(folder, name.slice(0, -".json".length));
    if (!name.endsWith(".gguf.json") || !existsSync(file)) continue;
    if (parsed(readFileSync(join(folder, name), "utf8"))?.source === source) return file;
  }
  return null;
}

/** Remembers that `file`, as it is now, has this checksum. */
export async function writeRecord(file: string, known: Pick<ModelRecord, "source" | "sha256">): Promise<void> {
  const { size, mtimeMs } = await stat(file);
  const record: ModelRecord = { ...known, bytes: size, changed: mtimeMs };
  const place = `${recordOf(file)}.${process.pid}`;
  await writeFile(place, `${JSON.stringify(record)}\n`);
  await rename(place, recordOf(file));
}

/**
 * Whether `file` is there and has this checksum. Hashed once; until the file changes the record answers. Rejects with the
 * signal's reason.
 */
export async function isVerified(file: string, sha256: string, signal: AbortSignal): Promise<boolean> {
  const found = await stat(file).catch(() => null);
  if (found === null || !found.isFile()) return false;
  const record = await readRecord(file);
  if (record?.bytes === found.size && record.changed === found.mtimeMs) return record.sha256 === sha256;
  if ((await sha256Of(file, signal)) !== sha256) return false;
  // A cache folder nobody may write to is checked each time.
  await writeRecord(file, { source: record?.source ?? null, sha256 }).catch(() => undefined);
  return true;
}

/** The path of a file's record. */
export function recordOf(file: string): string {
  return `${file}.json`;
}

async function sha256Of(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file, { signal, highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}
