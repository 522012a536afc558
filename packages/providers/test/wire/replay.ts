/**
 * The wire-replay harness, shared by the tests of every adapter. Its shape:
 * - `frame(payloads)` turns payloads into the bytes of an SSE stream, with `event:` lines where the API has them;
 * - `replayInMemory(bytes, translator, cuts)` feeds those bytes to the splitter and a translator, cut into pieces;
 * - `eventsOf(stream)` drains a provider's stream into `{ events, batches, error }`;
 * - `replayEveryWay(events, adapter)`, in its own file, does all of it and asserts that the events are the same;
 * - `recordings(folder)` lists recorded streams under AMPLIFIER_WIRE_FIXTURES, none when it is not set.
 * Same bytes, same events: whole over HTTP, byte by byte and at random cuts.
 */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { ProviderEvent } from "amplifier-core";
import { SseSplitter } from "../../src/http/sse-splitter.ts";
import type { Translator } from "../../src/http/translate-stream.ts";

/** Everything a stream gave before it ended or failed. */
export interface Replay {
  readonly events: readonly ProviderEvent[];
  /** How many events each yielded array held. */
  readonly batches: readonly number[];
  /** What it threw; undefined when it ended well. */
  readonly error: unknown;
}

/** One recorded stream: payloads without their SSE framing. */
export interface Recording {
  readonly name: string;
  readonly payloads: readonly string[];
}

/** Payloads as SSE events. `eventName` gives the `event:` line of a payload, where the API sends one. */
export function frame(payloads: readonly string[], eventName?: (payload: string) => string): string[] {
  return payloads.map((payload) => {
    const head = eventName === undefined ? "" : `event: ${eventName(payload)}\n`;
    return `${head}data: ${payload}\n\n`;
  });
}

/** Feeds a stream to a translator in pieces that end at `cuts` (offsets, ascending), and ends it. */
export function replayInMemory(bytes: Buffer, translator: Translator, cuts: readonly number[]): Replay {
  const splitter = new SseSplitter({ provider: "test" });
  const events: ProviderEvent[] = [];
  const batches: number[] = [];
  const take = (payloads: readonly string[]): boolean => {
    const before = events.length;
    const whole = payloads.some((payload) => translator.read(payload, events));
    if (events.length > before) batches.push(events.length - before);
    return whole;
  };
  try {
    let from = 0;
    for (const to of [...cuts, bytes.length]) {
      const payloads: string[] = [];
      splitter.push(bytes.subarray(from, to), payloads);
      from = to;
      if (take(payloads)) return { events, batches, error: undefined };
    }
    const rest: string[] = [];
    splitter.end(rest);
    if (!take(rest)) translator.finish(events);
    return { events, batches, error: undefined };
  } catch (error) {
    return { events, batches, error };
  }
}

/** Every offset: pieces of one byte. */
export function everyByte(bytes: Buffer): number[] {
  return Array.from({ length: Math.max(0, bytes.length - 1) }, (_, index) => index + 1);
}

/** Drains a stream; never throws. */
export async function eventsOf(stream: AsyncIterable<readonly ProviderEvent[]>): Promise<Replay> {
  const events: ProviderEvent[] = [];
  const batches: number[] = [];
  try {
    for await (const batch of stream) {
      events.push(...batch);
      batches.push(batch.length);
    }
    return { events, batches, error: undefined };
  } catch (error) {
    return { events, batches, error };
  }
}

/** The recorded streams of one API, by the folder's name; empty when AMPLIFIER_WIRE_FIXTURES names no folder. */
export function recordings(folder: string): readonly Recording[] {
  const root = process.env["AMPLIFIER_WIRE_FIXTURES"];
  if (root === undefined || root === "") return [];
  return readdirSync(join(root, folder))
    .filter((file) => file.endsWith(".chunks.txt"))
    .toSorted()
    .map((file) => ({
      name: file.replace(".chunks.txt", ""),
      payloads: readFileSync(join(root, folder, file), "utf8")
        .split("\n")
        .filter((line) => line !== ""),
    }));
}
