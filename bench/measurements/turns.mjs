/**
 * What 2,000 turns in one session, each with a tool, leave in memory. Nothing may grow with their number; the log that is
 * full drops its oldest events many at once, which moves the heap by a megabyte or two.
 */
import { runClient } from "../run-client.mjs";
import { clientOf } from "./client-of.mjs";
import { requireSame } from "./require-text.mjs";

const TURNS = 2_000;

export const name = "turns";
export const title = `Memory of ${TURNS.toLocaleString("en")} turns in one session, on one signal`;
export const unit = "MB";
export const contenders = ["loop"];
export const isLong = true;

/** One run of one contender. */
export async function sample({ contender, wire, run, server }) {
  const task = { scenario: "turns", ...clientOf(contender), wire, base: `${server.base}/${run}` };
  const { grownBytes, memory, collected, ...rest } = await runClient({ ...task, turns: TURNS });
  await server.take(run);
  requireSame(rest.told, TURNS, `${run}: number of answers`);
  requireSame(rest.listeners, 0, `${run}: number of listeners left on the signal`);
  requireSame(rest.warnings.join(), "", `${run}: warnings of the process`);
  return {
    rss: memory.rss / 1e6,
    "rss after gc": collected.rss / 1e6,
    heap: memory.heapUsed / 1e6,
    "heap after gc": collected.heapUsed / 1e6,
    "heap grows": grownBytes / 1e6,
  };
}
