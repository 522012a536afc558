/**
 * How long a token takes from the server's write to the consumer, with 200 answers at once and nothing held back.
 */
import { RAMP_TOKENS } from "../clients/scenarios/latency.mjs";
import { runClient } from "../run-client.mjs";
import { clientOf } from "./client-of.mjs";
import { requireSame } from "./require-text.mjs";

const STREAMS = 200;
const TOKENS = 150;
const MS = 10;

export const name = "latency";
export const title = `Latency of a token, ${STREAMS} live answers, a token each ${MS} ms`;
export const unit = "us";
export const contenders = ["fetch", "http", "loop unbuffered"];
export const isLong = true;

/** One run of one contender. */
export async function sample({ contender, wire, run, server }) {
  const task = { scenario: "latency", ...clientOf(contender), wire, base: `${server.base}/${run}` };
  const { tokens, p50Us, p99Us } = await runClient({ ...task, streams: STREAMS, tokens: TOKENS, ms: MS });
  await server.take(run);
  requireSame(tokens, STREAMS * (TOKENS - RAMP_TOKENS), `${run}: number of tokens`);
  return { p50: p50Us, p99: p99Us };
}
