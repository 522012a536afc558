/**
 * Owns the two assertions every adapter's streams must hold: the same events however the bytes are cut, and events that
 * are a well-formed answer.
 */
import type { ProviderEvent } from "amplifier-core";
import fc from "fast-check";
import { expect } from "vitest";
import type { Translator } from "../../src/http/translate-stream.ts";
import { sseAnswer, startServer } from "./local-server.ts";
import { everyByte, eventsOf, replayInMemory, type Replay } from "./replay.ts";

/** How one adapter is reached: its translator alone, and its provider's stream from a server's address. */
export interface Adapter {
  readonly translator: () => Translator;
  readonly stream: (url: string) => AsyncIterable<readonly ProviderEvent[]>;
}

/** Asserts that a stream gives the same whole over HTTP, byte by byte and at random cuts; returns what it gives. */
export async function replayEveryWay(events: readonly string[], adapter: Adapter): Promise<Replay> {
  const server = await startServer(sseAnswer(events));
  const whole = await eventsOf(adapter.stream(server.url));
  const bytes = Buffer.from(events.join(""));
  const outcome = { events: whole.events, error: String(whole.error) };
  const check = (cuts: readonly number[]): void => {
    const replay = replayInMemory(bytes, adapter.translator(), cuts);
    expect({ events: replay.events, error: String(replay.error) }).toEqual(outcome);
  };
  check([]);
  check(everyByte(bytes));
  const randomCuts = fc.uniqueArray(fc.integer({ min: 1, max: bytes.length - 1 }), { maxLength: 30 });
  fc.assert(
    fc.property(randomCuts, (cuts) => check(cuts.toSorted((left, right) => left - right))),
    { numRuns: 20 },
  );
  return whole;
}

/** Holds of every whole answer: blocks are numbered by start, bracketed, and their deltas add up; `end` is last. */
export function expectWellFormed(events: readonly ProviderEvent[]): void {
  const open = new Map<number, string>();
  let started = 0;
  for (const event of events) {
    if (event.type === "block_start") {
      expect(event.index).toBe(started++);
      open.set(event.index, "");
    } else if (event.type === "block_delta") {
      expect(event.delta).not.toBe("");
      expect(open.has(event.index)).toBe(true);
      open.set(event.index, open.get(event.index) + event.delta);
    } else if (event.type === "block_end") {
      const { block } = event;
      if (block.type === "text") expect(block.text).toBe(open.get(event.index));
      if (block.type === "thinking") expect(block.thinking).toBe(open.get(event.index));
      if (block.type === "tool_call") expect(block.input).toEqual(JSON.parse(open.get(event.index) || "{}"));
      expect(open.delete(event.index)).toBe(true);
    }
  }
  expect(open.size).toBe(0);
  expect(events.at(-1)?.type).toBe("end");
  expect(events.filter((event) => event.type === "end")).toHaveLength(1);
}
