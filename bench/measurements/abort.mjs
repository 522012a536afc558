/**
 * From the client's abort to the end of its connection, here and as the server sees it.
 */
import { runClient } from "../run-client.mjs";
import { median } from "../statistics.mjs";
import { clientOf } from "./client-of.mjs";

const TIMES = 15;
const MS = 5;

export const name = "abort";
export const title = "Abort to socket closed";
export const unit = "us";
export const contenders = ["fetch", "loop"];
export const isLong = true;

/** One run of one contender: the median of its aborts but the first, which warms up. */
export async function sample({ contender, wire, run, server }) {
  const task = { scenario: "abort", ...clientOf(contender), wire, base: `${server.base}/${run}` };
  const { aborts } = await runClient({ ...task, times: TIMES, ms: MS });
  const records = await server.take(run);
  if (records.some(({ closedNs }) => closedNs === null)) throw new Error(`${run}: a socket was not closed.`);
  const delaysUs = (stampOf) => aborts.map((abort, n) => (stampOf(abort, n) - abort.abortedNs) / 1000).slice(1);
  return {
    "socket given up": median(delaysUs(({ destroyedNs }) => destroyedNs)),
    "server sees it": median(delaysUs((_, n) => records[n].closedNs)),
  };
}
