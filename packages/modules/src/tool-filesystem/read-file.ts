/**
 * The tool `read_file`: a part of a text file with line numbers. Reads only as far as it shows, so a file of any size is
 * fine. Says what it left out and how to get it.
 */
import { defineTool, type Tool } from "amplifier-core";
import type { FileHandle } from "node:fs/promises";
import { MAX_LINE_CHARACTERS, MAX_PICTURE_CHARACTERS, NumberedLines } from "./numbered-lines.ts";
import { isBinary } from "./text-file.ts";
import { answer, ToolFailure } from "./tool-failure.ts";
import type { Located, Workspace } from "./workspace.ts";

const DEFAULT_LINES = 2000;
const CHUNK_BYTES = 64 * 1024;

/** Makes the tool for one workspace. */
export function createReadFile(workspace: Workspace): Tool {
  return defineTool({
    name: "read_file",
    description:
      "Reads a text file. Each line of the result is its number, a tab, and the exact text of the line. " +
      `Shows up to ${DEFAULT_LINES} lines or ${MAX_PICTURE_CHARACTERS} characters and says how to go on; ` +
      `lines longer than ${MAX_LINE_CHARACTERS} characters are cut. Use it before editing a file.`,
    inputSchema: {
      type: "object",
      properties: {
        path: { type: "string", description: "The file, relative to the workspace" },
        offset: { type: "integer", minimum: 1, description: "First line to show, from 1. Default 1" },
        limit: { type: "integer", minimum: 1, description: `How many lines to show at most. Default ${DEFAULT_LINES}` },
      },
      required: ["path"],
      additionalProperties: false,
    },
    idempotent: true,
    execute: ({ path, offset = 1, limit = DEFAULT_LINES }, { signal }) =>
      answer(path, async () => {
        const file = await workspace.locate(path);
        const { handle } = await workspace.openFile(file);
        try {
          const lines = new NumberedLines({ offset, limit });
          await readInto(lines, { handle, file, signal });
          return describe(lines, { file, offset });
        } finally {
          await handle.close();
        }
      }),
  });
}

async function readInto(
  lines: NumberedLines,
  source: { readonly handle: FileHandle; readonly file: Located; readonly signal: AbortSignal },
): Promise<void> {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(CHUNK_BYTES);
  let position = 0;
  while (!lines.full) {
    source.signal.throwIfAborted();
    const { bytesRead } = await source.handle.read(buffer, 0, CHUNK_BYTES, position);
    if (bytesRead === 0) break;
    const bytes = buffer.subarray(0, bytesRead);
    if (position === 0 && isBinary(bytes)) {
      throw new ToolFailure(`"${source.file.relative}" is a binary file and cannot be shown as text.`);
    }
    lines.push(decoder.decode(bytes, { stream: true }));
    position += bytesRead;
  }
  if (!lines.full) lines.push(decoder.decode());
}

function describe(picture: NumberedLines, asked: { readonly file: Located; readonly offset: number }): string {
  const { lines, cutLines, nextLine } = picture.finish();
  const name = asked.file.relative;
  const total = nextLine - 1;
  if (lines.length === 0 && total === 0) return `[${name} is empty.]`;
  if (lines.length === 0) {
    throw new ToolFailure(`"${name}" has only ${total} lines; offset ${asked.offset} is behind its end.`);
  }
  const notices: string[] = [];
  if (cutLines > 0)
    notices.push(`[Lines cut because they are longer than ${MAX_LINE_CHARACTERS} characters: ${cutLines}.]`);
  if (picture.full) {
    notices.push(
      `[Lines ${asked.offset}-${total} of ${name} are shown; more follow. Continue with offset ${nextLine}.]`,
    );
  }
  return [...lines, ...notices].join("\n");
}
