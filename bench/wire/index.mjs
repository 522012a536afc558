/**
 * Owns the table of the wires the bench speaks.
 */
import * as anthropic from "./anthropic.mjs";
import * as gemini from "./gemini.mjs";
import * as openai from "./openai.mjs";
import * as responses from "./responses.mjs";

/** By name, as `--wire` takes it. The first two are those on which everything is measured. */
export const wires = { openai, anthropic, responses, gemini };

/** The wire whose path a request has; undefined for any other path. */
export function wireOf(url) {
  return Object.values(wires).find(({ path }) => url.endsWith(path));
}
