/**
 * Owns what the two installers share: what they are told, and the errors that say what failed and what to do instead.
 */
import { AmplifierError } from "amplifier-core";
import type { Environment } from "./cache-folder.ts";

/** Told to an installer. `onProgress` gets bytes so far, growing; an abort stops within moments and leaves nothing. */
export interface InstallOptions {
  readonly env: Environment;
  readonly signal: AbortSignal;
  readonly onProgress: (received: number) => void;
}

/** What to do when the local model cannot be had. */
export const OTHER_WAYS = "Set ANTHROPIC_API_KEY or OPENAI_API_KEY, start Ollama, or use --provider demo.";

/** The error of a step of the engine: `install` or `load`. The reason is one line. */
export function engineFailed(step: string, reason: string, cause?: unknown): AmplifierError {
  return new AmplifierError(
    "engine_failed",
    `The engine of the local model failed to ${step}: ${reason}. ${OTHER_WAYS}`,
    {
      data: { step },
      cause,
    },
  );
}

/** The error of a download that did not come whole. */
export function downloadFailed(url: string, reason: string, cause?: unknown): AmplifierError {
  const message = `The local model could not be fetched from ${url}: ${reason}. ${OTHER_WAYS}`;
  return new AmplifierError("download_failed", message, { data: { url }, cause });
}

/** The error of bytes that are not the file they should be. `actual` is its checksum, or what else is wrong with it. */
export function checksumMismatch(file: string, expected: string, actual: string): AmplifierError {
  return new AmplifierError(
    "checksum_mismatch",
    `What came for ${file} is another file: its SHA-256 is ${actual}, expected ${expected}. It was removed. Try again, or name another source.`,
    { data: { file, expected, actual } },
  );
}

/** The error of a model that is not there or cannot be used: `problem` says what is wrong and what to do. */
export function modelUnusable(problem: string, cause?: unknown): AmplifierError {
  return new AmplifierError("engine_failed", problem, { data: { step: "load" }, cause });
}

/** One line on why something failed: the innermost cause says most (`fetch failed` says nothing). */
export function reasonOf(error: unknown): string {
  let inner = error;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (!(inner instanceof Error)) return String(inner);
  const { code } = inner as { code?: unknown };
  if (code === "ENOSPC") return "the disk is full";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "the network cannot be reached";
  return (inner.message || String(code)).split("\n", 1)[0] ?? "unknown";
}
