/**
 * The tool `edit_file`: replaces an exact piece of text in a file. Every failure says why the text was not found or not
 * unique, so that the next attempt can succeed.
 */
import { defineTool, type Tool } from "amplifier-core";
import { replaceExact } from "./replace-exact.ts";
import { replaceFile } from "./replace-file.ts";
import { readTextFile } from "./text-file.ts";
import { answer } from "./tool-failure.ts";
import type { Workspace } from "./workspace.ts";

const MAX_FILE_BYTES = 10 * 1024 * 1024;

/** Makes the tool for one workspace. */
export function createEditFile(workspace: Workspace): Tool {
  return defineTool({
    name: "edit_file",
    description:
      "Replaces text in a file. old_string must be the exact text, white space and indentation included, without the line " +
      "numbers that read_file shows, and must occur once: add neighbouring lines to make it unique, or set replace_all.",
    inputSchema: {
      type: "object",
      properties: {
        path: { type: "string", description: "The file, relative to the workspace" },
        old_string: { type: "string", minLength: 1, description: "The exact text to replace" },
        new_string: { type: "string", description: "The text to put there; empty to delete" },
        replace_all: { type: "boolean", description: "Replace every occurrence. Default false" },
      },
      required: ["path", "old_string", "new_string"],
      additionalProperties: false,
    },
    writes: true,
    exclusive: true,
    execute: ({ path, old_string, new_string, replace_all = false }, { signal }) =>
      answer(path, async () => {
        const file = await workspace.locate(path);
        const { text, stats } = await readTextFile(workspace, file, { maxBytes: MAX_FILE_BYTES, signal });
        const edit = { oldText: old_string, newText: new_string, all: replace_all };
        const replaced = replaceExact(text, edit, file.relative);
        await replaceFile(workspace, { file, text: replaced.text }, { signal, unchangedSince: stats });
        const times = replaced.lines.length === 1 ? "1 occurrence" : `${replaced.lines.length} occurrences`;
        return `Replaced ${times} in ${file.relative} (${lineList(replaced.lines)}).`;
      }),
  });
}

function lineList(lines: readonly number[]): string {
  const shown = lines.slice(0, 10).join(", ");
  return `${lines.length === 1 ? "line" : "lines"} ${shown}${lines.length > 10 ? ", ..." : ""}`;
}
