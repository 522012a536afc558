/**
 * A tool call whose input comes in small fragments: CPU from the request until the tool has its input; then for four
 * and eight times that size, so that anything but linear growth shows.
 */
import { cpuTime } from "../cpu-time.mjs";
import { Sink } from "../sink.mjs";

/** Resolves with `{ cpuUs, growth, length }`; `growth` is what twice as much input costs, 2 when linear. */
export async function run(open, { bytes }) {
  await readInput(open, 2_000);
  const once = await readInput(open, bytes);
  const fourfold = await readInput(open, 4 * bytes);
  const eightfold = await readInput(open, 8 * bytes);
  return { cpuUs: once.cpuUs, growth: eightfold.cpuUs / fourfold.cpuUs, length: once.result };
}

async function readInput(open, bytes) {
  const read = await open(`tool-input/${bytes}`);
  const sink = new Sink();
  const isCalled = new Promise((resolve) => (sink.toolCalled = ({ query }) => resolve(query.length)));
  let ended = Promise.resolve();
  const measured = await cpuTime(() => {
    ended = read(sink);
    const neverCalled = ended.then(() => Promise.reject(new Error("The tool was never called.")));
    return Promise.race([isCalled, neverCalled]);
  });
  await ended;
  return measured;
}
