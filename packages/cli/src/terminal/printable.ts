/**
 * Owns making foreign text safe to print: what a model, a tool or a server says must not move the cursor, change the
 * title or hide part of a question. Only text bound for a terminal passes through here; pipes get it as it is.
 */

/** Control characters but tab and line feed. */
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Characters that reorder what is shown, so that a command could read other than it runs. */
const REORDERING = /[\u202a-\u202e\u2066-\u2069]/g;

/** Text for the terminal: a carriage return is dropped, any other control character becomes visible (`\x1b`). */
export function printable(text: string): string {
  return text.replaceAll(CONTROLS, (character) => (character === "\r" ? "" : escaped(character)));
}

/** As `printable`, and characters that reorder the line are made visible too: for what a person decides upon. */
export function unambiguous(text: string): string {
  return printable(text).replaceAll(REORDERING, escaped);
}

/** As `unambiguous`, on one line, with runs of white space as one blank, cut to `maxLength` characters with an ellipsis. */
export function oneLine(text: string, maxLength = 2000): string {
  const line = unambiguous(text.replaceAll(/\s+/g, " ").trim());
  if (line.length <= maxLength) return line;
  // Never half of a surrogate pair.
  return `${line.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

function escaped(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16)}`;
}
