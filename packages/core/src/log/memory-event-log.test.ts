/**
 * What the log in memory keeps, and what a reader of it sees.
 */
import { describe, expect, it } from "vitest";
import type { Event } from "../events/event.ts";
import { MemoryEventLog } from "./memory-event-log.ts";

function event(seq: number, type: Event["type"] = "user:notification", data: object = {}): Event {
  return { seq, ts: "", session_id: "s", turn_id: null, type, data } as Event;
}

const start = (seq: number, block_index = 0): Event => event(seq, "content_block:start", { block_index });
const delta = (seq: number, block_index = 0): Event => event(seq, "content_block:delta", { block_index });
const end = (seq: number, block_index = 0): Event => event(seq, "content_block:end", { block_index });

/** Everything there is after `after`, without waiting for more. */
async function readNow(log: MemoryEventLog, after: number): Promise<number[]> {
  const stop = new AbortController();
  const seqs: number[] = [];
  for await (const batch of log.read({ after, signal: stop.signal })) {
    seqs.push(...batch.map(({ seq }) => seq));
    if (seqs.at(-1) === log.last()) stop.abort();
  }
  return seqs;
}

describe("the log in memory", () => {
  it("yields what is there after the cursor, then live events, and ends with its signal", async () => {
    const log = new MemoryEventLog();
    await log.append([event(1), event(2), event(3)], { durable: true });
    const stop = new AbortController();
    const reader = log.read({ after: 1, signal: stop.signal })[Symbol.asyncIterator]();
    expect((await reader.next()).value?.map(({ seq }: Event) => seq)).toEqual([2, 3]);
    const live = reader.next();
    await log.append([event(4)], { durable: false });
    expect((await live).value?.map(({ seq }: Event) => seq)).toEqual([4]);
    const last = reader.next();
    stop.abort();
    expect((await last).done).toBe(true);
  });

  it("refuses a gap and a repeat", async () => {
    const log = new MemoryEventLog();
    await expect(log.append([event(2)], { durable: false })).rejects.toThrow("Event 2 was appended after 0");
    await log.append([event(1)], { durable: false });
    await expect(log.append([event(1)], { durable: false })).rejects.toThrow("Event 1 was appended after 1");
  });

  it("drops the deltas of closed blocks first when it is full", async () => {
    const log = new MemoryEventLog({ capacity: 6 });
    await log.append([event(1), start(2), delta(3), delta(4), end(5), start(6), delta(7)], { durable: false });
    await expect(readNow(log, 0)).rejects.toMatchObject({ code: "log_trimmed", data: { first_seq: 5 } });
    expect(await readNow(log, 4)).toEqual([5, 6, 7]);
  });

  it("then drops the oldest events, never the deltas of a block that is still open", async () => {
    const log = new MemoryEventLog({ capacity: 3 });
    await log.append([event(1), start(2), delta(3), delta(4), delta(5)], { durable: false });
    await expect(readNow(log, 1)).rejects.toMatchObject({ code: "log_trimmed", data: { first_seq: 3 } });
    expect(await readNow(log, 2)).toEqual([3, 4, 5]);
  });

  it("keeps the same block index of different iterations apart", async () => {
    const log = new MemoryEventLog({ capacity: 5 });
    await log.append([start(1), delta(2), end(3), start(4), delta(5), delta(6)], { durable: false });
    expect(await readNow(log, 2)).toEqual([3, 4, 5, 6]);
  });

  it("tells a reader that fell behind while it was reading", async () => {
    const log = new MemoryEventLog({ capacity: 2 });
    await log.append([event(1)], { durable: false });
    const reader = log.read({ after: 0, signal: new AbortController().signal })[Symbol.asyncIterator]();
    await reader.next();
    await log.append([event(2), event(3), event(4)], { durable: false });
    await expect(reader.next()).rejects.toMatchObject({ code: "log_trimmed", data: { first_seq: 3 } });
  });
});
