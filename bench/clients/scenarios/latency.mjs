/**
 * How long a token that the server has just written takes to reach the consumer, with many answers at once. The tokens
 * are the times at which they were written.
 */
import { nowNs } from "../../now.mjs";
import { nsOf } from "../../wire/stamp.mjs";
import { cpuTime } from "../cpu-time.mjs";
import { Sink } from "../sink.mjs";

/** Tokens of each answer that are not counted, first and last: all of them begin and end at once, as they do nowhere. */
export const UNCOUNTED = { first: 50, last: 25 };

/** Resolves with `{ tokens, p50Us, p99Us, cpuUs }`; `tokens` counts those of all answers but the first and last few. */
export async function run(open, { streams, tokens, ms }) {
  await (
    await open("bulk/200")
  )(new Sink());
  const latenciesNs = [];
  const readers = await Promise.all(Array.from({ length: streams }, () => open(`stamps/${tokens}/${ms}`)));
  const { cpuUs } = await cpuTime(() =>
    Promise.all(readers.map((read, n) => readStamps(read, { delayMs: (n * ms) / streams, latenciesNs, tokens }))),
  );
  latenciesNs.sort((a, b) => a - b);
  const at = (share) => latenciesNs[Math.floor((latenciesNs.length - 1) * share)] / 1000;
  return { tokens: latenciesNs.length, p50Us: at(0.5), p99Us: at(0.99), cpuUs };
}

async function readStamps(read, { delayMs, latenciesNs, tokens }) {
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  const sink = new Sink();
  let seen = 0;
  sink.text = (piece) => {
    const now = nowNs();
    // A piece may hold several tokens.
    for (const stamp of piece.split(" ")) {
      if (stamp === "") continue;
      seen++;
      if (seen > UNCOUNTED.first && seen <= tokens - UNCOUNTED.last) latenciesNs.push(now - nsOf(stamp));
    }
  };
  await read(sink);
}
