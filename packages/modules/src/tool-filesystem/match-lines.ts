/**
 * Owns finding the lines of a text that match, under a time limit, and what of a line is shown. Gives the event loop a
 * turn between slices, so that a large file does not hold back a stream of tokens.
 */
import { setImmediate } from "node:timers/promises";
import { runBounded } from "./run-bounded.ts";
import { cutText } from "../cut-text.ts";

const SLICE_CHARACTERS = 256 * 1024;
const MAX_SHOWN_CHARACTERS = 300;
const CONTEXT_CHARACTERS = 80;

/** A line that matches; `text` is cut around the match when the line is long. */
export interface LineMatch {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

/**
 * Yields matching lines, from the first on.
 * @throws ToolFailure when the pattern takes too long; the signal's reason.
 */
export async function* matchLines(text: string, pattern: RegExp, signal: AbortSignal): AsyncGenerator<LineMatch> {
  let number = 1;
  for (let start = 0; start < text.length;) {
    signal.throwIfAborted();
    const end = endOfSlice(text, start);
    const lines = text.slice(start, end).split("\n");
    // The slice ends behind a line feed, or the text does: what is left behind the last one is no line.
    if (lines.at(-1) === "") lines.pop();
    const first = number;
    yield* runBounded(pattern.source, () => lines.flatMap((line, index) => toMatch(line, first + index, pattern)));
    number += lines.length;
    start = end;
    if (start < text.length) await setImmediate();
  }
}

function endOfSlice(text: string, start: number): number {
  if (start + SLICE_CHARACTERS >= text.length) return text.length;
  const feed = text.indexOf("\n", start + SLICE_CHARACTERS);
  return feed === -1 ? text.length : feed + 1;
}

function toMatch(rawLine: string, number: number, pattern: RegExp): readonly LineMatch[] {
  const line = rawLine.endsWith("\r") ? rawLine.slice(0, -1) : rawLine;
  const at = line.search(pattern);
  return at === -1 ? [] : [{ line: number, text: shown(line, at) }];
}

function shown(line: string, at: number): string {
  if (line.length <= MAX_SHOWN_CHARACTERS) return line;
  const start = Math.max(0, at - CONTEXT_CHARACTERS);
  const piece = cutText(line.slice(start), MAX_SHOWN_CHARACTERS);
  return `${start > 0 ? "…" : ""}${piece}${start + piece.length < line.length ? "…" : ""}`;
}
