/**
 * Owns the walk over the files of a folder, in the order of their paths. Leaves out `.git` and `node_modules`, what
 * `.gitignore` hides, and never follows a symbolic link: a link is a file of its own. Stops at the signal and at a bound.
 */
import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { IgnoreRules } from "./ignore-rules.ts";
import { runBounded } from "./run-bounded.ts";
import { systemCode } from "./tool-failure.ts";
import type { Located, Workspace } from "./workspace.ts";

/** Files and folders one walk looks at before it gives up. */
export const MAX_ENTRIES = 200_000;

/** Paths matched under one time limit: few enough that only a bad pattern ever reaches it. */
const MATCH_BATCH = 500;

const SKIPPED: ReadonlySet<string> = new Set([".git", "node_modules"]);

/** A file the walk came to. */
export interface FoundFile extends Located {
  readonly isLink: boolean;
}

/** What to walk over. `accept` sees paths relative to `folder`, with `/`; `pattern` is named when it takes too long. */
export interface WalkOptions {
  readonly folder: Located;
  readonly includeIgnored: boolean;
  readonly pattern: string;
  readonly accept: (path: string) => boolean;
  readonly signal: AbortSignal;
}

/** What a walk could not look at; complete once the walk has ended. */
export interface WalkReport {
  unreadableFolders: number;
  stoppedAtBound: boolean;
}

/**
 * Yields the accepted files under a folder.
 * @throws ToolFailure when the folder does not exist or the pattern takes too long; the signal's reason.
 */
export async function* walkFiles(
  workspace: Workspace,
  options: WalkOptions,
  report: WalkReport,
): AsyncGenerator<FoundFile> {
  const rules = await rulesAt(workspace, options);
  // A stack of what is still to come, the next on top: recursion would go as deep as the tree.
  const pending: (Entry & { readonly rules: IgnoreRules | undefined })[] = [
    { ...options.folder, isFolder: true, isLink: false, rules },
  ];
  let seen = 0;
  for (let entry = pending.pop(); entry !== undefined; entry = pending.pop()) {
    options.signal.throwIfAborted();
    if (!entry.isFolder) {
      yield entry;
      continue;
    }
    const inside = await entry.rules?.enter(workspace, entry.relative, options.signal);
    const entries = await readFolder(entry, seen === 0, report);
    seen += entries.length + 1;
    if (seen > MAX_ENTRIES) {
      report.stoppedAtBound = true;
      return;
    }
    const chosen = choose(entries, inside, options);
    for (const child of chosen.toReversed()) pending.push({ ...child, rules: inside });
  }
}

// Undefined where nothing is hidden: a folder that is itself ignored was asked for by name, and so was what is in it.
async function rulesAt(workspace: Workspace, options: WalkOptions): Promise<IgnoreRules | undefined> {
  const { folder, signal } = options;
  if (options.includeIgnored) return undefined;
  const rules = await IgnoreRules.above(workspace, folder.relative, signal);
  return folder.relative !== "." && rules.hides(`${folder.relative}/`) ? undefined : rules;
}

interface Entry extends FoundFile {
  readonly isFolder: boolean;
}

async function readFolder(folder: Located, isStart: boolean, report: WalkReport): Promise<readonly Entry[]> {
  try {
    const entries = await readdir(folder.absolute, { withFileTypes: true });
    return entries.map((entry) => toEntry(folder, entry)).toSorted(byPath);
  } catch (error) {
    // Folders vanish and are locked while a walk goes on; only the one asked for has to be there.
    if (isStart || systemCode(error) === undefined) throw error;
    report.unreadableFolders += 1;
    return [];
  }
}

function toEntry(folder: Located, entry: Dirent): Entry {
  return {
    absolute: join(folder.absolute, entry.name),
    relative: folder.relative === "." ? entry.name : `${folder.relative}/${entry.name}`,
    isFolder: entry.isDirectory(),
    isLink: entry.isSymbolicLink(),
  };
}

// The slash belongs to the order: `a.ts` comes before `a/b.ts`.
function byPath(one: Entry, other: Entry): number {
  const [left, right] = [pathOf(one), pathOf(other)];
  return left < right ? -1 : Number(left > right);
}

function pathOf(entry: Entry): string {
  return entry.isFolder ? `${entry.relative}/` : entry.relative;
}

function choose(entries: readonly Entry[], rules: IgnoreRules | undefined, options: WalkOptions): readonly Entry[] {
  const base = options.folder.relative === "." ? 0 : options.folder.relative.length + 1;
  const isChosen = (entry: Entry): boolean => {
    const name = entry.relative.slice(entry.relative.lastIndexOf("/") + 1);
    if (SKIPPED.has(name) || rules?.hides(pathOf(entry))) return false;
    return entry.isFolder || options.accept(entry.relative.slice(base));
  };
  const chosen: Entry[] = [];
  for (let start = 0; start < entries.length; start += MATCH_BATCH) {
    const batch = entries.slice(start, start + MATCH_BATCH);
    chosen.push(...runBounded(options.pattern, () => batch.filter(isChosen)));
  }
  return chosen;
}

/** What the model has to know about a walk that did not see everything. */
export function walkNotices(report: WalkReport): readonly string[] {
  const notices: string[] = [];
  if (report.unreadableFolders > 0) notices.push(`[Folders that could not be read: ${report.unreadableFolders}.]`);
  if (report.stoppedAtBound) {
    notices.push(`[Stopped after ${MAX_ENTRIES} files and folders. Give a path to a smaller folder to see the rest.]`);
  }
  return notices;
}
