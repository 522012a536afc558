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
