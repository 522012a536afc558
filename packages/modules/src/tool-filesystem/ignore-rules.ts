/**
 * Owns which paths `.gitignore` files hide, as git reads them: each file speaks for its own folder and all below, and a
 * deeper one overrules. Rules outside the workspace and of the user's own git configuration are not read.
 */
import ignore, { type Ignore } from "ignore";
import { readTextFile } from "./text-file.ts";
import { systemCode, ToolFailure } from "./tool-failure.ts";
import type { Workspace } from "./workspace.ts";

const MAX_FILE_BYTES = 1024 * 1024;

interface Level {
  /** The folder the rules stand in, relative to the workspace, with a slash at its end; empty for the workspace. */
  readonly prefix: string;
  readonly rules: Ignore;
}

/** The rules that hold in one folder. */
export class IgnoreRules {
  readonly #levels: readonly Level[];

  private constructor(levels: readonly Level[]) {
    this.#levels = levels;
  }

  /** Whether `path` (from the workspace; folders end in a slash) is hidden. Its parents are taken to be visible. */
  hides(path: string): boolean {
    let hidden = false;
    for (const { prefix, rules } of this.#levels) {
      const { ignored, unignored } = rules.test(path.slice(prefix.length));
      if (ignored) hidden = true;
      else if (unignored) hidden = false;
    }
    return hidden;
  }

  /** These rules and those of the `.gitignore` in `folder`, a path from the workspace. */
  async enter(workspace: Workspace, folder: string, signal: AbortSignal): Promise<IgnoreRules> {
    const text = await readRules(workspace, folder, signal);
    if (text === undefined) return this;
    const prefix = folder === "." ? "" : `${folder}/`;
    return new IgnoreRules([...this.#levels, { prefix, rules: ignore({ allowRelativePaths: false }).add(text) }]);
  }

  /** The rules that hold in `folder`, with those of all folders above it up to the workspace, but not its own. */
  static async above(workspace: Workspace, folder: string, signal: AbortSignal): Promise<IgnoreRules> {
    let rules = new IgnoreRules([]);
    const parts = folder === "." ? [] : folder.split("/");
    for (let depth = 0; depth < parts.length; depth += 1) {
      rules = await rules.enter(workspace, parts.slice(0, depth).join("/") || ".", signal);
    }
    return rules;
  }
}

async function readRules(workspace: Workspace, folder: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const file = await workspace.locate(folder === "." ? ".gitignore" : `${folder}/.gitignore`);
    return (await readTextFile(workspace, file, { maxBytes: MAX_FILE_BYTES, signal })).text;
  } catch (error) {
    // A .gitignore that is missing, unreadable, a folder or no text has no rules; git thinks so too.
    if (error instanceof ToolFailure || systemCode(error) === "ENOENT" || systemCode(error) === "EACCES")
      return undefined;
    throw error;
  }
}
