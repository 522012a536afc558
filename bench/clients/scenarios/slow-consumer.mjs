/**
 * A consumer that stops reading in the middle of a long unthrottled answer: what the process's memory grows by meanwhile.
 * The server's samples say whether bytes still left for it. Needs `--expose-gc`.
 */
import { nowNs } from "../../now.mjs";
import { Sink } from "../sink.mjs";

/** Resolves with `{ grownBytes, pausedAtNs, readOnAtNs, text }`. */
export async function run(open, { tokens, pauseMs }) {
  await (
    await open("bulk/200")
  )(new Sink());
  const read = await open(`bulk/${tokens}`);
  const sink = new Sink();
  const pause = { grownBytes: 0, pausedAtNs: 0, readOnAtNs: 0 };
  let pieces = 0;
  sink.text = (piece) => {
    sink.said += piece;
    if (++pieces === 100) sink.waiting = stopReading(pause, pauseMs).finally(() => (sink.waiting = undefined));
  };
  await read(sink);
  return { ...pause, text: sink.fingerprint() };
}

async function stopReading(pause, pauseMs) {
  const before = memoryBytes();
  pause.pausedAtNs = nowNs();
  await new Promise((resolve) => setTimeout(resolve, pauseMs));
  pause.readOnAtNs = nowNs();
  pause.grownBytes = memoryBytes() - before;
}

function memoryBytes() {
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
