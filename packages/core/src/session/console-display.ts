/**
 * Owns where messages for people go when nobody said otherwise: warnings and errors to the console, the rest nowhere.
 */
import type { DisplaySystem } from "../ports/approval-system.ts";

/** The default `DisplaySystem` of the library. */
export const consoleDisplay: DisplaySystem = {
  showMessage(message, level, source) {
    // oxlint-disable-next-line no-console -- the library's last resort: a warning nobody could see would be swallowed
    if (level !== "info") console.warn(`[${source}] ${message}`);
  },
};
