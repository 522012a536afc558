/**
 * Owns a moment as a token. It is as short as tokens are: engines keep a long piece of a text as a reference to the whole,
 * and what is kept is what collecting garbage costs.
 */

/** A moment of the shared clock as a token: microseconds in base 36, and a space. */
export function stampOf(ns) {
  return `${Math.floor(ns / 1000).toString(36)} `;
}

/** Nanoseconds of a stamp without its space. */
export function nsOf(stamp) {
  return Number.parseInt(stamp, 36) * 1000;
}
