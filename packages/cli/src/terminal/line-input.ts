/**
 * Owns where the lines of a chat come from. `null` is the end of the input.
 */

/** One line after the other. */
export interface LineInput {
  /** Asks for the next line; resolves with it, or with null when there will be none. One call at a time. */
  nextLine(): Promise<string | null>;
  /** Clears what has been typed of the current line. True when there was something. */
  clearLine(): boolean;
  /** Shows the prompt again, below what was printed meanwhile. */
  showPrompt(): void;
  close(): void;
}
