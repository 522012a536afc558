/**
 * How long a token that the server has just written takes to reach the consumer, with many answers at once. The tokens
 * are the times at which they were written.
 */
import { nowNs } from "../../now.mjs";
import { Sink } from "../sink.mjs";

/** Tokens of each answer that are not counted: all of them begin at once, as they do nowhere. */
export const RAMP_TOKENS = 50;

/** Resolves with `{ tokens, p50Us, p99Us }`; `tokens` counts those of all answers behind the first few. */
export async function run(open, { streams, tokens, ms }) {
  await (
    await open("bulk/200")
  )(new Sink());
  const latenciesNs = [];
  const readers = await Promise.all(Array.from({ length: streams }, () => open(`stamps/${tokens}/${ms}`)));
  await Promise.all(readers.map((read, n) => readStamps(read, { delayMs: (n * ms) / streams, latenciesNs })));
  latenciesNs.sort((a, b) => a - b);
  const at = (share) => latenciesNs[Math.floor((latenciesNs.length - 1) * share)] / 1000;
  return { tokens: latenciesNs.length, p50Us: at(0.5), p99Us: at(0.99) };
}

async function readStamps(read, { delayMs, latenciesNs }) {
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  const sink = new Sink();
  let seen = 0;
  sink.text = (piece) => {
    const now = nowNs();
    // A piece may hold several tokens.
    for (const stamp of piece.split(" ")) {
      if (stamp !== "" && ++seen > RAMP_TOKENS) latenciesNs.push(now - Number(stamp));
    }
  };
  await read(sink);
}
