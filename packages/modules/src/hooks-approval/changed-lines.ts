/**
 * Owns the small picture of an edit: the lines that differ, old ones behind `-`, new ones behind `+`. Equal lines at both
 * ends are left out; long pictures and long lines are cut and say so.
 */
import { cutText } from "../cut-text.ts";
import { printableLine } from "./printable.ts";

const MAX_LINES = 20;
const MAX_CHARACTERS = 200;

/** The picture, one or more lines, ready to be shown. */
export function changedLines(oldText: string, newText: string): string {
  const before = oldText.split("\n");
  const after = newText.split("\n");
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const removed = before.slice(start, before.length - end);
  const added = newText === "" ? [] : after.slice(start, after.length - end);
  return [...signed("-", removed), ...signed("+", added)].join("\n");
}

function signed(sign: string, lines: readonly string[]): readonly string[] {
  const shown = lines.slice(0, MAX_LINES).map((line) => `  ${sign} ${shorten(line)}`);
  const rest = lines.length - shown.length;
  return rest > 0 ? [...shown, `  ${sign} [${rest} more lines]`] : shown;
}

function shorten(line: string): string {
  const start = cutText(line, MAX_CHARACTERS);
  const rest = line.length - start.length;
  return rest > 0 ? `${printableLine(start)} [${rest} more characters]` : printableLine(start);
}
