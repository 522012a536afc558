/**
 * From the start of a process to the first token on its stdout, used as a library.
 */
import { runProgram } from "../run-client.mjs";
import { fingerprint } from "../wire/tokens.mjs";
import { requireText } from "./require-text.mjs";

const TOKENS = 200;

export const name = "start";
export const title = "Process start to first token, as a library";
export const unit = "ms";
export const contenders = ["fetch", "node", "loop"];

/** One run of one contender; `node` is an empty program, which says nothing. */
export async function sample({ contender, wire, run, server }) {
  const url = `${server.base}/${run}/bulk/${TOKENS}`;
  const { firstByteMs, output } = await runProgram({ contender, wire, url });
  await server.take(run);
  if (contender !== "node") requireText(fingerprint(output), TOKENS, run);
  return { "first token": firstByteMs };
}
