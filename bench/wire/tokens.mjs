/**
 * Owns the text that the bench's model says: the same tokens for every contender, like those of a real answer in length,
 * and with what makes decoding harder now and then (escapes, characters beyond ASCII).
 * Invariant: `tokens(n)` depends on nothing but `n`.
 */
import { createHash } from "node:crypto";

const COMMON = [
  " the",
  " of",
  " a",
  " to",
  " is",
  " stream",
  " tokens",
  ",",
  ".",
  " and",
  " model",
  " that",
  " each",
  "ing",
];
const RARE = ["\n\n", " **bold**", ' "quoted"', " naïve", " 日本", " 🙂", "\n- ", " back\\slash", " —", " `code`"];

/** The first `count` tokens of the answer, lazily. */
export function* tokens(count) {
  let state = 42;
  for (let n = 0; n < count; n++) {
    // A linear congruential generator: random enough to defeat caches of equal payloads, and the same everywhere.
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const rare = state >>> 8 > 0xffffff * 0.95;
    const words = rare ? RARE : COMMON;
    yield words[(state >>> 4) % words.length];
  }
}

/** What a text is compared by. */
export function fingerprint(text) {
  return { length: text.length, sha256: createHash("sha256").update(text).digest("hex") };
}

/** The fingerprint of the whole answer of `count` tokens. */
export function expectedText(count) {
  return fingerprint([...tokens(count)].join(""));
}
