/**
 * The iterator at the edge: laziness, order, errors, leaving, and the outbox behind it.
 */
import { describe, expect, it } from "vitest";
import type { Event } from "../events/event.ts";
import { Outbox, OUTBOX_ROOM, UNREAD_BOUND } from "./outbox.ts";
import { TurnStream } from "./turn-stream.ts";

function event(seq: number, type: Event["type"] = "user:notification", data: object = {}): Event {
  return { seq, ts: "", session_id: "s", turn_id: null, type, data } as Event;
}

function setup() {
  const outbox = new Outbox();
  const calls: string[] = [];
  let settle: { resolve: () => void; reject: (error: unknown) => void } | undefined;
  const stream = new TurnStream({
    outbox,
    run: () => {
      calls.push("run");
      return new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
    },
    stop: () => {
      calls.push("stop");
      settle?.resolve();
    },
  });
  return { outbox, calls, stream, end: () => settle?.resolve(), fail: (error: unknown) => settle?.reject(error) };
}

const done = { done: true, value: undefined };

describe("a turn's stream", () => {
  it("runs nothing before the first next(), and never when it is left before", async () => {
    const { stream, calls } = setup();
    expect(await stream.return()).toEqual(done);
    expect(await stream.next()).toEqual(done);
    expect(calls).toEqual([]);
  });

  it("delivers events in order, queued or awaited, and then ends", async () => {
    const { stream, outbox, end } = setup();
    const first = stream.next();
    const second = stream.next();
    outbox.push(event(1));
    outbox.push(event(2));
    outbox.push(event(3));
    expect([await first, await second, await stream.next()].map((each) => each.value?.seq)).toEqual([1, 2, 3]);
    const last = stream.next();
    end();
    expect([await last, await stream.next()]).toEqual([done, done]);
  });

  it("throws the turn's error once, after the events that were queued before it", async () => {
    const { stream, outbox, fail } = setup();
    const error = new Error("the provider broke");
    const first = stream.next();
    outbox.push(event(1));
    outbox.push(event(2));
    fail(error);
    expect((await first).value?.seq).toBe(1);
    expect((await stream.next()).value?.seq).toBe(2);
    await expect(stream.next()).rejects.toBe(error);
    expect(await stream.next()).toEqual(done);
  });

  it("throws the turn's error to the next() that waits for it, and ends for those behind it", async () => {
    const { stream, fail } = setup();
    const error = new Error("the provider broke");
    const [first, second] = [stream.next(), stream.next()];
    fail(error);
    await expect(first).rejects.toBe(error);
    expect(await second).toEqual(done);
  });

  it("stops the turn at once when it is left, also while next() is pending", async () => {
    const { stream, calls } = setup();
    const pending = stream.next();
    const left = stream.return();
    expect(calls).toEqual(["run", "stop"]);
    expect([await pending, await left]).toEqual([done, done]);
  });

  it("resolves return() only when the turn has settled, and drops its late error", async () => {
    const outbox = new Outbox();
    let reject: (error: unknown) => void = () => undefined;
    const run = (): Promise<void> => new Promise((_, no) => (reject = no));
    const stream = new TurnStream({ outbox, run, stop: () => undefined });
    void stream.next();
    let settled = false;
    const left = stream.return().then(() => (settled = true));
    await new Promise((resolve) => setImmediate(resolve));
    expect(settled).toBe(false);
    reject(new Error("late"));
    await left;
    expect(await stream.next()).toEqual(done);
  });

  it("leaves a turn that is over alone", async () => {
    const { stream, outbox, end, calls } = setup();
    const first = stream.next();
    outbox.push(event(1));
    outbox.push(event(2));
    end();
    await first;
    await new Promise((resolve) => setImmediate(resolve));
    await stream.return();
    expect(calls).toEqual(["run"]);
  });
});

describe("the outbox", () => {
  it("has room until it is full; who waits is woken when half of it is read", async () => {
    const outbox = new Outbox();
    outbox.onArrival(() => undefined);
    for (let seq = 1; seq <= OUTBOX_ROOM; seq++) {
      expect(outbox.room()).toBeUndefined();
      outbox.push(event(seq));
    }
    let resolved = false;
    const room = outbox.room()?.then(() => (resolved = true));
    for (let taken = 1; taken < OUTBOX_ROOM / 2; taken++) outbox.take();
    await Promise.resolve();
    expect(resolved).toBe(false);
    expect(outbox.take()?.seq).toBe(OUTBOX_ROOM / 2);
    await room;
    expect(outbox.room()).toBeUndefined();
  });

  it("takes every other event when full, and of a call's progress only the newest", () => {
    const outbox = new Outbox();
    outbox.onArrival(() => undefined);
    for (let seq = 1; seq <= OUTBOX_ROOM; seq++) outbox.push(event(seq));
    outbox.push(event(65, "tool:progress", { tool_call_id: "a", progress: 1 }));
    outbox.push(event(66, "tool:progress", { tool_call_id: "b", progress: 1 }));
    outbox.push(event(67, "tool:progress", { tool_call_id: "a", progress: 2 }));
    outbox.push(event(68));
    const left: number[] = [];
    for (let next = outbox.take(); next; next = outbox.take()) left.push(next.seq);
    expect(left.slice(OUTBOX_ROOM)).toEqual([66, 67, 68]);
  });

  it("lets waiting producers go and takes nothing more when it is closed", async () => {
    const outbox = new Outbox();
    outbox.onArrival(() => undefined);
    for (let seq = 1; seq <= OUTBOX_ROOM; seq++) outbox.push(event(seq));
    const room = outbox.room();
    outbox.close();
    await room;
    outbox.push(event(99));
    expect([outbox.size, outbox.take(), outbox.room()]).toEqual([0, undefined, undefined]);
  });

  it("keeps the newest events while nobody reads", () => {
    const outbox = new Outbox();
    for (let seq = 1; seq <= UNREAD_BOUND + 5; seq++) outbox.push(event(seq));
    expect([outbox.size, outbox.take()?.seq]).toEqual([UNREAD_BOUND, 6]);
  });

  it("keeps order over many pushes and takes", () => {
    const outbox = new Outbox();
    outbox.onArrival(() => undefined);
    const taken: number[] = [];
    for (let seq = 1; seq <= 5000; seq++) {
      outbox.push(event(seq));
      if (seq % 3 !== 0) taken.push(outbox.take()?.seq ?? -1);
    }
    for (let next = outbox.take(); next; next = outbox.take()) taken.push(next.seq);
    expect(taken).toEqual(Array.from({ length: 5000 }, (_, index) => index + 1));
  });
});
