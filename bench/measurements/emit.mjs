/**
 * What it costs to raise an event that nobody handles. A raw delta is what nearly all of them are; it is never stored.
 */
import { runClient } from "../run-client.mjs";
import { clientOf } from "./client-of.mjs";
import { requireSame } from "./require-text.mjs";

const COUNT = 2_000_000;

export const name = "emit";
export const title = "CPU of one event that nobody handles, with ten hooks on others";
export const unit = "ns";
export const contenders = ["guarded", "unguarded", "stored"];
/** No model is asked. */
export const hasWire = false;

/** One run of one contender. */
export async function sample({ contender, wire, run, server }) {
  const task = { scenario: "emit", ...clientOf(contender), wire, base: `${server.base}/${run}`, count: COUNT };
  const { cpuUs, count } = await runClient(task);
  requireSame(count, COUNT, `${run}: number of events`);
  return { "CPU per event": (cpuUs * 1000) / COUNT };
}
