/**
 * When a delta is shown: `buffer_size`, `flush_interval_ms`, and every other event in front of which nothing may be held.
 */
import type { Event, InlineHook } from "amplifier-core";
import {
  answer,
  drainMicrotasks,
  gate,
  interleaved,
  oneRead,
  outlineEvents,
  runTurn,
  text,
  thinking,
  toolCall,
} from "amplifier-testkit";
import { describe, expect, test } from "vitest";
import { loopSession } from "./loop-session.ts";
import { tool } from "./test-tools.ts";

const words = Array.from({ length: 21 }, (_, n) => `w${n} `);

function deltas(events: readonly Event[]): readonly string[] {
  return events.flatMap((event) => (event.type === "content_block:delta" ? [event.data.delta] : []));
}

describe("of 21 deltas of the model", () => {
  test.each([
    [1, 21],
    [2, 11],
    [3, 8],
    [10, 3],
    [20, 2],
    [100, 2],
  ])("buffer_size %i makes %i events, the first one at once, the text identical", async (buffer_size, count) => {
    const { session } = await loopSession({ script: [answer(text(...words))], config: { buffer_size } });
    const shown = deltas(await runTurn(session, "Hi"));
    expect(shown).toHaveLength(count);
    expect(shown[0]).toBe("w0 ");
    expect(shown.join("")).toBe(words.join(""));
  });

  test("the number does not depend on how many came in one network read", async () => {
    const { session } = await loopSession({ script: [answer(oneRead(text(...words)))], config: { buffer_size: 10 } });
    expect(deltas(await runTurn(session, "Hi"))).toEqual([
      "w0 ",
      words.slice(1, 11).join(""),
      words.slice(11).join(""),
    ]);
  });
});

test("the buffer counts for each block by itself, and the first delta of each is never held", async () => {
  const { session } = await loopSession({
    script: [answer(thinking("a", "b", "c"), text("d", "e"))],
    config: { buffer_size: 10 },
  });
  expect(outlineEvents(await runTurn(session, "Hi")).slice(5, 13)).toEqual([
    "content_block:start 0 thinking",
    'content_block:delta 0 "a"',
    'content_block:delta 0 "bc"',
    'content_block:end 0 thinking "abc"',
    "content_block:start 1 text",
    'content_block:delta 1 "d"',
    'content_block:delta 1 "e"',
    'content_block:end 1 "de"',
  ]);
});

test("blocks that are open at the same time keep their own text and order", async () => {
  const { session } = await loopSession({
    script: [answer(interleaved(text("a", "b", "c"), thinking("1", "2", "3", "4")))],
    config: { buffer_size: 2 },
  });
  const events = await runTurn(session, "Hi");
  expect(outlineEvents(events).slice(5, 15)).toEqual([
    "content_block:start 0 text",
    "content_block:start 1 thinking",
    'content_block:delta 0 "a"',
    'content_block:delta 1 "1"',
    'content_block:delta 0 "bc"',
    // What is shown of one block shows what is held of the others: nothing overtakes.
    'content_block:delta 1 "2"',
    'content_block:delta 1 "34"',
    'content_block:end 0 "abc"',
    'content_block:end 1 thinking "1234"',
    "provider:response #1 stop",
  ]);
});

test("a held delta is shown after flush_interval_ms, and no sooner", async () => {
  const pause = gate();
  const more = gate();
  const { session, clock } = await loopSession({
    script: [answer({ kind: "unchecked", events: head }, pause, more, rest)],
    config: { buffer_size: 10, flush_interval_ms: 50 },
  });
  const seen: string[] = [];
  const turn = runTurn(session, "Hi", { onEvent: (event) => void seen.push(...deltas([event])) });
  await pause.reached;
  pause.open();
  await more.reached;
  await drainMicrotasks();
  expect(seen).toEqual(["a"]);
  await clock.advance(49);
  expect(seen).toEqual(["a"]);
  await clock.advance(1);
  expect(seen).toEqual(["a", "bc"]);
  await clock.advance(1000);
  more.open();
  await turn;
  expect(seen).toEqual(["a", "bc", "d"]);
});

const head = [
  { type: "block_start", index: 0, block: { type: "text" } },
  { type: "block_delta", index: 0, delta: "a" },
  { type: "block_delta", index: 0, delta: "b" },
  { type: "block_delta", index: 0, delta: "c" },
] as const;

const rest = {
  kind: "unchecked",
  events: [
    { type: "block_delta", index: 0, delta: "d" },
    { type: "block_end", index: 0, block: { type: "text", text: "abcd" } },
    { type: "end", finish_reason: "stop" },
  ],
} as const;

test("each hold waits its own interval: a delta held later is not shown with the timer of an earlier one", async () => {
  const first = gate();
  const second = gate();
  const delta = (value: string) =>
    ({ kind: "unchecked", events: [{ type: "block_delta", index: 0, delta: value }] }) as const;
  const { session, clock } = await loopSession({
    script: [
      answer(
        { kind: "unchecked", events: [head[0], head[1], head[2]] },
        // Two in one read fill the buffer of 3: what was held is shown, and its timer has nothing left to do.
        { kind: "unchecked", events: [head[3], { type: "block_delta", index: 0, delta: "x" }] },
        first,
        delta("y"),
        second,
        {
          kind: "unchecked",
          events: [{ type: "block_end", index: 0, block: { type: "text", text: "abcxy" } }, rest.events[2]],
        },
      ),
    ],
    config: { buffer_size: 3, flush_interval_ms: 50 },
  });
  const seen: string[] = [];
  const turn = runTurn(session, "Hi", { onEvent: (event) => void seen.push(...deltas([event])) });
  await first.reached;
  await clock.advance(30);
  expect(seen).toEqual(["a", "bcx"]);
  first.open();
  await second.reached;
  await clock.advance(49);
  expect(seen).toEqual(["a", "bcx"]);
  await clock.advance(1);
  expect(seen).toEqual(["a", "bcx", "y"]);
  second.open();
  await turn;
});

test("flush_interval_ms 0 shows what is held with the next turn of the timers", async () => {
  const pause = gate();
  const { session, clock } = await loopSession({
    script: [answer({ kind: "unchecked", events: head }, pause, rest)],
    config: { flush_interval_ms: 0 },
  });
  const seen: string[] = [];
  const turn = runTurn(session, "Hi", { onEvent: (event) => void seen.push(...deltas([event])) });
  await pause.reached;
  await clock.advance(0);
  expect(seen).toEqual(["a", "bc"]);
  pause.open();
  await turn;
});

test("every other event is shown behind what was held: a tool's progress too", async () => {
  const pause = gate();
  const go = gate();
  const { session } = await loopSession({
    script: [
      answer(
        toolCall("c1", "talking"),
        { kind: "unchecked", events: head.map((event) => ({ ...event, index: 1 })) },
        pause,
        {
          kind: "unchecked",
          events: rest.events.map((event) => (event.type === "end" ? event : { ...event, index: 1 })),
        },
      ),
      answer(text("Done")),
    ],
    tools: [
      tool("talking", async (_input, { progress }) => {
        await go.pass();
        progress("half");
        return "ok";
      }),
    ],
  });
  const turn = runTurn(session, "Hi", { onEvent: (event) => (event.type === "tool:post" ? pause.open() : undefined) });
  await pause.reached;
  go.open();
  const lines = outlineEvents(await turn);
  const first = lines.indexOf('content_block:delta 1 "a"');
  expect(lines.slice(first, first + 7)).toEqual(
    [
      'content_block:delta 1 "a"',
      'content_block:delta 1 "bc"',
      'tool:progress c1 "half"',
      'tool:post c1 "ok"',
      'content_block:delta 1 "d"',
      'content_block:end 1 "abcd"',
      "provider:response #1 tool_calls",
    ].map((line) => line.replace("provider:response #1 tool_calls", "provider:response #1 stop")),
  );
});

test("asynchronous handlers of deltas keep the order, also against the events behind them", async () => {
  const gates = [gate(), gate(), gate()];
  let asked = 0;
  const slow: InlineHook = {
    name: "slow",
    events: { "content_block:delta": () => gates[asked++]?.pass() },
  };
  const { session } = await loopSession({
    script: [answer(text("a", "b", "c"))],
    hooks: [slow],
    config: { buffer_size: 1 },
  });
  const lines: string[] = [];
  const turn = runTurn(session, "Hi", { onEvent: (event) => void lines.push(...outlineEvents([event])) });
  await gates[0]?.reached;
  await drainMicrotasks();
  expect(lines.at(-1)).toBe("content_block:start 0 text");
  // Opened in the wrong order: the second cannot be asked before the first has answered.
  gates[1]?.open();
  gates[0]?.open();
  await gates[2]?.reached;
  await drainMicrotasks();
  expect(lines.slice(-2)).toEqual(['content_block:delta 0 "a"', 'content_block:delta 0 "b"']);
  gates[2]?.open();
  await turn;
  expect(lines.slice(5, 10)).toEqual([
    "content_block:start 0 text",
    'content_block:delta 0 "a"',
    'content_block:delta 0 "b"',
    'content_block:delta 0 "c"',
    'content_block:end 0 "abc"',
  ]);
});

test("hooks on llm:stream events get every raw delta, whatever the buffer, and none of it is stored", async () => {
  const raw: string[] = [];
  const spy: InlineHook = {
    name: "spy",
    events: {
      "llm:stream_block_start": (_event, data) =>
        void raw.push(`start ${data.block_index} ${data.block_type} ${data.name ?? ""}`.trim()),
      "llm:stream_block_delta": (_event, data) => void raw.push(`${data.sequence} ${data.text}`),
      "llm:stream_block_end": (_event, data) => void raw.push(`end ${data.block_index}`),
    },
  };
  const { session } = await loopSession({
    script: [answer(thinking("a", "b"), toolCall("c1", "nowhere")), answer(text("c", "d", "e"))],
    hooks: [spy],
    config: { buffer_size: 10 },
  });
  const events = await runTurn(session, "Hi");
  expect(raw).toEqual([
    "start 0 thinking",
    "0 a",
    "1 b",
    "end 0",
    "start 1 tool_use nowhere",
    "0 {}",
    "end 1",
    "start 0 text",
    "0 c",
    "1 d",
    "2 e",
    "end 0",
  ]);
  expect(events.filter(({ type }) => type.startsWith("llm:"))).toEqual([]);
});
