/**
 * Owns making a model's text safe to show in a question: what a terminal would obey, hide or reorder is written out, so
 * that what the person reads is what will happen. Letters of every script stay as they are.
 */

// Controls, format characters (bidirectional overrides, zero widths, tags), lone surrogates, private use, line and
// paragraph separators, everything a font may draw as nothing, and spaces that are no plain space. Tabs are harmless.
const DECEIVING =
  /(?!\t)[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Space_Separator}/gu;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\u001b": "\\e" };

/** One line: line feeds are written out as well. */
export function printableLine(text: string): string {
  return text.replace(DECEIVING, (character) => SHORT[character] ?? `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** Lines, each behind `gutter`, so that no line of the text can pass for one of the question's own. */
export function printableLines(text: string, gutter: string): string {
  return text
    .split("\n")
    .map((line) => `${gutter}${printableLine(line)}`)
    .join("\n");
}
