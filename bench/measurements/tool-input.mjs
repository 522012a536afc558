/**
 * A tool call with 100 kB of input in fragments of 12 characters, and how the cost grows with twice as much.
 */
import { runClient } from "../run-client.mjs";
import { clientOf } from "./client-of.mjs";
import { requireSame } from "./require-text.mjs";

const BYTES = 100_000;

export const name = "tool-input";
export const title = `CPU of a tool call with ${BYTES / 1000} kB of input in fragments`;
export const unit = "ms";
export const contenders = ["fetch", "loop"];
export const isLong = true;

const lengths = new Map();

/** One run of one contender. All have to give the tool an input of the same length. */
export async function sample({ contender, wire, run, server }) {
  const task = { scenario: "tool-input", ...clientOf(contender), wire, base: `${server.base}/${run}`, bytes: BYTES };
  const { cpuUs, growth, length } = await runClient(task);
  await server.take(run);
  if (!lengths.has(wire)) lengths.set(wire, length);
  requireSame(length, lengths.get(wire), `${run}: length of the input`);
  return { CPU: cpuUs / 1000, growth };
}
