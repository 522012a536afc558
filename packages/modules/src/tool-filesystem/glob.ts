/**
 * The tool `glob`: the files whose paths match a pattern, in the order of their paths.
 */
import { defineTool, type Tool } from "amplifier-core";
import { filePattern } from "./file-pattern.ts";
import { answer } from "./tool-failure.ts";
import { walkFiles, walkNotices, type WalkReport } from "./walk-files.ts";
import type { Workspace } from "./workspace.ts";

const DEFAULT_LIMIT = 200;
const MAX_LIMIT = 1000;

/** Makes the tool for one workspace. */
export function createGlob(workspace: Workspace): Tool {
  return defineTool({
    name: "glob",
    description:
      'Lists files by a glob pattern such as "**/*.ts" or "src/{a,b}/*.json", sorted by path. Leaves out .git, node_modules ' +
      "and what .gitignore hides. Does not list folders or follow symbolic links.",
    inputSchema: {
      type: "object",
      properties: {
        pattern: { type: "string", minLength: 1, description: 'The pattern, relative to path. "**" goes into folders' },
        path: {
          type: "string",
          description: "The folder to search, relative to the workspace. Default: the workspace",
        },
        include_ignored: { type: "boolean", description: "List what .gitignore hides as well. Default false" },
        limit: { type: "integer", minimum: 1, maximum: MAX_LIMIT, description: `Default ${DEFAULT_LIMIT}` },
      },
      required: ["pattern"],
      additionalProperties: false,
    },
    idempotent: true,
    execute: ({ pattern, path = ".", include_ignored = false, limit = DEFAULT_LIMIT }, { signal }) =>
      answer(path, async () => {
        const folder = await workspace.locate(path);
        const accept = filePattern(pattern, { anywhere: false });
        const report: WalkReport = { unreadableFolders: 0, stoppedAtBound: false };
        const options = { folder, includeIgnored: include_ignored, pattern, accept, signal };
        const found: string[] = [];
        for await (const file of walkFiles(workspace, options, report)) {
          if (found.length === limit) {
            return [
              ...found,
              `[The first ${limit} files are shown; there are more. Narrow the pattern or the path.]`,
            ].join("\n");
          }
          found.push(file.relative);
        }
        if (found.length === 0) found.push(nothingFound(pattern));
        return [...found, ...walkNotices(report)].join("\n");
      }),
  });
}

function nothingFound(pattern: string): string {
  const hint = /\/|\*\*/.test(pattern) ? "" : ` It looks at one folder only; "**/${pattern}" looks in all below it.`;
  return `[No file matches "${pattern}".${hint}]`;
}
