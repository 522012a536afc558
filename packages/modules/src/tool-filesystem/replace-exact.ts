/**
 * Owns the replacing of exact text, pure: how often it occurs, where, and, when it does not, the likeliest reason.
 * Text with bare line feeds also matches a file that ends its lines with CR LF; the file keeps its line ends.
 */
import { ToolFailure } from "./tool-failure.ts";

/** What to replace by what. */
export interface Edit {
  readonly oldText: string;
  readonly newText: string;
  readonly all: boolean;
}

/** The new text, and the line of each replaced occurrence in the old one, from 1. */
export interface Replaced {
  readonly text: string;
  readonly lines: readonly number[];
}

/** @throws ToolFailure when the text does not occur, or more than once without `all`; `name` is the file's. */
export function replaceExact(text: string, edit: Edit, name: string): Replaced {
  if (edit.oldText === "") throw new ToolFailure("old_string is empty. Give the text to replace, or use write_file.");
  if (edit.oldText === edit.newText)
    throw new ToolFailure("old_string and new_string are the same: nothing to change.");
  const { oldText, newText } = asInFile(text, edit);
  const places = placesOf(text, oldText);
  if (places.length === 0)
    throw new ToolFailure(`old_string does not occur in "${name}". ${whyNotFound(text, edit.oldText)}`);
  const lines = lineNumbers(text, places);
  if (places.length > 1 && !edit.all) {
    throw new ToolFailure(
      `old_string occurs ${places.length} times in "${name}" (lines ${lines.slice(0, 10).join(", ")}${lines.length > 10 ? ", ..." : ""}). ` +
        "Add neighbouring lines to make it unique, or set replace_all to true. Nothing was changed.",
    );
  }
  return { text: text.split(oldText).join(newText), lines };
}

function asInFile(text: string, edit: Edit): Edit {
  if (text.includes(edit.oldText) || !text.includes("\r\n")) return edit;
  const withReturns = (piece: string): string => piece.replace(/\r?\n/g, "\r\n");
  return { ...edit, oldText: withReturns(edit.oldText), newText: withReturns(edit.newText) };
}

// Counts as `split` does: occurrences do not overlap.
function placesOf(text: string, piece: string): readonly number[] {
  const places: number[] = [];
  for (let at = text.indexOf(piece); at !== -1; at = text.indexOf(piece, at + piece.length)) places.push(at);
  return places;
}

function lineNumbers(text: string, places: readonly number[]): readonly number[] {
  let line = 1;
  let from = 0;
  return places.map((place) => {
    for (let at = text.indexOf("\n", from); at !== -1 && at < place; at = text.indexOf("\n", at + 1)) line += 1;
    from = place;
    return line;
  });
}

function whyNotFound(text: string, wanted: string): string {
  if (/^ *\d+\t/.test(wanted)) return "It begins with a line number of read_file: leave the numbers and tabs out.";
  const line = lineIgnoringSpace(text, wanted);
  if (line !== undefined) return `Line ${line} differs from it only in white space: read it again and copy it exactly.`;
  return "Read the file again and copy the text exactly.";
}

function lineIgnoringSpace(text: string, wanted: string): number | undefined {
  const squeeze = (lines: string): readonly string[] =>
    lines.split("\n").map((line) => line.replace(/\s+/g, " ").trim());
  const needle = squeeze(wanted.trim());
  const haystack = squeeze(text);
  const index = haystack.findIndex((_, start) => needle.every((line, offset) => haystack[start + offset] === line));
  return index === -1 ? undefined : index + 1;
}
