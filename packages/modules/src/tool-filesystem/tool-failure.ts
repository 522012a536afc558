/**
 * Owns how a file tool fails: what went wrong and what to do, as a sentence for the model. Expected failures (a missing
 * file, a path outside the workspace) become failed results here; anything else is a defect and is thrown on.
 */
import type { ToolResult } from "amplifier-core";

/** An expected failure; its message is what the model reads. */
export class ToolFailure extends Error {
  override readonly name = "ToolFailure";
}

const SENTENCES: Readonly<Record<string, string>> = {
  ENOENT: "does not exist. Use glob to find the right path.",
  ENOTDIR: "cannot be reached: a part of the path is a file, not a folder.",
  EISDIR: "is a folder, not a file. Use glob to list what is in it.",
  EACCES: "cannot be accessed: permission denied.",
  EPERM: "cannot be accessed: the operation is not permitted.",
  ELOOP: "cannot be reached: its symbolic links form a loop, or it was replaced by one just now.",
  ENAMETOOLONG: "is too long a name for the file system.",
  ENOSPC: "cannot be written: the disk is full.",
  EROFS: "cannot be written: the file system is read-only.",
  EMFILE: "cannot be opened: too many files are open. Try again.",
};

/**
 * Runs `work` and answers with its text, or with a failed result that names `path`.
 * @throws whatever is no expected failure, and the signal's reason when the call was aborted.
 */
export async function answer(path: string, work: () => Promise<string>): Promise<ToolResult> {
  try {
    return { success: true, output: await work() };
  } catch (error) {
    const message = error instanceof ToolFailure ? error.message : systemFailure(path, error);
    if (message === undefined) throw error;
    return { success: false, error: { message } };
  }
}

function systemFailure(path: string, error: unknown): string | undefined {
  const sentence = SENTENCES[systemCode(error) ?? ""];
  return sentence === undefined ? undefined : `"${path}" ${sentence}`;
}

/** The code of a system error (`ENOENT` ...), or undefined. */
export function systemCode(error: unknown): string | undefined {
  // No `instanceof`: the timeout of `vm` throws an error of the other context.
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
