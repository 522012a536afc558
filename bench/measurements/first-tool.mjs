/**
 * When a tool starts whose call comes at the beginning of a long answer, as a share of the answer's time.
 */
import { runClient } from "../run-client.mjs";
import { clientOf } from "./client-of.mjs";

const TOKENS = 150;
const MS = 5;

export const name = "first-tool";
export const title = `First tool start, its call followed by ${TOKENS} live tokens`;
export const unit = "% of the answer's time";
export const contenders = ["fetch", "loop"];
export const isLong = true;

/** One run of one contender. */
export async function sample({ contender, wire, run, server }) {
  const task = { scenario: "first-tool", ...clientOf(contender), wire, base: `${server.base}/${run}` };
  const { toolAtNs } = await runClient({ ...task, tokens: TOKENS, ms: MS });
  const [{ startedNs, endedNs }] = await server.take(run);
  return { "tool starts at": (100 * (toolAtNs - startedNs)) / (endedNs - startedNs) };
}
