/**
 * Owns what no text that comes from outside may carry into a conversation: characters that break APIs and terminals.
 */

/** The text without control characters (tab, line feed and carriage return stay) and without halves of characters. */
export function sanitizeText(text: string): string {
  return text.replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]|\p{Surrogate}/gu, "");
}
