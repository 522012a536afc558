/**
 * Owns shortening text to a number of characters (UTF-16 units, as `length` counts).
 */

/** The first `max` characters, never half of a surrogate pair. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  const last = text.charCodeAt(max - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? max - 1 : max);
}
