/**
 * Owns the table of the wires the bench speaks.
 */
import * as anthropic from "./anthropic.mjs";
import * as openai from "./openai.mjs";

/** By name, as `--wire` takes it. */
export const wires = { openai, anthropic };

/** The wire whose path a request has; undefined for any other path. */
export function wireOf(url) {
  return Object.values(wires).find(({ path }) => url.endsWith(path));
}
