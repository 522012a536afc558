/**
 * Turn after turn in one session, each with a tool, all on one signal: what the process holds before and after. As in a long
 * conversation that is compacted, the conversation is emptied after each turn. Needs `--expose-gc`.
 */
import { getEventListeners } from "node:events";
import { Sink } from "../sink.mjs";

/** Turns before the first look: what is made once (compiled code, connections) is there by then, and the log is full. */
const WARM_UP = 1_000;

/**
 * Resolves with `{ grownBytes, memory, collected, told, listeners, warnings }`: what the heap grew by in `turns` turns,
 * memory behind them, before and after a collection, and how many of them brought their answer.
 */
export async function run(open, { turns }) {
  const warnings = [];
  process.on("warning", ({ name }) => warnings.push(name));
  const caller = new AbortController();
  const read = await open("tool");
  const context = read.session.coordinator.get("context");
  let told = 0;
  const runTurns = async (count) => {
    for (let n = 0; n < count; n++) {
      const sink = new Sink();
      await read(sink, caller.signal);
      if (sink.said === "Done.") told++;
      await context.clear();
    }
  };
  await runTurns(WARM_UP);
  told = 0;
  const before = collectedMemory();
  await runTurns(turns);
  const memory = process.memoryUsage();
  const collected = collectedMemory();
  const listeners = getEventListeners(caller.signal, "abort").length;
  return { grownBytes: collected.heapUsed - before.heapUsed, memory, collected, told, listeners, warnings };
}

function collectedMemory() {
  globalThis.gc();
  return process.memoryUsage();
}
