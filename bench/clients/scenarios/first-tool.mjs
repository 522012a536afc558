/**
 * When a tool starts whose call came early in a long answer. The server's stamps say when the answer began and ended.
 */
import { nowNs } from "../../now.mjs";
import { Sink } from "../sink.mjs";

/** Resolves with `{ toolAtNs }`. */
export async function run(open, { tokens, ms }) {
  const read = await open(`early-tool/${tokens}/${ms}`);
  const sink = new Sink();
  let toolAtNs = null;
  sink.toolCalled = () => {
    toolAtNs ??= nowNs();
    return "ok";
  };
  await read(sink);
  return { toolAtNs };
}
