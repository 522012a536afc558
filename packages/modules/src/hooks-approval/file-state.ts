/**
 * Owns whether the file that would be written is there already, for the words of the question. A look and no promise: the
 * file tools confine and write on their own.
 */
import { lstatSync } from "node:fs";
import { resolve } from "node:path";
import type { FileState } from "./describe-call.ts";

/** Looks at a path, relative to the session's workspace; undefined when there is none, or it cannot be told. */
export function fileState(workspace: string | null, path: unknown): FileState {
  if (workspace === null || typeof path !== "string") return undefined;
  try {
    return lstatSync(resolve(workspace, path), { throwIfNoEntry: false }) === undefined ? "new" : "existing";
  } catch {
    // Not to be seen (no permission, a name no file can have): the question then says "Write".
    return undefined;
  }
}
