/**
 * The consumer's side of a stream: a slow one pauses the provider, one that leaves ends the turn, and nothing is lost or
 * held up whatever it does with the iterator.
 */
import type { Event } from "amplifier-core";
import {
  answer,
  assertInvariants,
  checkConversation,
  drainMicrotasks,
  gate,
  hangs,
  outlineEvents,
  readLog,
  runTurn,
  text,
  thinking,
  toolCall,
  unfinished,
} from "amplifier-testkit";
import { expect, test } from "vitest";
import { loopSession } from "./loop-session.ts";
import { settleWithin } from "./rich-turn.ts";
import { gatedTool } from "./test-tools.ts";

const words = Array.from({ length: 500 }, (_, n) => `${n} `);
/** The bound of the outbox, and what may be under way beside it. */
const ROOM = 64;
const SLACK = 12;

test("nothing runs before the first next()", async () => {
  const { session, provider, log } = await loopSession({ script: [] });
  const stream = session.stream("Hi");
  await drainMicrotasks();
  expect([provider.calls.length, log.last()]).toEqual([0, 0]);
  expect(await stream.return?.()).toEqual({ done: true, value: undefined });
  expect(await stream.next()).toEqual({ done: true, value: undefined });
  expect([provider.calls.length, log.last()]).toEqual([0, 0]);
});

test("a consumer that does not read pauses the provider, and nothing is lost when it goes on", async () => {
  const { session, provider, clock } = await loopSession({
    script: [answer(text(...words))],
    config: { buffer_size: 1 },
  });
  const stream = session.stream("Hi");
  const events: Event[] = [];
  const take = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) {
      const next = await stream.next();
      if (!next.done) events.push(next.value);
    }
    await drainMicrotasks();
  };
  await take(1);
  await clock.advance(60_000);
  const pulled = provider.calls[0]?.reads ?? 0;
  expect(pulled).toBeGreaterThan(ROOM - SLACK);
  expect(pulled).toBeLessThan(ROOM + SLACK);
  await take(100);
  expect(provider.calls[0]?.reads ?? 0).toBeLessThan(100 + ROOM + SLACK);
  for await (const event of stream) events.push(event);
  assertInvariants(events);
  expect(events.filter(({ type }) => type === "content_block:delta")).toHaveLength(words.length);
});

test("a provider that sends everything in one read is stopped inside that read", async () => {
  const { session, log, clock } = await loopSession({
    script: [answer({ kind: "one_read", parts: [text(...words)] })],
    config: { buffer_size: 1 },
  });
  const stream = session.stream("Hi");
  await stream.next();
  await clock.advance(0);
  expect(log.last()).toBeLessThan(ROOM + SLACK);
  const rest: Event[] = [];
  for await (const event of stream) rest.push(event);
  expect(rest.at(-1)?.type).toBe("prompt:complete");
});

test("execute reads by itself and never waits", async () => {
  const { session } = await loopSession({ script: [answer(text(...words))], config: { buffer_size: 1 } });
  expect(await session.execute("Hi")).toBe(words.join(""));
});

test("break in the middle of thinking from a slow consumer settles at once with the bracket whole", async () => {
  const { session, provider, log, context, clock } = await loopSession({
    script: [answer(thinking(...words), hangs()), answer(text("Next"))],
    config: { buffer_size: 1 },
  });
  let seen = 0;
  const consume = async (): Promise<void> => {
    for await (const event of session.stream("Hi")) {
      if (event.type === "content_block:delta" && ++seen === 3) break;
    }
  };
  await settleWithin(consume(), clock, 0);
  expect(provider.calls[0]?.signal.aborted).toBe(true);
  expect(provider.calls[0]?.over).toBe(true);
  const events = await readLog(log);
  assertInvariants(events);
  expect(events.slice(-9).map(({ type }) => type)).toEqual([
    "content_block:end",
    "llm:stream_aborted",
    "provider:error",
    "context:message",
    "cancel:requested",
    "cancel:completed",
    "execution:end",
    "orchestrator:complete",
    "prompt:complete",
  ]);
  expect(checkConversation(await context.getMessages())).toEqual([]);
  expect(session.lastTurn).toMatchObject({ status: "cancelled" });
  await runTurn(session, "Next?");
});

test("return() while next() is pending acts at once, and the pending next() is done", async () => {
  const { session, clock, log } = await loopSession({
    script: [answer(unfinished(text("Hel")), hangs({ deaf: true }))],
  });
  const stream = session.stream("Hi");
  let pending: Promise<IteratorResult<Event, undefined>> | undefined;
  for (;;) {
    pending = stream.next();
    const came = await Promise.race([pending.then(() => true), drainMicrotasks().then(() => false)]);
    if (!came) break;
  }
  const returned = Promise.resolve(stream.return?.());
  await settleWithin(Promise.all([returned, pending]), clock, 50);
  expect(await pending).toEqual({ done: true, value: undefined });
  expect(await returned).toEqual({ done: true, value: undefined });
  assertInvariants(await readLog(log));
  expect(await stream.next()).toEqual({ done: true, value: undefined });
});

test("when return() has resolved the closing events are in the log and the session is free", async () => {
  const { session, clock, log } = await loopSession({
    script: [answer(text("Hel"), hangs()), answer(text("Next"))],
  });
  const stream = session.stream("Hi");
  for (let next = await stream.next(); next.value?.type !== "content_block:end"; next = await stream.next());
  const returned = Promise.resolve(stream.return?.());
  await settleWithin(returned, clock, 50);
  expect((await readLog(log)).at(-1)?.type).toBe("prompt:complete");
  await runTurn(session, "Next?");
});

test("return() a second time, and while the first is under way, is as good as once", async () => {
  const { session, clock } = await loopSession({ script: [answer(text("Hel"), hangs())] });
  const stream = session.stream("Hi");
  for (let next = await stream.next(); next.value?.type !== "content_block:end"; next = await stream.next());
  const both = Promise.all([stream.return?.(), stream.return?.()]);
  await settleWithin(both, clock, 50);
  expect(await both).toEqual([
    { done: true, value: undefined },
    { done: true, value: undefined },
  ]);
  expect(session.lastTurn).toMatchObject({ status: "cancelled" });
});

test("two next() at the same time get two different events, in order", async () => {
  const { session } = await loopSession({ script: [answer(text("a", "b"))], config: { buffer_size: 1 } });
  const stream = session.stream("Hi");
  const events: Event[] = [];
  for (;;) {
    const [first, second] = await Promise.all([stream.next(), stream.next()]);
    if (!first.done) events.push(first.value);
    if (!second.done) events.push(second.value);
    if (first.done || second.done) break;
  }
  assertInvariants(events);
});

test("an error is thrown once, to the reader behind the last event; afterwards the stream is over", async () => {
  const error = new Error("model gone");
  const { session } = await loopSession({ script: [{ kind: "fails", error }] });
  const stream = session.stream("Hi");
  const thrown: unknown[] = [];
  let ended = 0;
  while (ended < 2) {
    const next = await stream.next().catch((problem: unknown) => void thrown.push(problem));
    if (next?.done) ended++;
  }
  expect(thrown).toEqual([error]);
});

test("progress of a tool is thinned out for a slow consumer, other events are all kept", async () => {
  const held = gatedTool("slow");
  const report = gate();
  const { session } = await loopSession({
    script: [answer(toolCall("c1", "noisy")), answer(text("Done"))],
    tools: [
      held.tool,
      {
        ...held.tool,
        name: "noisy",
        execute: async (_input, { progress }) => {
          for (let n = 0; n < 1000; n++) progress(n);
          await report.pass();
          return "ok";
        },
      },
    ],
  });
  const stream = session.stream("Go");
  const first = await stream.next();
  await report.reached;
  report.open();
  await drainMicrotasks();
  const events: Event[] = first.done ? [] : [first.value];
  for await (const event of stream) events.push(event);
  const progress = events.flatMap((event) => (event.type === "tool:progress" ? [event.data.progress] : []));
  expect(progress.length).toBeLessThan(80);
  expect(progress.at(-1)).toBe(999);
  expect(events.filter(({ type }) => type === "tool:post")).toHaveLength(1);
});

test("what is raised between turns is delivered first in the next stream", async () => {
  const { session } = await loopSession({ script: [answer(text("A")), answer(text("B"))] });
  await runTurn(session, "One");
  const { hooks } = session.coordinator;
  await hooks.emit("user:notification", { message: "between", level: "info", source: "test" });
  const lines = outlineEvents(await runTurn(session, "Two"));
  expect(lines.slice(0, 2)).toEqual(["user:notification info between", 'execution:start "Two"']);
});

test("a viewer of the log sees every event and does not slow the turn", async () => {
  const { session, log } = await loopSession({ script: [answer(text(...words))], config: { buffer_size: 1 } });
  const stop = new AbortController();
  const reader = log.read({ after: 0, signal: stop.signal })[Symbol.asyncIterator]();
  const streamed = await runTurn(session, "Hi");
  const { value } = await reader.next();
  expect(value).toEqual(streamed);
  stop.abort();
});
