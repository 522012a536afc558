/**
 * Owns breaking text into lines that fit the terminal, so that the terminal never wraps one itself: a wrapped line begins
 * at the left edge, where a foreign text could pass for a line of ours. What goes on below stands behind a gutter.
 */

const TAB_COLUMNS = 8;
/** In a terminal narrower than this nothing can be shown well; it wraps then. */
const MIN_COLUMNS = 16;
/** The gutters of the approval module's questions (`  | `, `  - `, `  + `, and `  |>` for what goes on). */
const GUTTER = /^ {2}[|+-][ >]/;
const FOREIGN_GUTTER = "  | ";

/**
 * The lines of a foreign text for a terminal of `columns`. All but the first stand behind a gutter of four columns, what
 * is broken off goes on behind the same one with `>` at its end. Tabs become blanks, since their width is the terminal's.
 */
export function screenLines(text: string, columns: number): string {
  return text
    .split("\n")
    .flatMap((line, index) => {
      const behind = index === 0 || line.startsWith("  ") ? line : `${FOREIGN_GUTTER}${line}`;
      return broken(behind.replaceAll("\t", " ".repeat(TAB_COLUMNS)), Math.max(MIN_COLUMNS, columns) - 1);
    })
    .join("\n");
}

/** The beginning of a line that fits into `columns`, with an ellipsis where it was cut. */
export function cutToColumns(line: string, columns: number): string {
  const [start = "", ...rest] = broken(line, columns);
  return rest.length === 0 ? start : `${broken(line, columns - columnsOf("…"))[0] ?? ""}…`;
}

function broken(line: string, columns: number): readonly string[] {
  const onward = `${(GUTTER.exec(line)?.[0] ?? FOREIGN_GUTTER).slice(0, -1)}>`;
  const lines: string[] = [];
  let piece = "";
  let used = 0;
  for (const character of line) {
    const width = columnsOf(character);
    if (used + width > columns) {
      lines.push(piece);
      piece = onward;
      used = onward.length;
    }
    piece += character;
    used += width;
  }
  return [...lines, piece];
}

// Never too few: what is beyond ASCII may be wide, in some terminal.
function columnsOf(character: string): number {
  return character < "\u007f" ? 1 : 2;
}
