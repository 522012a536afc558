/**
 * Owns what counts as a text file and how its bytes become text. Text is UTF-8; a NUL byte near the start means binary.
 */
import { ToolFailure } from "./tool-failure.ts";
import type { Workspace, Located, OpenFile } from "./workspace.ts";

/** How far the start of a file is searched for a NUL byte, in bytes; the same as git. */
const PROBE_BYTES = 8000;

/** Whether these first bytes of a file are those of a binary file. */
export function isBinary(start: Uint8Array): boolean {
  return start.subarray(0, PROBE_BYTES).includes(0);
}

/** A whole text file. */
export interface TextFile {
  /** Everything in it, a byte order mark included. */
  readonly text: string;
  readonly stats: OpenFile["stats"];
}

/**
 * Reads a text file whole and exactly: writing `text` back gives the same bytes.
 * @throws ToolFailure when it is larger than `maxBytes`, binary, or not UTF-8.
 */
export async function readTextFile(
  workspace: Workspace,
  file: Located,
  options: { readonly maxBytes: number; readonly signal: AbortSignal },
): Promise<TextFile> {
  const { handle, stats } = await workspace.openFile(file);
  try {
    if (stats.size > BigInt(options.maxBytes)) {
      throw new ToolFailure(
        `"${file.relative}" has ${stats.size} bytes; files up to ${options.maxBytes} can be edited.`,
      );
    }
    const bytes = await handle.readFile({ signal: options.signal });
    if (isBinary(bytes)) throw new ToolFailure(`"${file.relative}" is a binary file and cannot be edited as text.`);
    return { text: decode(bytes, file), stats };
  } finally {
    await handle.close();
  }
}

function decode(bytes: Uint8Array, file: Located): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ToolFailure(`"${file.relative}" is not valid UTF-8; editing it as text would damage it.`);
  }
}
