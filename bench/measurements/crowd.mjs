/**
 * A token's latency and CPU with few and with many answers at once, all at the same pace. 200 of them are 40,000 tokens a
 * second: more than plain fetch can take on two cores, and then latencies are queues. Hence no budget here: `live` and
 * `latency` have them, where the machine keeps up.
 */
import { UNCOUNTED } from "../clients/scenarios/latency.mjs";
import { runClient } from "../run-client.mjs";
import { clientOf } from "./client-of.mjs";
import { requireSame } from "./require-text.mjs";

const CROWDS = [20, 200];
const TOKENS = 500;
const MS = 5;

export const name = "crowd";
export const title = `Latency and CPU of a token, ${CROWDS.join(" and ")} live answers of ${TOKENS} tokens, one each ${MS} ms`;
export const unit = "us";
export const contenders = ["fetch", "http", "loop unbuffered"];
export const isLong = true;

/** One run of one contender. */
export async function sample({ contender, wire, run, server }) {
  const task = { scenario: "latency", ...clientOf(contender), wire, base: `${server.base}/${run}` };
  const metrics = {};
  for (const streams of CROWDS) {
    const { tokens, p99Us, cpuUs } = await runClient({ ...task, streams, tokens: TOKENS, ms: MS });
    await server.take(run);
    requireSame(tokens, streams * (TOKENS - UNCOUNTED.first - UNCOUNTED.last), `${run}: number of tokens`);
    metrics[`p99 of ${streams}`] = p99Us;
    metrics[`CPU of ${streams}`] = cpuUs / (streams * TOKENS);
  }
  return metrics;
}
