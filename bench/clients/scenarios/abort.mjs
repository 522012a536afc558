/**
 * Aborting in the middle of an answer, several times: when the process gave its socket up, by a stamp on `Socket.destroy`
 * here, and when the server saw it closed, by the server's stamps. The second also waits for the machine to run the
 * server, so on few cores it grows with whatever the client still does after the abort.
 */
import { Socket } from "node:net";
import { nowNs } from "../../now.mjs";
import { Sink } from "../sink.mjs";

const PIECES_BEFORE = 2;

/** Resolves with `{ aborts }`, each `{ abortedNs, destroyedNs }`, in the order of the requests; the first is a warm-up. */
export async function run(open, { times, ms }) {
  const destroyed = stampDestroy();
  const aborts = [];
  for (let n = 0; n < times; n++) {
    const read = await open(`live/100000/${ms}`);
    destroyed.atNs = null;
    const abortedNs = await abortOne(read, ms / 2);
    // Sockets are closed within the abort; the server needs a moment to see it.
    await new Promise((resolve) => setTimeout(resolve, 10));
    aborts.push({ abortedNs, destroyedNs: destroyed.atNs });
  }
  return { aborts };
}

function stampDestroy() {
  const destroyed = { atNs: null };
  // Unbound on purpose, hence not read as a property: it is applied to the socket it was called on.
  const destroy = Reflect.get(Socket.prototype, "destroy");
  Socket.prototype.destroy = function destroyAndStamp(...args) {
    const result = destroy.apply(this, args);
    destroyed.atNs ??= nowNs();
    return result;
  };
  return destroyed;
}

async function abortOne(read, laterMs) {
  const controller = new AbortController();
  const sink = new Sink();
  let seen = 0;
  let abortedNs = null;
  sink.text = () => {
    if (++seen !== PIECES_BEFORE) return;
    // Not from inside the contender's own reading: a person's key press comes from elsewhere.
    setTimeout(() => {
      abortedNs = nowNs();
      controller.abort();
    }, laterMs);
  };
  await read(sink, controller.signal).then(
    () => Promise.reject(new Error("The aborted answer ended as if it were whole.")),
    (error) => (controller.signal.aborted ? null : Promise.reject(error)),
  );
  return abortedNs;
}
