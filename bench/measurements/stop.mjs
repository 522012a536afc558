/**
 * From stopping a turn to its end, while a tool runs that ignores its abort signal. The loop waits 30 ms for such a tool
 * before it detaches it; what is above that is the loop's own time.
 */
import { runClient } from "../run-client.mjs";
import { clientOf } from "./client-of.mjs";

export const name = "stop";
export const title = "Stop to settled, while a tool ignores its abort signal";
export const unit = "ms";
export const contenders = ["loop"];

/** One run of one contender. */
export async function sample({ contender, wire, run, server }) {
  const task = { scenario: "stop", ...clientOf(contender), wire, base: `${server.base}/${run}` };
  const { settledMs, kept } = await runClient(task);
  await server.take(run);
  if (!kept) throw new Error(`${run}: the call and its result are not in the conversation.`);
  return { "until settled": settledMs };
}
