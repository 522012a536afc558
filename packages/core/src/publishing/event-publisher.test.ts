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
  refuse: Error | undefined;
  append(events: readonly Event[], { durable }: { durable: boolean }): Promise<void> {
    this.appends.push({ seqs: events.map((event) => event.seq), durable });
    return this.refuse ? Promise.reject(this.refuse) : Promise.resolve();
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

  it("appends what one task raised in one batch, and what is left with the commit", async () => {
    const { publisher, log } = setup();
    publisher.publish("user:notification", notification);
    publisher.publish("user:notification", notification);
    await Promise.resolve();
    publisher.publish("user:notification", notification);
    await publisher.commit();
    expect(log.appends).toEqual([
      { seqs: [8, 9], durable: false },
      { seqs: [10], durable: true },
    ]);
  });

  it("tells every later commit that an append failed", async () => {
    const { publisher, log } = setup();
    log.refuse = new Error("disk full");
    publisher.publish("user:notification", notification);
    await expect(publisher.commit()).rejects.toMatchObject({ code: "log_append_failed", cause: log.refuse });
    log.refuse = undefined;
    await expect(publisher.commit()).rejects.toMatchObject({
      message: "The event log refused to store events: disk full",
    });
  });
});
