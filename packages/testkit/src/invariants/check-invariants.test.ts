/**
 * The checker is shown a whole good session, in which it finds nothing, and then each rule broken, which it must name.
 */
import type { Event, EventMap, EventType } from "amplifier-core";
import { describe, expect, test } from "vitest";
import { assertInvariants, checkInvariants, INVARIANTS } from "./check-invariants.ts";

type Draft = { type: EventType; turn_id: string | null; ts: string; session_id: string; seq: number; data: unknown };

const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
const call = { type: "tool_call", id: "c1", name: "clock", input: { zone: "Oslo" } } as const;
const names = { tool_name: "clock", tool_call_id: "c1", parallel_group_id: "g1" };
const question = {
  prompt: "Run?",
  options: [],
  timeout: 1,
  default: "deny",
  hook_name: "guard",
  event: "tool:pre",
} as const;
const model = { provider: "p", model: "m" };

function draft<K extends EventType>(type: K, data: EventMap[K], turn_id: string | null = "t1"): Draft {
  return { type, data, turn_id, ts: "2026-01-01T00:00:00.000Z", session_id: "s", seq: 0 };
}

/** A turn with an answer, a tool, a question and a cancel: every rule has something to look at. */
function goodTurn(): Draft[] {
  return [
    draft("session:start", { session_id: "s", parent_id: null }, null),
    draft("execution:start", { prompt: "Hi" }),
    draft("prompt:submit", { prompt: "Hi" }),
    draft("context:message", { message: { role: "user", content: "Hi" } }),
    draft("provider:request", { ...model, iteration: 1 }),
    draft("content_block:start", { iteration: 1, block_index: 0, block_type: "text" }),
    draft("content_block:delta", { block_index: 0, block_type: "text", delta: "Loo" }),
    draft("content_block:delta", { block_index: 0, block_type: "text", delta: "k" }),
    draft("content_block:end", { iteration: 1, block_index: 0, block: { type: "text", text: "Look" } }),
    draft("content_block:start", {
      iteration: 1,
      block_index: 1,
      block_type: "tool_call",
      tool_call_id: "c1",
      name: "clock",
    }),
    draft("content_block:delta", {
      block_index: 1,
      block_type: "tool_call",
      delta: '{"zone": "Oslo"}',
      tool_call_id: "c1",
      name: "clock",
    }),
    draft("content_block:end", { iteration: 1, block_index: 1, block: call }),
    draft("approval:required", question),
    draft("approval:granted", { ...question, choice: "Allow" }),
    draft("tool:pre", { ...names, tool_input: call.input, decision: "run" }),
    draft("tool:progress", { ...names, progress: 1 }),
    draft("tool:post", { ...names, tool_input: call.input, result: { success: true, output: "12:00" } }),
    draft("provider:response", {
      ...model,
      iteration: 1,
      usage,
      finish_reason: "tool_calls",
      tool_calls: true,
      streamed: true,
    }),
    draft("context:message", { message: { role: "assistant", content: [{ type: "text", text: "Look" }, call] } }),
    draft("context:message", { message: { role: "tool", name: "clock", tool_call_id: "c1", content: "12:00" } }),
    draft("cancel:requested", { orchestrator: "o", state: "graceful", turn_count: 1 }),
    draft("cancel:completed", { orchestrator: "o", was_immediate: false, turn_count: 1 }),
    draft("execution:end", { response: "Look", status: "cancelled", usage, finish_reason: "tool_calls" }),
    draft("orchestrator:complete", { orchestrator: "o", turn_count: 1, status: "cancelled" }),
    draft("prompt:complete", { response: "Look", status: "cancelled" }, null),
  ];
}

const numbered = (drafts: readonly Draft[]): Event[] =>
  drafts.map((event, index) => ({ ...event, seq: index + 1 }) as unknown as Event);

const indexOf = (events: readonly Draft[], type: EventType, nth = 0): number =>
  events.flatMap((event, index) => (event.type === type ? [index] : []))[nth] ?? -1;

/** The event with some of its data replaced. */
const edited =
  (type: EventType, data: object, nth = 0) =>
  (events: Draft[]): void => {
    const event = events[indexOf(events, type, nth)];
    if (event === undefined) throw new Error(`There is no ${type}.`);
    event.data = { ...(event.data as object), ...data };
  };
const without =
  (type: EventType, nth = 0) =>
  (events: Draft[]): void =>
    void events.splice(indexOf(events, type, nth), 1);
const twice =
  (type: EventType, nth = 0) =>
  (events: Draft[]): void => {
    const index = indexOf(events, type, nth);
    events.splice(index, 0, ...structuredClone(events.slice(index, index + 1)));
  };
const moved =
  (type: EventType, behind: EventType) =>
  (events: Draft[]): void => {
    const gone = events.splice(indexOf(events, type), 1);
    events.splice(indexOf(events, behind) + 1, 0, ...gone);
  };
const added =
  (event: Draft, behind: EventType, nth = 0) =>
  (events: Draft[]): void =>
    void events.splice(indexOf(events, behind, nth) + 1, 0, event);
/** An envelope with some of its fields replaced. */
const put =
  (index: number, fields: Partial<Draft>) =>
  (events: Draft[]): void =>
    void events.splice(index, 1, ...events.slice(index, index + 1).map((event) => ({ ...event, ...fields })));
const message = (content: EventMap["context:message"]["message"]) => draft("context:message", { message: content });

const broken: readonly (readonly [rule: string, what: string, break_: (events: Draft[]) => void])[] = [
  ["turnIdsAreRight", "a session event with a turn", put(0, { turn_id: "t1" })],
  ["turnIdsAreRight", "a turn's event without one", put(6, { turn_id: null })],
  [
    "timeHasItsFormat",
    "no milliseconds",
    (events) => events.forEach((event) => void (event.ts = "2026-01-01T00:00:00Z")),
  ],
  [
    "timeHasItsFormat",
    "no such day",
    (events) => events.forEach((event) => void (event.ts = "2026-13-41T00:00:00.000Z")),
  ],
  ["timeNeverGoesBack", "an earlier time", put(5, { ts: "2025-01-01T00:00:00.000Z" })],
  ["oneSession", "another session", put(5, { session_id: "other" })],
  [
    "rawDeltasAreNotStored",
    "a raw delta",
    added(
      draft("llm:stream_block_delta", { request_id: "r", block_index: 0, block_type: "text", sequence: 0, text: "x" }),
      "content_block:start",
    ),
  ],
  ["promptCompleteIsLast", "no prompt:complete", without("prompt:complete")],
  [
    "promptCompleteIsLast",
    "something behind it",
    (events) => void events.push(draft("user:notification", { message: "m", level: "info", source: "s" }, null)),
  ],
  ["promptCompleteAgrees", "another response", edited("prompt:complete", { response: "Other" })],
  ["promptCompleteAgrees", "another status", edited("prompt:complete", { status: "success" })],
  ["bracketEventsComeOnce", "no prompt:submit", without("prompt:submit")],
  ["bracketEventsComeOnce", "no orchestrator:complete", without("orchestrator:complete")],
  ["bracketEventsComeOnce", "no execution:end", without("execution:end")],
  ["bracketEventsComeOnce", "execution:end twice", twice("execution:end")],
  ["turnBeginsInOrder", "prompt:submit first", moved("execution:start", "prompt:submit")],
  ["turnBeginsInOrder", "a request before the prompt", moved("prompt:submit", "provider:request")],
  ["turnEndsInOrder", "a message behind the end", moved("context:message", "execution:end")],
  ["turnEndsInOrder", "a cancel behind the turn", moved("cancel:completed", "orchestrator:complete")],
  ["closingEventsAgree", "another status", edited("orchestrator:complete", { status: "success" })],
  ["closingEventsAgree", "the wrong order", moved("execution:end", "orchestrator:complete")],
  [
    "turnsDoNotOverlap",
    "another turn inside",
    added(draft("execution:start", { prompt: "Two" }, "t2"), "provider:request"),
  ],
  ["cancelsAreCompleted", "no completion", without("cancel:completed")],
  ["cancelsAreCompleted", "no request", without("cancel:requested")],
  ["cancelsAreCompleted", "two requests", twice("cancel:requested")],
  ["cancelsAreCompleted", "two completions", twice("cancel:completed")],
  [
    "statusHasItsReason",
    "cancelled by nobody",
    (events) => (without("cancel:requested")(events), without("cancel:completed")(events)),
  ],
  [
    "statusHasItsReason",
    "an error without one",
    (events) => (
      edited("execution:end", { status: "error" })(events),
      edited("orchestrator:complete", { status: "error" })(events)
    ),
  ],
  ["statusHasItsReason", "a limit without its name", edited("execution:end", { status: "incomplete" })],
  ["blocksArePaired", "no end", without("content_block:end")],
  ["blocksArePaired", "no start", without("content_block:start")],
  ["blocksArePaired", "a delta behind the end", moved("content_block:delta", "content_block:end")],
  ["blocksArePaired", "an end in another iteration", edited("content_block:end", { iteration: 2 })],
  [
    "blocksStartInOrder",
    "an index left out",
    (events) => [0, 1].forEach((nth) => edited("content_block:start", { block_index: nth + 1 }, nth)(events)),
  ],
  [
    "blocksKeepTheirKind",
    "another kind at the end",
    edited("content_block:end", { block: { type: "thinking", thinking: "Look" } }),
  ],
  ["blocksKeepTheirKind", "another kind of delta", edited("content_block:delta", { block_type: "thinking" })],
  ["blocksKeepTheirKind", "another call at the end", edited("content_block:end", { block: { ...call, id: "c2" } }, 1)],
  ["deltasAddUp", "lost text", without("content_block:delta")],
  ["deltasAddUp", "text twice", twice("content_block:delta")],
  [
    "deltasAddUp",
    "deltas in the wrong order",
    (events) => (
      edited("content_block:delta", { delta: "k" })(events),
      edited("content_block:delta", { delta: "Loo" }, 1)(events)
    ),
  ],
  ["deltasAddUp", "other arguments", edited("content_block:delta", { delta: '{"zone": "Rome"}' }, 2)],
  [
    "deltasSaySomething",
    "an empty delta",
    added(draft("content_block:delta", { block_index: 0, block_type: "text", delta: "" }), "content_block:delta"),
  ],
  ["interruptedBlocksSaySo", "only the event", edited("content_block:end", { interrupted: true })],
  [
    "interruptedBlocksSaySo",
    "only the block",
    edited("content_block:end", { block: { type: "text", text: "Look", interrupted: true } }),
  ],
  ["requestsHaveOneOutcome", "no outcome", without("provider:response")],
  ["requestsHaveOneOutcome", "two outcomes", twice("provider:response")],
  ["requestsHaveOneOutcome", "two requests", twice("provider:request")],
  ["iterationsCount", "a first iteration 2", edited("provider:request", { iteration: 2 })],
  ["iterationsCount", "an outcome of another iteration", edited("provider:response", { iteration: 2 })],
  ["blocksBelongToARequest", "a block before the request", moved("provider:request", "content_block:end")],
  ["callsHaveOneOutcome", "no outcome", without("tool:post")],
  ["callsHaveOneOutcome", "two outcomes", twice("tool:post")],
  [
    "callsHaveOneOutcome",
    "a failure beside the outcome",
    added(draft("tool:error", { ...names, error: { type: "detached", msg: "" } }), "tool:post"),
  ],
  ["callsHaveOneOutcome", "no announcement", without("tool:pre")],
  ["callsHaveOneOutcome", "two announcements", twice("tool:pre")],
  ["callsHaveOneOutcome", "progress behind the outcome", moved("tool:progress", "tool:post")],
  [
    "callsHaveOneOutcome",
    "a late result of a call that was not detached",
    added(draft("tool:late_result", { ...names, result: { success: true } }), "tool:post"),
  ],
  ["outcomesFitDecisions", "a denied call that ran", edited("tool:pre", { decision: "denied" })],
  [
    "outcomesFitDecisions",
    "a failure nobody knows",
    (events) => (
      without("tool:post")(events),
      added(draft("tool:error", { ...names, error: { type: "Error", msg: "" } }), "tool:progress")(events)
    ),
  ],
  ["callsFollowTheirBlock", "a call before its block's end", moved("tool:pre", "provider:request")],
  ["callsKeepTheirNames", "another tool", edited("tool:post", { tool_name: "watch" })],
  ["callsKeepTheirNames", "another group", edited("tool:post", { parallel_group_id: "g2" })],
  ["questionsAreAnsweredOneByOne", "no answer", without("approval:granted")],
  ["questionsAreAnsweredOneByOne", "no question", without("approval:required")],
  ["questionsAreAnsweredOneByOne", "two open questions", twice("approval:required")],
  ["questionsAreAnsweredOneByOne", "the answer to another one", edited("approval:granted", { prompt: "Other?" })],
  ["callsHaveStoredResults", "no result", without("context:message", 2)],
  ["callsHaveStoredResults", "a result of nothing", without("context:message", 1)],
  [
    "callsHaveStoredResults",
    "something between call and result",
    added(message({ role: "user", content: "and" }), "context:message", 1),
  ],
  [
    "callsHaveStoredResults",
    "a result of another call",
    edited("context:message", { message: { role: "tool", tool_call_id: "c2", content: "" } }, 2),
  ],
  [
    "callsHaveStoredResults",
    "an empty answer",
    edited("context:message", { message: { role: "assistant", content: [] } }, 1),
  ],
  [
    "storedAnswersWereShown",
    "an answer nobody saw",
    edited("context:message", { message: { role: "assistant", content: [{ type: "text", text: "Other" }, call] } }, 1),
  ],
  [
    "storedAnswersWereShown",
    "a block that was lost",
    edited("context:message", { message: { role: "assistant", content: [call] } }, 1),
  ],
  [
    "storedAnswersWereShown",
    "an answer as text",
    edited("context:message", { message: { role: "assistant", content: "Look" } }, 1),
  ],
];

test("a good turn breaks nothing", () => {
  expect(checkInvariants(numbered(goodTurn()))).toEqual([]);
});

test.each(broken)("%s is broken by %s", (rule, _what, break_) => {
  const events = goodTurn();
  break_(events);
  const violations = checkInvariants(numbered(events));
  expect(violations.map((violation) => violation.rule)).toContain(rule);
});

test("seqHasNoGaps is broken by a gap, a repeat and a step back", () => {
  for (const seq of [9, 7, 3]) {
    const events = numbered(goodTurn()).map((event, index) => (index === 7 ? { ...event, seq } : event));
    expect(checkInvariants(events).map(({ rule }) => rule)).toContain("seqHasNoGaps");
  }
});

test("every rule is shown broken here", () => {
  expect([...new Set([...broken.map(([rule]) => rule), "seqHasNoGaps"])].toSorted()).toEqual(INVARIANTS.toSorted());
});

describe("what is allowed", () => {
  const good = (change: (events: Draft[]) => void, source: "stream" | "orchestrator" | "log" = "stream"): void => {
    const events = goodTurn();
    change(events);
    expect(checkInvariants(numbered(events), { source })).toEqual([]);
  };

  test("a list that does not begin with seq 1", () => {
    expect(
      checkInvariants(numbered(goodTurn()).map((event) => ({ ...event, seq: event.seq + 30 })) as Event[]),
    ).toEqual([]);
  });

  test("the late result of a detached call behind the turn, and at the head of the next stream", () => {
    const late = draft("tool:late_result", { ...names, result: { success: true } });
    good((events) => {
      without("tool:post")(events);
      added(draft("tool:error", { ...names, error: { type: "detached", msg: "" } }), "tool:progress")(events);
      added(late, "orchestrator:complete")(events);
    });
    good((events) => void events.unshift({ ...late, turn_id: "t0" }));
  });

  test("a question about the prompt before it is submitted", () => {
    good((events) => {
      added(draft("approval:granted", { ...question, choice: "Allow" }), "execution:start")(events);
      added(draft("approval:required", question), "execution:start")(events);
    });
  });

  test("an orchestrator's own stream, without the session's events", () => {
    good((events) => (without("prompt:complete")(events), without("session:start")(events)), "orchestrator");
  });

  test("several turns in a log, with something behind them", () => {
    good((events) => {
      const second = goodTurn().map((event) => ({ ...event, turn_id: event.turn_id === null ? null : "t2" }));
      events.push(...second.slice(1), draft("session:end", { session_id: "s", status: "success" }, null));
    }, "log");
  });

  test("a request that was denied has no outcome", () => {
    good((events) => {
      const from = indexOf(events, "provider:request");
      events.splice(from + 1, indexOf(events, "cancel:completed") - from);
      edited("execution:end", { status: "denied" })(events);
      edited("orchestrator:complete", { status: "denied" })(events);
      edited("prompt:complete", { status: "denied" })(events);
    });
  });
});

test("assertInvariants throws once, with every violation and where it shows", () => {
  const events = goodTurn();
  without("tool:post")(events);
  without("cancel:completed")(events);
  expect(() => assertInvariants(numbered(events))).toThrow(
    /break 2 invariants:\n {2}cancelsAreCompleted: .*\n {2}callsHaveOneOutcome: call c1 has no outcome/u,
  );
  expect(() => assertInvariants(numbered(goodTurn()))).not.toThrow();
});
