/**
 * Owns making a model's text safe to show in a question: what a terminal would obey, hide or reorder is written out, so
 * that what the person reads is what will happen. Letters of every script stay as they are. Padding and long lines, with
 * which a text could draw lines of its own by the terminal's wrapping, are shown as such.
 */

// Controls, format characters (bidirectional overrides, zero widths, tags), lone surrogates, private use, line and
// paragraph separators, everything a font may draw as nothing, and spaces that are no plain space. Tabs are harmless.
const DECEIVING =
  /(?!\t)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Space_Separator}/gu;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\u001b": "\\e" };

// Blanks enough to push what follows to another place of the screen, or off it.
const PADDING = /[ \t]{9,}/g;

/** Columns of text in a row. Few terminals are narrower, so no part of a text comes to stand where a line begins. */
const MAX_COLUMNS = 60;
const TAB_COLUMNS = 8;

/** One line: line feeds are written out as well, and padding is shown as how much there is of it (`␣×40`). */
export function printableLine(text: string): string {
  return text
    .replace(DECEIVING, (character) => SHORT[character] ?? `\\u{${character.codePointAt(0)?.toString(16)}}`)
    .replace(PADDING, (run) => run.replace(/ +|\t+/g, (part) => `${part[0] === " " ? "␣" : "⇥"}×${part.length}`));
}

/**
 * Lines, each behind `gutter` (four characters), so that no line of the text can pass for one of the question's own. What
 * is too long goes on below, behind the gutter with `>` for its last character.
 */
export function printableLines(text: string, gutter: string): string {
  return text
    .split("\n")
    .flatMap((line) =>
      pieces(printableLine(line)).map((piece, index) => `${index === 0 ? gutter : onward(gutter)}${piece}`),
    )
    .join("\n");
}

/** Whether a printable line is shown in one piece. */
export function fitsOneLine(line: string): boolean {
  return pieces(line).length === 1;
}

function onward(gutter: string): string {
  return `${gutter.slice(0, -1)}>`;
}

function pieces(line: string): readonly string[] {
  const done: string[] = [];
  let piece = "";
  let columns = 0;
  for (const character of line) {
    const width = columnsOf(character);
    if (columns + width > MAX_COLUMNS) {
      done.push(piece);
      piece = "";
      columns = 0;
    }
    piece += character;
    columns += width;
  }
  return [...done, piece];
}

// Never too few: what is beyond ASCII may be wide, in some terminal.
function columnsOf(character: string): number {
  if (character === "\t") return TAB_COLUMNS;
  return character < "\u007f" ? 1 : 2;
}
