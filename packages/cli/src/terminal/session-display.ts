/**
 * Owns showing the session's own messages to the person, on stderr. While the session is being made they are kept: if it
 * fails for want of a provider, the reasons are part of the one line that says so.
 */
import { isAmplifierError, type DisplaySystem, type MessageLevel } from "amplifier-core";
import { usageError } from "../usage-error.ts";
import type { Output } from "./output.ts";
import { oneLine } from "./printable.ts";

interface Kept {
  readonly message: string;
  readonly level: MessageLevel;
}

/** A `DisplaySystem` on the terminal. Keeps messages until `open`. */
export class SessionDisplay implements DisplaySystem {
  readonly #output: Output;
  #kept: Kept[] | null = [];

  constructor(output: Output) {
    this.#output = output;
  }

  showMessage(message: string, level: MessageLevel): void {
    if (this.#kept !== null) {
      this.#kept.push({ message, level });
      return;
    }
    const line = oneLine(message);
    if (level === "error") this.#output.error(line);
    else this.#output.note(level === "info" ? this.#output.style.dim(line) : line);
  }

  /** What to throw instead of `error`: "no provider" with why each was left out, which takes those messages over. */
  explain(error: unknown): unknown {
    if (!isAmplifierError(error, "no_provider") || this.#kept === null || this.#kept.length === 0) return error;
    const reasons = this.#kept.map(({ message }) => message).join(" ");
    this.#kept = [];
    return usageError(`No provider could be mounted. ${reasons}`, { cause: error });
  }

  /** Shows what was kept, and from now on everything at once. */
  open(): void {
    const kept = this.#kept ?? [];
    this.#kept = null;
    for (const { message, level } of kept) this.showMessage(message, level);
  }
}
