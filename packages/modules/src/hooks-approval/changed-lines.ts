/**
 * Owns the small picture of a change to a file: the lines that differ, old ones behind `-`, new ones behind `+`. Equal
 * lines at both ends are left out; long pictures lose their middle, long lines their end, and say so outside the gutter.
 */
import { cutText } from "../cut-text.ts";
import { printableLines } from "./printable.ts";

const HEAD_LINES = 14;
const TAIL_LINES = 6;
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

/** The picture of a whole file's text; empty for an empty one. */
export function contentLines(text: string): string {
  const lines = (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
  return text === "" ? "" : signed("+", lines).join("\n");
}

function signed(sign: string, lines: readonly string[]): readonly string[] {
  const shown = (line: string): string => shorten(line, `  ${sign} `);
  const hidden = lines.length - HEAD_LINES - TAIL_LINES;
  if (hidden <= 0) return lines.map(shown);
  const head = lines.slice(0, HEAD_LINES).map(shown);
  return [...head, `  [${hidden} lines not shown]`, ...lines.slice(-TAIL_LINES).map(shown)];
}

function shorten(line: string, gutter: string): string {
  const start = cutText(line, MAX_CHARACTERS);
  const rest = line.length - start.length;
  const shown = printableLines(start, gutter);
  return rest > 0 ? `${shown}\n  [${rest} characters not shown]` : shown;
}
