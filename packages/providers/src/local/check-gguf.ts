/**
 * Owns the first look at a model's file: that it is there and begins as a GGUF file does. What is wrong further in, the
 * engine says when it loads it.
 */
import { open } from "node:fs/promises";
import { modelUnusable, reasonOf } from "./install-step.ts";

const MAGIC = "GGUF";
/** Magic, version and two counts: no GGUF file is shorter. */
const HEADER_BYTES = 24;

/**
 * Resolves when `path` looks like a model. `shown` is what the person called it.
 * @throws AmplifierError `engine_failed`
 */
export async function checkGguf(path: string, shown: string): Promise<void> {
  const head = await readHead(path).catch((error: unknown) => {
    throw modelUnusable(`The model file ${shown} cannot be read: ${explained(error)}.`, error);
  });
  const begins = head.toString("latin1", 0, MAGIC.length);
  if (begins === MAGIC && head.length === HEADER_BYTES) return;
  const found = head.length === 0 ? "it is empty" : `it begins with ${JSON.stringify(begins)} and not with "${MAGIC}"`;
  const reason = begins === MAGIC ? "it breaks off in its first line" : found;
  throw modelUnusable(`${shown} is no GGUF file: ${reason}. Fetch it again, or name another file.`);
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function explained(error: unknown): string {
  switch ((error as { code?: unknown }).code) {
    case "ENOENT":
      return "there is no such file. Give the path of a GGUF file, or a name amplifier-ts local list shows";
    case "EISDIR":
      return "it is a folder, and a file is needed";
    case "EACCES":
      return "you may not read it";
    default:
      return reasonOf(error);
  }
}
