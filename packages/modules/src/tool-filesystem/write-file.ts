/**
 * The tool `write_file`: a whole file, new or replaced.
 */
import { defineTool, type Tool } from "amplifier-core";
import { replaceFile } from "./replace-file.ts";
import { answer } from "./tool-failure.ts";
import type { Workspace } from "./workspace.ts";

/** Makes the tool for one workspace. */
export function createWriteFile(workspace: Workspace): Tool {
  return defineTool({
    name: "write_file",
    description:
      "Writes a whole text file: makes it, with missing folders, or replaces everything in it. " +
      "To change a part of an existing file use edit_file.",
    inputSchema: {
      type: "object",
      properties: {
        path: { type: "string", minLength: 1, description: "The file, relative to the workspace" },
        content: { type: "string", description: "All of the file's text" },
      },
      required: ["path", "content"],
      additionalProperties: false,
    },
    writes: true,
    exclusive: true,
    execute: ({ path, content }, { signal }) =>
      answer(path, async () => {
        const file = await workspace.locate(path);
        const before = await replaceFile(workspace, { file, text: content }, { signal });
        const bytes = Buffer.byteLength(content);
        return `${before === undefined ? "Created" : "Replaced"} ${file.relative} (${bytes} ${bytes === 1 ? "byte" : "bytes"}).`;
      }),
  });
}
