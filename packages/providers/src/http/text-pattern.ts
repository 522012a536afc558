/**
 * Owns a way past `JSON.parse` for payloads that are known up to one string: a pattern that matches only if parsing the
 * whole would find the same string in the same place. It does not know what a payload means, nor which forms there are.
 */

/** The inside of a JSON string, its escapes unread. Written so that a match never goes back. */
const STRING = String.raw`[^"\\\x00-\x1f]*(?:\\[^\x00-\x1f][^"\\\x00-\x1f]*)*`;

/** The inside of a JSON string without escapes, which could be wrong ones: as a source for `behind`. */
export const PLAIN_STRING = String.raw`[^"\\\x00-\x1f]*`;

/** The engine's matcher runs out of stack on a few million escapes, and only small payloads come by the thousand. */
const MAX_LENGTH = 64 * 1024;

/** A pattern of JSON with a string in it: `before` up to its opening quote, `behind` (a pattern's source) from its closing one. */
export function textPattern(before: string, behind: string): RegExp {
  return patternOf(literal(before), behind);
}

/** The same with a pattern's source on both sides. */
export function patternOf(before: string, behind: string): RegExp {
  return new RegExp(`^${before}(${STRING})${behind}$`);
}

/** The text that `payload` has where the pattern has its string; null when it does not match, and has to be parsed. */
export function matchText(pattern: RegExp, payload: string): string | null {
  if (payload.length > MAX_LENGTH) return null;
  const match = pattern.exec(payload);
  if (match === null) return null;
  const text = match[1] ?? "";
  return text.indexOf("\\") === -1 ? text : unescaped(text);
}

/** The source of a pattern that matches `text` to the letter. */
export function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}

function unescaped(text: string): string | null {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return null;
  }
}
