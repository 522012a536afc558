/**
 * Stopping a turn while a tool runs that ignores its abort signal: time until the stream has settled.
 */
import { nowNs } from "../../now.mjs";
import { Sink } from "../sink.mjs";

const TOOL_MS = 3_000;

/** Resolves with `{ settledMs, kept }`; `kept` says whether the model's call is in the conversation, with a result. */
export async function run(open) {
  await (
    await open("bulk/200")
  )(new Sink());
  const read = await open("tool");
  const sink = new Sink();
  let stoppedNs = null;
  sink.toolCalled = () => {
    setTimeout(() => {
      stoppedNs = nowNs();
      read.session.cancel("immediate");
    }, 20);
    return new Promise((resolve) => setTimeout(resolve, TOOL_MS, "late").unref());
  };
  await read(sink);
  const settledMs = (nowNs() - stoppedNs) / 1e6;
  const roles = (await read.session.messages()).map(({ role }) => role);
  return { settledMs, kept: roles.includes("assistant") && roles.includes("tool") };
}
