/**
 * Raising events that nobody handles, in batches as large as one network read brings: CPU of each, after a warm-up.
 */
import { cpuTime } from "../cpu-time.mjs";

const BATCH = 50;

/** Resolves with `{ cpuUs, count }`: CPU of `count` events. */
export async function run(open, { count }) {
  const raise = await open("");
  await raiseAll(raise, count / 10);
  const { cpuUs, result } = await cpuTime(() => raiseAll(raise, count));
  return { cpuUs, count: result };
}

// What was raised is stored between the batches, as it is between two reads of a socket.
async function raiseAll(raise, count) {
  let gone = 0;
  for (let left = count; left > 0; left -= BATCH) {
    gone += raise(BATCH);
    await Promise.resolve();
  }
  return gone;
}
