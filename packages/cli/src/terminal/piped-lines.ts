/**
 * Owns lines from an input that is no terminal: a file or a pipe. Nothing is echoed and nothing is prompted for.
 */
import { createInterface } from "node:readline";
import type { Input } from "../io.ts";
import type { LineInput } from "./line-input.ts";

/** The lines of `stdin`, read only as far as they are asked for. */
export function pipedLines(stdin: Input): LineInput {
  const reader = createInterface({ input: stdin, crlfDelay: Number.POSITIVE_INFINITY });
  const lines = reader[Symbol.asyncIterator]();
  return {
    nextLine: async () => {
      const next = await lines.next();
      return next.done === true ? null : next.value;
    },
    clearLine: () => false,
    showPrompt: () => undefined,
    close: () => reader.close(),
  };
}
