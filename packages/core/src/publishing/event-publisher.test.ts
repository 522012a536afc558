/**
 * How events become real: numbers, turn ids, appends.
 */
import { describe, expect, it } from "vitest";
import type { Clock } from "../clock.ts";
import type { Event } from "../events/event.ts";
import type { EventLog } from "../ports/event-log.ts";
import { EventPublisher } from "./event-publisher.ts";

const clock: Clock = { now: () => 0, schedule: () => () => undefined };

/** Records every append; refuses them when told to. */
class RecordingLog implements EventLog {
  readonly appends: { seqs: number[]; durable: boolean }[] = [];
  refuse: { readonly error: Error; readonly how: "rejects" | "throws" } | undefined;
  hold: Promise<void> | undefined;
  append(events: readonly Event[], { durable }: { durable: boolean }): Promise<void> {
    this.appends.push({ seqs: events.map((event) => event.seq), durable });
    if (this.refuse?.how === "throws") throw this.refuse.error;
    return this.refuse ? Promise.reject(this.refuse.error) : (this.hold ?? Promise.resolve());
  }
  // oxlint-disable-next-line require-yield -- nobody reads here
  async *read(): AsyncGenerator<readonly Event[]> {
    throw new Error("not expected");
  }
  last(): number {
    return 7;
  }
}

function setup() {
  const log = new RecordingLog();
  const seen: Event[] = [];
  const publisher = new EventPublisher({ log, sessionId: "s", clock });
  publisher.attach({ push: (event) => seen.push(event), room: () => undefined });
  return { log, seen, publisher };
}

const notification = { message: "m", level: "info", source: "s" } as const;

describe("the publisher", () => {
  it("goes on where the log ends, without gaps", () => {
    const { publisher, seen } = setup();
    publisher.publish("user:notification", notification);
    publisher.publish("user:notification", notification);
    expect(seen.map((event) => event.seq)).toEqual([8, 9]);
  });

  it("gives everything between execution:start and orchestrator:complete the turn's id, and session events none", () => {
    const { publisher, seen } = setup();
    publisher.publish("user:notification", notification);
    publisher.publish("execution:start", { prompt: "p" }, "turn-1");
    publisher.publish("session:start", { session_id: "s", parent_id: null });
    publisher.publish("user:notification", notification);
    publisher.publish("orchestrator:complete", { orchestrator: "o", turn_count: 1, status: "success" });
    publisher.publish("prompt:complete", { response: "", status: "success" });
    publisher.publish("user:notification", notification, "turn-1");
    expect(seen.map((event) => event.turn_id)).toEqual([null, "turn-1", null, "turn-1", "turn-1", null, "turn-1"]);
  });

  it("appends what one task raised in one batch; one durable append serves all who wait for it", async () => {
    const { publisher, log } = setup();
    publisher.publish("user:notification", notification);
    publisher.publish("user:notification", notification);
    await Promise.resolve();
    publisher.publish("user:notification", notification);
    await Promise.all([publisher.commit(), publisher.commit()]);
    await publisher.commit();
    expect(log.appends).toEqual([
      { seqs: [8, 9], durable: false },
      { seqs: [10], durable: true },
    ]);
  });

  it("gathers while an append is under way", async () => {
    const { publisher, log } = setup();
    let finish = (): void => undefined;
    log.hold = new Promise((resolve) => (finish = resolve));
    publisher.publish("user:notification", notification);
    await Promise.resolve();
    for (let n = 0; n < 3; n++) {
      publisher.publish("user:notification", notification);
      await Promise.resolve();
    }
    expect(log.appends.map(({ seqs }) => seqs)).toEqual([[8]]);
    log.hold = undefined;
    finish();
    await publisher.commit();
    expect(log.appends.map(({ seqs }) => seqs)).toEqual([[8], [9, 10, 11]]);
  });

  it.each([["rejects"], ["throws"]] as const)(
    "appends nothing more when the log %s, and tells every commit which was the first",
    async (how) => {
      const { publisher, log } = setup();
      log.refuse = { error: new Error("disk full"), how };
      publisher.publish("user:notification", notification);
      await expect(publisher.commit()).rejects.toMatchObject({
        code: "log_append_failed",
        message: "The event log refused to store event 8 and what follows: disk full",
        data: { first_seq: 8 },
        cause: log.refuse.error,
      });
      log.refuse = undefined;
      publisher.publish("user:notification", notification);
      await expect(publisher.commit()).rejects.toMatchObject({ data: { first_seq: 8 } });
      expect(log.appends).toHaveLength(1);
    },
  );

  it("publishes frozen copies: nobody who reads an event can change it, nor whoever raised it", () => {
    const { publisher, seen } = setup();
    const data = { tool_name: "t", tool_call_id: "c", parallel_group_id: "g", progress: { done: 1 } };
    publisher.publish("tool:progress", data);
    data.progress.done = 2;
    const [event] = seen;
    expect(event?.data).toMatchObject({ progress: { done: 1 } });
    expect(Object.isFrozen(event?.data)).toBe(true);
  });

  it("publishes nothing once it is closed", () => {
    const { publisher, seen } = setup();
    publisher.close();
    publisher.publish("user:notification", notification);
    expect(seen).toEqual([]);
  });
});
