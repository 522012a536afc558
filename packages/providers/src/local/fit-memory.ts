/**
 * Owns whether a model fits into this machine's free memory, and how large a context does. Decides before memory is taken:
 * a machine that runs out ends a process without a word. Pure.
 */
import { modelUnusable } from "./install-step.ts";

/** Contexts below this hold no conversation. Tokens. */
const SMALLEST_CONTEXT = 1024;

/** Sizes in bytes, contexts in tokens. */
export interface ContextNeed {
  /** What the config says, or the default. */
  readonly wanted: number;
  /** The config says it: then it is that or nothing. */
  readonly fixed: boolean;
  /** The longest the model was trained with. */
  readonly trained: number;
  readonly available: number;
  readonly bytesFor: (contextSize: number) => number;
}

/** @throws AmplifierError `engine_failed` when the file is larger than the free memory; `bytes` is its size. */
export function checkModelFits(file: string, { bytes, available }: { bytes: number; available: number }): void {
  if (bytes <= available) return;
  throw modelUnusable(
    `${file} needs ${gigabytes(bytes)} of memory, and ${gigabytes(available)} are free. Close other programs, or use a smaller model or quantisation.`,
  );
}

/**
 * The size of the context: what is wanted, at most what the model was trained with; where memory is short and the config
 * does not insist, half of it, and so on.
 * @throws AmplifierError `engine_failed` when none fits
 */
export function contextSizeThatFits({ wanted, fixed, trained, available, bytesFor }: ContextNeed): number {
  const largest = Math.min(wanted, trained);
  for (let size = largest; ; size = Math.floor(size / 2)) {
    const bytes = bytesFor(size);
    if (bytes <= available) return size;
    if (!fixed && size / 2 >= SMALLEST_CONTEXT) continue;
    const advice = fixed ? "Lower context_size, close other programs" : "Close other programs";
    throw modelUnusable(
      `A context of ${size} tokens needs ${gigabytes(bytes)} of memory, and ${gigabytes(available)} are free. ${advice}, or use a smaller model.`,
    );
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
