/**
 * A turn in which everything happens that a stop may meet: a retry, thinking, text, a tool that listens to nobody, one that
 * fails, one that is denied, an answer that breaks and is continued, a steer, and the wrap-up. It can be stopped at each of
 * its events.
 */
import { type CancelMode, type Event, type InlineHook, LLMError, type ModuleConfig, type Tool } from "amplifier-core";
import {
  answer,
  breaksOff,
  drainMicrotasks,
  fails,
  type FakeClock,
  gate,
  type Gate,
  text,
  thinking,
  toolCall,
  unfinished,
} from "amplifier-testkit";
import { type LoopSession, loopSession } from "./loop-session.ts";

/** How a turn is stopped. */
export type StopWay = CancelMode | "signal" | "break";

/** Where the stop comes from: the consumer that got the event, or the very moment the event was published. */
export type StopPlace = "consumer" | "publication";

/** A session, and the gate behind which its tool waits. */
export interface RichSession extends LoopSession {
  readonly held: Gate;
}

const script = [
  fails(new LLMError("RateLimitError", "slow down")),
  answer(
    thinking("Let me", " see"),
    text("I will", " look"),
    toolCall("c1", "deaf"),
    toolCall("c2", "failing"),
    toolCall("c3", "denied"),
  ),
  answer(thinking("So"), unfinished(text("A long", " answer")), breaksOff()),
  answer(text(" goes", " on")),
  answer(text("Do", "ne")),
];

const config = { buffer_size: 1, max_turns: 2, retry: { base_delay: 0.001, jitter: 0 } };

const denier: InlineHook = {
  name: "denier",
  events: {
    "tool:pre": (_event, data) => (data.tool_name === "denied" ? { action: "deny", reason: "no" } : undefined),
  },
};

function tool(name: string, execute: Tool["execute"]): Tool {
  return { name, description: name, inputSchema: { type: "object" }, execute };
}

export async function richSession(own: ModuleConfig, hooks: readonly InlineHook[] = []): Promise<RichSession> {
  const held = gate();
  const tools = [
    tool("deaf", () => held.pass().then(() => "late")),
    tool("failing", () => Promise.reject(new Error("broken"))),
    tool("denied", () => Promise.reject(new Error("This tool must never run."))),
  ];
  const made = await loopSession({ script, tools, hooks: [denier, ...hooks], config: { ...config, ...own } });
  return { ...made, held };
}

/** Runs the turn, and stops it at event number `at`. Resolves when it has settled, which must be within `limitMs` (50). */
export async function stopRichTurn(
  made: RichSession,
  stop: { readonly at: number; readonly way: StopWay; readonly place: StopPlace; readonly limitMs?: number },
): Promise<readonly Event[]> {
  const { session, clock, held } = made;
  const caller = new AbortController();
  const stream = session.stream("Go", { signal: caller.signal });
  const published: Event[] = [];
  let stopping: Promise<unknown> | undefined;
  let isStopped = false;
  const stopNow = (): void => {
    if (stop.way === "break") stopping = stream.return?.();
    else if (stop.way === "signal") caller.abort(new Error("enough"));
    else session.cancel(stop.way);
    // A graceful stop lets running tools finish.
    if (stop.way === "graceful") held.open();
    isStopped = true;
  };
  const detach = session.coordinator.hooks.attach({
    push: (event) => {
      published.push(event);
      if (stop.place === "publication" && published.length === stop.at) stopNow();
      if (onlyTheDeafToolRuns(published)) held.open();
      if (event.type === "provider:request" && event.data.iteration === 2 && !event.data.again && !isStopped)
        session.steer("And be brief");
    },
    room: () => undefined,
  });
  const consume = async (): Promise<void> => {
    let seen = 0;
    for (let next = await stream.next(); !next.done; next = await stream.next()) {
      if (stop.place === "consumer" && ++seen === stop.at) stopNow();
    }
    await stopping;
  };
  const turn = consume().catch((error: unknown) => {
    if (!(error instanceof Error) || error.message !== "enough") throw error;
  });
  let isOver = false;
  const markOver = (): void => void (isOver = true);
  turn.then(markOver, markOver);
  // Nobody waits for long in this turn: moving time by little ends a retry's wait, and no limit.
  const isRunning = (): boolean => !isStopped && !isOver;
  while (isRunning()) await clock.advance(1);
  await settleWithin(turn, clock, stop.limitMs ?? 50);
  detach();
  return published;
}

/** Moves time until `work` has settled. @throws Error when that takes longer than `limitMs`; rejects as `work` does. */
export async function settleWithin(work: Promise<unknown>, clock: FakeClock, limitMs: number): Promise<void> {
  const state = { settled: false };
  const mark = (): void => void (state.settled = true);
  void work.then(mark, mark);
  await drainMicrotasks();
  for (let ms = 0; ms < limitMs && !state.settled; ms++) await clock.advance(1);
  if (!state.settled) throw new Error(`Not settled ${limitMs} ms after the stop.`);
  await work;
}

function onlyTheDeafToolRuns(events: readonly Event[]): boolean {
  const stored = events.some((event) => event.type === "context:message" && event.data.message.role === "assistant");
  return stored && events.filter((event) => event.type === "tool:post" || event.type === "tool:error").length === 2;
}
