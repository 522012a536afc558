/**
 * From the client's abort to the end of its connection, as the server sees it.
 */
import { runClient } from "../run-client.mjs";
import { median } from "../statistics.mjs";
import { clientOf } from "./client-of.mjs";

const TIMES = 20;
const MS = 5;

export const name = "abort";
export const title = "Abort to socket closed";
export const unit = "us";
export const contenders = ["fetch", "loop"];

/** One run of one contender: the median of its aborts but the first, which warms up. */
export async function sample({ contender, wire, run, server }) {
  const task = { scenario: "abort", ...clientOf(contender), wire, base: `${server.base}/${run}` };
  const { abortedNs } = await runClient({ ...task, times: TIMES, ms: MS });
  const records = await server.take(run);
  const delaysUs = abortedNs.map((at, n) => (records[n].closedNs - at) / 1000);
  if (records.some(({ closedNs }) => closedNs === null)) throw new Error(`${run}: a socket was not closed.`);
  return { "until closed": median(delaysUs.slice(1)) };
}
