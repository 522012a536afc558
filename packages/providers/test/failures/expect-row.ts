/**
 * Owns the table of failures of `docs/providers.md` as an expectation: what an error must be, and what its message must say.
 */
import { readFileSync } from "node:fs";
import { isLLMError, type LLMError } from "amplifier-core";
import { expect } from "vitest";
import { KEY } from "./apis.ts";

/** The whole document. */
export const document = readFileSync(new URL("../../../../docs/providers.md", import.meta.url), "utf8");

/** One row: what happens, the error's name, whether it may be tried again, the words of the message. */
interface Row {
  readonly name: string;
  readonly error: string;
  readonly retryable: boolean;
  readonly words: RegExp;
}

const rows: readonly Row[] = [
  ...document.matchAll(/^\| ([a-z][\w ]+) \| `(\w+)` \| (yes|no) \| "(.+)"[^"]* \|$/gim),
].map(([, name = "", error = "", again, words = ""]) => ({
  name,
  error,
  retryable: again === "yes",
  words: patternOf(words),
}));

/** The names of all rows, in order. */
export const rowNames: readonly string[] = rows.map(({ name }) => name);

/** The words as they are; `...` stands for names that differ. */
function patternOf(words: string): RegExp {
  const parts = words.split(/\s*\.\.\.\s*/);
  return new RegExp(parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("[^]*"));
}

/** Expects `error` to be what the row says, readable, and without a key or a password. */
export function expectRow(error: unknown, name: string): void {
  const row = rows.find((each) => each.name === name);
  if (row === undefined) throw new Error(`docs/providers.md has no row "${name}"`);
  expect(isLLMError(error)).toBe(true);
  const { message, stack, cause } = error as LLMError;
  expect(error).toMatchObject({ name: row.error, retryable: row.retryable });
  expect(message).toMatch(row.words);
  expect(message).not.toMatch(/\n|undefined|\[object/);
  const told = [message, stack, String(cause), (cause as Error | undefined)?.stack].join("\n");
  expect(told).not.toMatch(new RegExp(`${KEY}|p@ss|p%40ss|token=`));
}
