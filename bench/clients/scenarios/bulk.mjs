/**
 * One unthrottled answer: CPU from the request to the end of the answer, after one answer of 200 tokens as a warm-up.
 */
import { cpuTime } from "../cpu-time.mjs";
import { Sink } from "../sink.mjs";

/** Resolves with `{ cpuUs, text }`. */
export async function run(open, { tokens }) {
  await (
    await open("bulk/200")
  )(new Sink());
  const read = await open(`bulk/${tokens}`);
  const sink = new Sink();
  const { cpuUs } = await cpuTime(() => read(sink));
  return { cpuUs, text: sink.fingerprint() };
}
