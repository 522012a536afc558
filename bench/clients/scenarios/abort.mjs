/**
 * Aborting in the middle of an answer, several times. The server's stamps say when each socket was closed.
 */
import { nowNs } from "../../now.mjs";
import { Sink } from "../sink.mjs";

const TOKENS_BEFORE = 5;

/** Resolves with `{ abortedNs }`, one stamp an answer, in the order of the requests; the warm-up comes first. */
export async function run(open, { times, ms }) {
  const abortedNs = [];
  for (let n = 0; n < times; n++) abortedNs.push(await abortOne(await open(`live/100000/${ms}`)));
  // The server needs a moment to see the last one close.
  await new Promise((resolve) => setTimeout(resolve, 50));
  return { abortedNs };
}

async function abortOne(read) {
  const controller = new AbortController();
  const sink = new Sink();
  let seen = 0;
  let abortedNs = null;
  sink.text = () => {
    if (++seen !== TOKENS_BEFORE) return;
    // Not from inside the contender's own reading: a person's key press comes from elsewhere.
    setTimeout(() => {
      abortedNs = nowNs();
      controller.abort();
    }, ms / 2);
  };
  await read(sink, controller.signal).then(
    () => Promise.reject(new Error("The aborted answer ended as if it were whole.")),
    (error) => (controller.signal.aborted ? null : Promise.reject(error)),
  );
  return abortedNs;
}
