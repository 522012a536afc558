/**
 * What a process's memory grows by while its consumer does not read, and whether bytes still come in meanwhile.
 */
import { runClient } from "../run-client.mjs";
import { clientOf } from "./client-of.mjs";
import { requireText } from "./require-text.mjs";

/** About 30 MB: far above what the kernel holds for a connection on loopback. */
const TOKENS = 100_000;
const PAUSE_MS = 500;

export const name = "slow-consumer";
export const title = "A consumer that stops reading for half a second";
export const unit = "MB";
export const contenders = ["fetch", "loop"];
export const isLong = true;
/** Differences around zero have no ratio. */
export const hasRatios = false;

/** One run of one contender. */
export async function sample({ contender, wire, run, server }) {
  const task = { scenario: "slow-consumer", ...clientOf(contender), wire, base: `${server.base}/${run}` };
  const { grownBytes, pausedAtNs, readOnAtNs, text } = await runClient({ ...task, tokens: TOKENS, pauseMs: PAUSE_MS });
  const records = await server.take(run);
  requireText(text, TOKENS, run);
  const { sent } = records.at(-1);
  const half = (pausedAtNs + readOnAtNs) / 2;
  return {
    "memory grows": grownBytes / 1e6,
    "sent while paused": (sentBy(sent, readOnAtNs) - sentBy(sent, half)) / 1e6,
  };
}

function sentBy(samples, atNs) {
  return samples.findLast((sample) => sample.atNs <= atNs)?.bytes ?? 0;
}
