/**
 * CPU per token of 20 answers at once, one token each 5 ms.
 */
import { runClient } from "../run-client.mjs";
import { clientOf } from "./client-of.mjs";
import { requireText } from "./require-text.mjs";

const STREAMS = 20;
const TOKENS = 500;
const MS = 5;

export const name = "live";
export const title = `CPU per token, ${STREAMS} live answers, a token each ${MS} ms`;
export const unit = "us";
export const contenders = ["fetch", "http", "loop"];
export const isLong = true;

/** One run of one contender. */
export async function sample({ contender, wire, run, server }) {
  const task = { scenario: "live", ...clientOf(contender), wire, base: `${server.base}/${run}` };
  const result = await runClient({ ...task, streams: STREAMS, tokens: TOKENS, ms: MS });
  await server.take(run);
  requireText(result.text, TOKENS, run);
  return { "CPU per token": result.cpuUs / (STREAMS * TOKENS) };
}
