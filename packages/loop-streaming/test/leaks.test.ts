/**
 * Many turns of every kind on one signal, one session and one orchestrator: when a turn is over, nothing of it is left, no
 * listener, no timer, no handler, and what it held can be collected. The memory of 2,000 turns stands in the bench.
 */
import {
  createSession,
  type Event,
  isLLMError,
  LLMError,
  MemoryEventLog,
  onAborted,
  type Provider,
  type TurnStatus,
} from "amplifier-core";
import {
  type Answer,
  answer,
  type AnswerPart,
  ArrayContext,
  breaksOff,
  drainMicrotasks,
  fails,
  FakeClock,
  hangs,
  ScriptedProvider,
  text,
  runTurn,
  toolCall,
  unfinished,
} from "amplifier-testkit";
import { getEventListeners } from "node:events";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, onTestFinished, test, vi } from "vitest";
import { createLoopConfig, StreamingOrchestrator } from "../src/index.ts";
import { loopSession } from "./loop-session.ts";
import { untilSettled } from "./recovered-turn.ts";
import { clockTool, gatedTool, tool } from "./test-tools.ts";

/** A kind of turn: what its model says, what the person does at an event, and how it ends. */
interface Kind {
  readonly name: string;
  readonly script: readonly (Answer | AnswerPart)[];
  readonly at?: Event["type"];
  readonly deed?: "cancel" | "cancel gracefully" | "leave" | "steer";
  /** Default: success. */
  readonly status?: TurnStatus;
}

const overloaded = new LLMError("ProviderUnavailableError", "overloaded");
const cutText = answer(unfinished(text("Hel")), breaksOff());
const hangingText = answer(text("Hel"), hangs());
const slowCall = answer(toolCall("c1", "slow"));

const KINDS: readonly Kind[] = [
  { name: "with a tool", script: [answer(toolCall("c1", "clock", { zone: "Oslo" })), answer(text("Noon"))] },
  { name: "that fails", script: [fails(new LLMError("InvalidRequestError", "no"))], status: "error" },
  { name: "whose call is made again", script: [fails(overloaded), answer(text("Hello"))] },
  { name: "whose answer is continued", script: [cutText, answer(text("lo"))] },
  { name: "whose model is silent", script: [hangs(), answer(text("Hello"))] },
  { name: "whose tool is too slow", script: [slowCall, answer(text("Hello"))] },
  {
    name: "cancelled in its answer",
    script: [hangingText],
    at: "content_block:delta",
    deed: "cancel",
    status: "cancelled",
  },
  { name: "cancelled in a tool", script: [slowCall], at: "tool:pre", deed: "cancel", status: "cancelled" },
  {
    name: "cancelled in a retry",
    script: [fails(overloaded)],
    at: "provider:retry",
    deed: "cancel gracefully",
    status: "cancelled",
  },
  { name: "left by its reader", script: [hangingText], at: "content_block:delta", deed: "leave", status: "cancelled" },
  { name: "steered", script: [hangingText, answer(text("Yes"))], at: "content_block:delta", deed: "steer" },
];
const ROUNDS = 30;

test(`${ROUNDS * KINDS.length} turns of every kind leave nothing behind`, { timeout: 60_000 }, async () => {
  const warnings = countWarnings();
  const listen = vi.spyOn(EventTarget.prototype, "addEventListener");
  const held: WeakRef<AbortSignal>[] = [];
  const { play, session, clock, caller } = await longSession(held);
  await play({ name: "first", script: [answer(text("Hello"))] });
  const handlers = session.coordinator.hooks.list();
  for (let round = 0; round < ROUNDS; round++) {
    for (const kind of KINDS) {
      await play(kind);
      const left = listen.mock.contexts.filter(
        (target) => getEventListeners(target as EventTarget, "abort").length > 0,
      );
      expect({ kind: kind.name, listeners: left.length, timers: clock.pending }).toEqual({
        kind: kind.name,
        listeners: 0,
        timers: [],
      });
      expect(listen.mock.contexts.length).toBeGreaterThan(0);
      listen.mockClear();
    }
  }
  expect(session.coordinator.hooks.list()).toEqual(handlers);
  expect(getEventListeners(caller.signal, "abort")).toEqual([]);
  expect(warnings).toEqual([]);
  await collectGarbage();
  // What the last turn held may be on some stack still.
  const alive = held.filter((reference) => reference.deref() !== undefined).length;
  expect(held.length).toBeGreaterThan(ROUNDS * KINDS.length);
  expect(alive).toBeLessThan(5);
});

test("a tool that is called with 100 calls at once makes no warning about listeners", async () => {
  const warnings = countWarnings();
  const held = gatedTool("slow");
  const ids = Array.from({ length: 100 }, (_, n) => `c${n}`);
  const { session } = await loopSession({
    script: [answer(...ids.map((id) => toolCall(id, "slow"))), answer(text("Done"))],
    tools: [held.tool],
    config: { max_parallel_tools: 100 },
  });
  const turn = runTurn(session, "Go");
  await held.gateOf("c99").reached;
  await drainMicrotasks();
  for (const id of ids) held.gateOf(id).open();
  await turn;
  await drainMicrotasks();
  expect(warnings).toEqual([]);
});

/** A session that goes on and on. What each turn's provider and tools are handed is kept weakly in `held`. */
async function longSession(held: WeakRef<AbortSignal>[]) {
  const clock = new FakeClock();
  const context = new ArrayContext();
  const caller = new AbortController();
  let model = new ScriptedProvider([]);
  const provider: Provider = {
    name: "scripted",
    getInfo: () => model.getInfo(),
    listModels: () => model.listModels(),
    stream: (request, options) => {
      held.push(new WeakRef(options.signal));
      return model.stream(request, options);
    },
  };
  const slow = tool("slow", (_input, { signal }) => {
    held.push(new WeakRef(signal));
    return new Promise((_resolve, reject) => onAborted(signal, () => reject(new Error("left"))));
  });
  const orchestrator = new StreamingOrchestrator(createLoopConfig({ buffer_size: 1 }));
  const session = await createSession(
    { session: { orchestrator, context }, providers: [provider], tools: [clockTool, slow] },
    { clock, log: new MemoryEventLog({ capacity: 100 }) },
  );
  const consume = async ({ at, deed }: Kind): Promise<void> => {
    let isDone = false;
    for await (const { type } of session.stream("Go", { signal: caller.signal })) {
      expect(getEventListeners(caller.signal, "abort").length).toBeLessThanOrEqual(3);
      if (type !== at || isDone) continue;
      isDone = true;
      if (deed === "leave") break;
      if (deed === "steer") session.steer("Stop", { mode: "now" });
      else session.cancel(deed === "cancel" ? "immediate" : "graceful");
    }
  };
  const play = async (kind: Kind): Promise<void> => {
    model = new ScriptedProvider(kind.script);
    await untilSettled(consume(kind), clock).catch((error: unknown) => {
      if (!isLLMError(error)) throw error;
    });
    expect([kind.name, session.lastTurn?.status]).toEqual([kind.name, kind.status ?? "success"]);
    model.assertDone();
    model = new ScriptedProvider([]);
    await context.clear();
  };
  return { play, session, clock, caller };
}

/** The warnings of the process from now on. */
function countWarnings(): readonly unknown[] {
  const warnings: unknown[] = [];
  const onWarning = (warning: unknown): void => void warnings.push(warning);
  process.on("warning", onWarning);
  onTestFinished(() => void process.off("warning", onWarning));
  return warnings;
}

/** Collects what nothing holds any more. */
async function collectGarbage(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  // A reference that was looked at lives to the end of its task.
  await drainMicrotasks();
  collect();
}
