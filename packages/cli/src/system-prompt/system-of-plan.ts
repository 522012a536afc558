/**
 * Owns which system prompt a plan gets: `--system`, else the plan's own, else the default one with the repository's
 * context files. `@FILE` in either place means the text of that file.
 */
import { release } from "node:os";
import { resolve } from "node:path";
import type { App } from "../app.ts";
import { toolNames } from "../plan/complete-plan.ts";
import { sessionOf, type RawPlan } from "../plan/plan-file.ts";
import { NotRegularFile, readRegularFile } from "../read-regular-file.ts";
import { usageError } from "../usage-error.ts";
import { oneLine } from "../terminal/printable.ts";
import { readContextFiles } from "./read-context-files.ts";
import { systemPrompt } from "./system-prompt.ts";

/** Where things are, absolute. */
export interface Places {
  readonly workspace: string;
  /** The folder of the plan's file; the workspace when there is none. */
  readonly planFolder: string;
}

/**
 * The text the person wrote for the system prompt, on the command line or in the plan; undefined when there is none. What
 * is no string is left for the library to refuse. @throws AmplifierError `usage` for a file that cannot be read
 */
export async function ownSystemPrompt(app: App, plan: RawPlan, places: Places): Promise<string | undefined> {
  const { system } = app.args;
  if (system !== undefined) return textOrFile(system, { folder: places.workspace, place: "--system" });
  const planned = sessionOf(plan)["system"];
  if (typeof planned !== "string") return undefined;
  return textOrFile(planned, { folder: places.planFolder, place: "session.system" });
}

/** The default prompt. Each context file that goes into it is named on stderr. */
export async function defaultSystemPrompt(app: App, plan: RawPlan, { workspace }: Places): Promise<string> {
  const skipped = (path: string, target: string): void =>
    app.output.note(oneLine(`Context: ${path} is not read: it leads out of the repository, to ${target}`));
  const contextFiles = app.args.contextFiles ? await readContextFiles(workspace, { skipped }) : [];
  for (const { path, bytes, cut } of contextFiles) {
    const size = cut ? `${String(bytes)} bytes, only the first 65536 of them` : `${String(bytes)} bytes`;
    app.output.note(app.output.style.dim(oneLine(`Context: ${path} (${size})`)));
  }
  const platform = `${app.io.platform} ${release()}`;
  return systemPrompt({ workspace, platform, date: dayOf(app.io.clock.now()), tools: toolNames(plan), contextFiles });
}

async function textOrFile(
  value: string,
  { folder, place }: { readonly folder: string; readonly place: string },
): Promise<string> {
  if (!value.startsWith("@")) return value;
  const name = value.slice(1);
  try {
    return (await readRegularFile(resolve(folder, name))).text;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const missing = code === "ENOENT" ? "there is no such file" : message;
    const reason = error instanceof NotRegularFile ? `this is ${error.what}` : missing;
    throw usageError(`${place}: cannot read ${name}: ${reason}. Give a text, or @ and the name of a text file.`, {
      value,
      cause: error,
    });
  }
}

// The person's day, not Greenwich's.
function dayOf(now: number): string {
  const date = new Date(now);
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${String(date.getFullYear())}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}
