/**
 * The fakes of a session: they answer as written, remember, and fail on what nobody expected.
 */
import { type ApprovalRequest, createSession, type Event, MemoryEventLog, type Orchestrator } from "amplifier-core";
import { describe, expect, test } from "vitest";
import { gate } from "../gate.ts";
import { answer } from "../provider/answer.ts";
import { text } from "../provider/answer-part.ts";
import { ScriptedProvider } from "../provider/scripted-provider.ts";
import { ArrayContext } from "./array-context.ts";
import { normalizeEvents, outlineEvents } from "./outline-events.ts";
import { RecordingDisplay } from "./recording-display.ts";
import { readLog, recordTurn, runTurn } from "./run-turn.ts";
import { ScriptedApprovals } from "./scripted-approvals.ts";

const ask = (prompt: string, signal = new AbortController().signal): ApprovalRequest => ({
  prompt,
  options: ["Allow", "Deny"],
  timeoutMs: 1,
  default: "deny",
  signal,
});

describe("scripted approvals", () => {
  test("answer in order, also behind a gate, and are done", async () => {
    const held = gate();
    const approvals = new ScriptedApprovals([
      "Allow",
      { gate: held, choice: "Deny" },
      { fails: new Error("no terminal") },
    ]);
    expect(await approvals.requestApproval(ask("one"))).toBe("Allow");
    expect(() => approvals.assertDone()).toThrow("3 questions were expected, 1 asked: one.");
    const second = approvals.requestApproval(ask("two"));
    held.open();
    expect(await second).toBe("Deny");
    await expect(approvals.requestApproval(ask("three"))).rejects.toThrow("no terminal");
    approvals.assertDone();
  });

  test("refuse a question that nobody expected", async () => {
    const approvals = new ScriptedApprovals([]);
    await expect(approvals.requestApproval(ask("why?"))).rejects.toThrow("Nobody expected the question: why?");
    expect(() => approvals.assertDone()).toThrow("0 questions were expected, 1 asked: why?.");
  });

  test("that hang end with the question's signal, unless they are deaf", async () => {
    const stop = new AbortController();
    const approvals = new ScriptedApprovals([{ hangs: "until_withdrawn" }, { hangs: "deaf" }]);
    const first = approvals.requestApproval(ask("one", stop.signal));
    const second = approvals.requestApproval(ask("two", stop.signal));
    stop.abort(new Error("withdrawn"));
    await expect(first).rejects.toThrow("withdrawn");
    expect(await Promise.race([second, new Promise((resolve) => setImmediate(resolve, "still"))])).toBe("still");
  });
});

test("a display fails the test on a warning nobody expected, and on one that never came", () => {
  const display = new RecordingDisplay([/disk/u]);
  display.showMessage("only information", "info", "test");
  expect(() => display.assertExpected()).toThrow("expected: [/disk/u]");
  display.showMessage("disk full", "warning", "test");
  display.assertExpected();
  display.showMessage("surprise", "error", "test");
  expect(() => display.assertExpected()).toThrow('Shown: ["disk full","surprise"]');
  display.expect(/surprise/u);
  display.assertExpected();
  expect(display.shown).toHaveLength(3);
});

test("an array context keeps messages in order, as they are", async () => {
  const context = new ArrayContext([{ role: "user", content: "one" }]);
  const before = await context.getMessages();
  await context.addMessage({ role: "assistant", content: [] });
  expect(before).toHaveLength(1);
  expect(await context.getMessagesForRequest()).toEqual(await context.getMessages());
  await context.setMessages([{ role: "user", content: "two" }]);
  expect(await context.getMessages()).toEqual([{ role: "user", content: "two" }]);
  await context.clear();
  expect(await context.getMessages()).toEqual([]);
});

/** An orchestrator that raises the given events and says nothing else. */
function raising(events: readonly (readonly [Event["type"], object])[], error?: Error): Orchestrator {
  return {
    execute: async ({ hooks }) => {
      for (const [type, data] of events) await hooks.emit(type, data as never);
      if (error !== undefined) throw error;
      return "";
    },
  };
}

const status = { response: "", status: "success" } as const;
const usage = { input_tokens: 0, output_tokens: 0, total_tokens: 0 };
const bracket = [
  ["execution:start", { prompt: "Hi" }],
  ["prompt:submit", { prompt: "Hi" }],
  ["execution:end", { ...status, usage, finish_reason: null }],
  ["orchestrator:complete", { orchestrator: "o", turn_count: 0, status: "success" }],
] as const;

async function sessionOf(orchestrator: Orchestrator, log = new MemoryEventLog()) {
  const providers = [new ScriptedProvider([answer(text("never asked"))])];
  return createSession({ session: { orchestrator, context: new ArrayContext() }, providers }, { log, sessionId: "s" });
}

test("runTurn gives the whole turn and shows each event as it comes", async () => {
  const seen: string[] = [];
  const events = await runTurn(await sessionOf(raising(bracket)), "Hi", {
    onEvent: (event) => void seen.push(event.type),
  });
  expect(outlineEvents(events)).toEqual([
    "session:start",
    'execution:start "Hi"',
    'prompt:submit "Hi"',
    'execution:end success ""',
    "orchestrator:complete success turns=0",
    'prompt:complete success ""',
  ]);
  expect(seen).toEqual(events.map(({ type }) => type));
});

test("a turn that breaks an invariant fails the test by itself", async () => {
  const session = await sessionOf(raising(bracket.slice(0, 3)));
  await expect(recordTurn(session, "Hi")).rejects.toThrow(
    /bracketEventsComeOnce: a turn has no orchestrator:complete/u,
  );
});

test("recordTurn keeps what the stream threw, runTurn throws it", async () => {
  const error = new Error("gone");
  const failed = [
    ...bracket.slice(0, 2),
    [
      "execution:end",
      { ...status, status: "error", usage, finish_reason: null, error: { type: "Error", msg: "gone" } },
    ],
    ["orchestrator:complete", { orchestrator: "o", turn_count: 0, status: "error" }],
  ] as const;
  const session = await sessionOf(raising(failed, error));
  expect((await recordTurn(session, "Hi")).failure).toEqual({ error });
  await expect(runTurn(session, "Hi")).rejects.toBe(error);
});

test("readLog reads what a log holds now, from anywhere", async () => {
  const log = new MemoryEventLog();
  expect(await readLog(log)).toEqual([]);
  const events = await runTurn(await sessionOf(raising(bracket), log), "Hi");
  expect(await readLog(log)).toEqual(events);
  expect(await readLog(log, 4)).toEqual(events.slice(4));
});

test("random ids get the same name wherever they appear", () => {
  const event = (parallel_group_id: string): Event =>
    ({ seq: 1, ts: "", session_id: "s", turn_id: "t", type: "tool:error", data: { parallel_group_id } }) as never;
  expect(normalizeEvents([event("a"), event("b"), event("a")]).map(({ data }) => data)).toEqual([
    { parallel_group_id: "group-1" },
    { parallel_group_id: "group-2" },
    { parallel_group_id: "group-1" },
  ]);
});
