/**
 * CPU per token of one unthrottled answer of 20,000 tokens.
 */
import { runClient } from "../run-client.mjs";
import { clientOf } from "./client-of.mjs";
import { requireText } from "./require-text.mjs";

const TOKENS = 20_000;

export const name = "bulk";
export const title = `CPU per token, one unthrottled answer of ${TOKENS} tokens`;
export const unit = "us";
export const onEveryWire = true;
export const contenders = ["fetch", "http", "provider", "loop", "loop+hook", "loop+10 others"];

/** One run of one contender. */
export async function sample({ contender, wire, run, server }) {
  const base = `${server.base}/${run}`;
  const result = await runClient({ scenario: "bulk", ...clientOf(contender), wire, base, tokens: TOKENS });
  await server.take(run);
  requireText(result.text, TOKENS, run);
  return { "CPU per token": result.cpuUs / TOKENS };
}
