/**
 * Owns showing the session's own messages to the person, on stderr. While the session is being made they are kept: if it
 * fails, its error says it all in one line, and they are never shown.
 */
import { UNGUARDED, type DisplaySystem, type MessageLevel } from "amplifier-core";
import type { Output } from "./output.ts";
import { oneLine } from "./printable.ts";

interface Kept {
  readonly message: string;
  readonly level: MessageLevel;
}

/** A `DisplaySystem` on the terminal. Keeps messages until `open`. */
export class SessionDisplay implements DisplaySystem {
  readonly #output: Output;
  readonly #yes: boolean;
  #kept: Kept[] | null = [];

  /** With `yes` the person has decided not to be asked, and is not told so again. */
  constructor(output: Output, { yes }: { readonly yes: boolean }) {
    this.#output = output;
    this.#yes = yes;
  }

  showMessage(message: string, level: MessageLevel, source: string): void {
    if (this.#yes && source === UNGUARDED) return;
    if (this.#kept === null) this.#show(message, level);
    else this.#kept.push({ message, level });
  }

  /** Shows what was kept, and from now on everything at once. */
  open(): void {
    const kept = this.#kept ?? [];
    this.#kept = null;
    for (const { message, level } of kept) this.#show(message, level);
  }

  #show(message: string, level: MessageLevel): void {
    const line = oneLine(message);
    if (level === "error") this.#output.error(line);
    else this.#output.note(level === "info" ? this.#output.style.dim(line) : line);
  }
}
