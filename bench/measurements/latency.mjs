/**
 * How long a token takes from the server's write to the consumer, with 200 answers at once and nothing held back. A machine
 * that is busy with other things moves the latencies far more than the CPU per token, which decides them.
 */
import { UNCOUNTED } from "../clients/scenarios/latency.mjs";
import { runClient } from "../run-client.mjs";
import { clientOf } from "./client-of.mjs";
import { requireSame } from "./require-text.mjs";

const STREAMS = 200;
const TOKENS = 175;
const MS = 10;

export const name = "latency";
export const title = `Latency of a token, ${STREAMS} live answers, a token each ${MS} ms`;
export const unit = "us";
export const contenders = ["fetch", "http", "loop unbuffered"];
export const isLong = true;

/** One run of one contender. */
export async function sample({ contender, wire, run, server }) {
  const task = { scenario: "latency", ...clientOf(contender), wire, base: `${server.base}/${run}` };
  const { tokens, p50Us, p99Us, cpuUs } = await runClient({ ...task, streams: STREAMS, tokens: TOKENS, ms: MS });
  await server.take(run);
  requireSame(tokens, STREAMS * (TOKENS - UNCOUNTED.first - UNCOUNTED.last), `${run}: number of tokens`);
  return { p50: p50Us, p99: p99Us, "CPU per token": cpuUs / (STREAMS * TOKENS) };
}
