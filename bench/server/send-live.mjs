/**
 * Owns sending an answer at the pace of a model: one event each `ms`, each in a write of its own, never two at once.
 */
import { nowNs } from "../now.mjs";

/** Sends `blocks`; resolves when all is sent or the client has gone. */
export function sendLive({ wire, response, record }, blocks, ms) {
  const events = wire.events(blocks);
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const { value, done } = events.next();
      if (!done) response.write(value);
      else finish();
    }, ms);
    const finish = () => {
      clearInterval(timer);
      record.endedNs ??= nowNs();
      response.end();
      resolve();
    };
    response.once("close", finish);
  });
}
