/**
 * Owns the one thing the bench fails for: a contender that did not deliver the whole, right text.
 */
import { expectedText } from "../wire/tokens.mjs";

const expected = new Map();

/** Throws unless `text` is the fingerprint of the answer of `tokens` tokens. */
export function requireText(text, tokens, run) {
  if (!expected.has(tokens)) expected.set(tokens, expectedText(tokens));
  const wanted = expected.get(tokens);
  requireSame(text.length, wanted.length, `${run}: length of the text`);
  requireSame(text.sha256, wanted.sha256, `${run}: hash of the text`);
}

/** Throws unless both are the same. */
export function requireSame(got, wanted, what) {
  if (got !== wanted) throw new WrongTextError(`${what} is ${got}, not ${wanted}.`);
}

/** A contender delivered something else than the server sent. */
export class WrongTextError extends Error {
  name = "WrongTextError";
}
