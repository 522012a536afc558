/**
 * Owns finding the lines that match in many texts, under a time limit, and what of a line is shown. Works in slices of
 * bounded size: a time limit costs too much for each small file, and a large one must not hold back a stream of tokens.
 */
import { setImmediate } from "node:timers/promises";
import { cutText } from "../cut-text.ts";
import { runBounded } from "./run-bounded.ts";

const SLICE_CHARACTERS = 256 * 1024;
const MAX_SHOWN_CHARACTERS = 300;
const CONTEXT_CHARACTERS = 80;

/** A text to search. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** A line that matches; `text` is cut around the match when the line is long. */
export interface LineMatch {
  readonly name: string;
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

interface Slice extends NamedText {
  /** The number of its first line. */
  readonly first: number;
}

/**
 * Yields matching lines, in the order of texts and lines.
 * @throws ToolFailure when the pattern takes too long; the signal's reason.
 */
export async function* matchLines(
  texts: AsyncIterable<NamedText>,
  pattern: RegExp,
  signal: AbortSignal,
): AsyncGenerator<LineMatch> {
  let batch: Slice[] = [];
  let size = 0;
  for await (const slice of slicesOf(texts)) {
    batch.push(slice);
    size += slice.text.length;
    if (size < SLICE_CHARACTERS) continue;
    yield* matchBatch(batch, pattern);
    batch = [];
    size = 0;
    await setImmediate();
    signal.throwIfAborted();
  }
  yield* matchBatch(batch, pattern);
}

async function* slicesOf(texts: AsyncIterable<NamedText>): AsyncGenerator<Slice> {
  for await (const { name, text } of texts) {
    let first = 1;
    for (let start = 0; start < text.length;) {
      const end = endOfSlice(text, start);
      const slice = { name, text: text.slice(start, end), first };
      yield slice;
      first += linesOf(slice.text).length;
      start = end;
    }
  }
}

function endOfSlice(text: string, start: number): number {
  if (start + SLICE_CHARACTERS >= text.length) return text.length;
  const feed = text.indexOf("\n", start + SLICE_CHARACTERS);
  return feed === -1 ? text.length : feed + 1;
}

function linesOf(text: string): readonly string[] {
  const lines = text.split("\n");
  // Text ends behind a line feed: what is left behind the last one is no line.
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

function matchBatch(batch: readonly Slice[], pattern: RegExp): readonly LineMatch[] {
  if (batch.length === 0) return [];
  return runBounded(pattern.source, () =>
    batch.flatMap(({ name, text, first }) =>
      linesOf(text).flatMap((rawLine, index) => {
        const line = rawLine.endsWith("\r") ? rawLine.slice(0, -1) : rawLine;
        const at = line.search(pattern);
        return at === -1 ? [] : [{ name, line: first + index, text: shown(line, at) }];
      }),
    ),
  );
}

function shown(line: string, at: number): string {
  if (line.length <= MAX_SHOWN_CHARACTERS) return line;
  const start = Math.max(0, at - CONTEXT_CHARACTERS);
  const piece = cutText(line.slice(start), MAX_SHOWN_CHARACTERS);
  return `${start > 0 ? "…" : ""}${piece}${start + piece.length < line.length ? "…" : ""}`;
}
