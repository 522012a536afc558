/**
 * The tool `grep`: lines that match a regular expression, in the order of paths and lines. Searches regular text files
 * up to a size; says what it skipped.
 */
import { defineTool, type Tool } from "amplifier-core";
import { lstat } from "node:fs/promises";
import { filePattern } from "./file-pattern.ts";
import { matchLines, type NamedText } from "./match-lines.ts";
import { readAhead } from "./read-ahead.ts";
import { isBinary } from "./text-file.ts";
import { answer, systemCode, ToolFailure } from "./tool-failure.ts";
import { walkFiles, walkNotices, type WalkReport } from "./walk-files.ts";
import type { Located, Workspace } from "./workspace.ts";

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 400;
const MAX_FILE_BYTES = 5 * 1024 * 1024;

/** Makes the tool for one workspace. */
export function createGrep(workspace: Workspace): Tool {
  return defineTool({
    name: "grep",
    description:
      "Searches file contents line by line with a JavaScript regular expression. Each result is path:line: text. " +
      "Leaves out .git, node_modules, what .gitignore hides, symbolic links, binary files and files over 5 MB.",
    inputSchema: {
      type: "object",
      properties: {
        pattern: { type: "string", minLength: 1, description: "The regular expression; it never spans lines" },
        path: { type: "string", description: "The folder or file to search. Default: the workspace" },
        glob: { type: "string", minLength: 1, description: 'Only files that match, such as "*.ts" or "src/**/*.md"' },
        ignore_case: { type: "boolean", description: "Default false" },
        include_ignored: { type: "boolean", description: "Search what .gitignore hides as well. Default false" },
        limit: {
          type: "integer",
          minimum: 1,
          maximum: MAX_LIMIT,
          description: `Lines shown at most. Default ${DEFAULT_LIMIT}`,
        },
      },
      required: ["pattern"],
      additionalProperties: false,
    },
    idempotent: true,
    execute: (input, { signal }) =>
      answer(input.path ?? ".", async () => {
        const place = await workspace.locate(input.path ?? ".");
        const search = new Search(workspace, toRegExp(input.pattern, input.ignore_case ?? false), signal);
        const accept = input.glob === undefined ? () => true : filePattern(input.glob, { anywhere: true });
        const options = {
          folder: place,
          includeIgnored: input.include_ignored ?? false,
          pattern: input.glob ?? "*",
          accept,
          signal,
        };
        const isFolder = (await lstat(place.absolute)).isDirectory();
        const files = isFolder ? walkFiles(workspace, options, search.walk) : [place];
        return search.run(files, input.limit ?? DEFAULT_LIMIT);
      }),
  });
}

function toRegExp(pattern: string, ignoreCase: boolean): RegExp {
  try {
    return new RegExp(pattern, ignoreCase ? "i" : "");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ToolFailure(
      `The pattern is not a JavaScript regular expression: ${reason}. Escape special characters with a backslash; ` +
        "inline flags like (?i) do not exist, use ignore_case.",
    );
  }
}

interface Candidate extends Located {
  readonly isLink?: boolean;
}

/** One search over many files, and what it could not search. */
class Search {
  readonly walk: WalkReport = { unreadableFolders: 0, stoppedAtBound: false };
  readonly #workspace: Workspace;
  readonly #pattern: RegExp;
  readonly #signal: AbortSignal;
  #searched = 0;
  #tooLarge = 0;
  #unreadable = 0;

  constructor(workspace: Workspace, pattern: RegExp, signal: AbortSignal) {
    this.#workspace = workspace;
    this.#pattern = pattern;
    this.#signal = signal;
  }

  async run(files: AsyncIterable<Candidate> | Iterable<Candidate>, limit: number): Promise<string> {
    const found: string[] = [];
    for await (const { name, line, text } of matchLines(this.#textsOf(files), this.#pattern, this.#signal)) {
      if (found.length === limit) return [...found, ...this.#notices(limit)].join("\n");
      found.push(`${name}:${line}: ${text}`);
    }
    if (found.length === 0) found.push(`[No line matches. Text files searched: ${this.#searched}.]`);
    return [...found, ...this.#notices()].join("\n");
  }

  async *#textsOf(files: AsyncIterable<Candidate> | Iterable<Candidate>): AsyncGenerator<NamedText> {
    const read = async (file: Candidate): Promise<NamedText | undefined> => {
      const text = file.isLink ? undefined : await this.#read(file);
      return text === undefined ? undefined : { name: file.relative, text };
    };
    for await (const text of readAhead(files, read)) {
      if (text === undefined) continue;
      this.#searched += 1;
      yield text;
    }
  }

  async #read(file: Located): Promise<string | undefined> {
    this.#signal.throwIfAborted();
    try {
      const { handle, stats } = await this.#workspace.openFile(file);
      try {
        if (stats.size > BigInt(MAX_FILE_BYTES)) {
          this.#tooLarge += 1;
          return undefined;
        }
        const bytes = await handle.readFile({ signal: this.#signal });
        return isBinary(bytes) ? undefined : new TextDecoder().decode(bytes);
      } finally {
        await handle.close();
      }
    } catch (error) {
      this.#signal.throwIfAborted();
      // Pipes, files without permission or gone by now: they are counted, the search goes on.
      if (!(error instanceof ToolFailure) && systemCode(error) === undefined) throw error;
      this.#unreadable += 1;
      return undefined;
    }
  }

  #notices(limit?: number): readonly string[] {
    const notices: string[] = [];
    if (limit !== undefined) {
      notices.push(`[The first ${limit} lines are shown; there are more. Narrow the pattern, the path or the glob.]`);
    }
    if (this.#tooLarge > 0) notices.push(`[Files over 5 MB, not searched: ${this.#tooLarge}.]`);
    if (this.#unreadable > 0) notices.push(`[Files that could not be read: ${this.#unreadable}.]`);
    return [...notices, ...walkNotices(this.walk)];
  }
}
