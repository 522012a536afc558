/**
 * Many answers at once at the pace of a model: CPU from the first request to the end of the last answer.
 */
import { cpuTime } from "../cpu-time.mjs";
import { Sink } from "../sink.mjs";

/** Resolves with `{ cpuUs, text }`; the text is one stream's, and all must be equal. */
export async function run(open, { streams, tokens, ms }) {
  await (
    await open("bulk/200")
  )(new Sink());
  const readers = await Promise.all(Array.from({ length: streams }, () => open(`live/${tokens}/${ms}`)));
  const sinks = readers.map(() => new Sink());
  const { cpuUs } = await cpuTime(() =>
    Promise.all(readers.map((read, n) => startOf(n, { streams, ms }, () => read(sinks[n])))),
  );
  if (sinks.some(({ said }) => said !== sinks[0].said)) throw new Error("The streams did not bring the same text.");
  return { cpuUs, text: sinks[0].fingerprint() };
}

// Spread over one interval: sessions of people do not begin in the same millisecond.
async function startOf(n, { streams, ms }, read) {
  await new Promise((resolve) => setTimeout(resolve, (n * ms) / streams));
  await read();
}
