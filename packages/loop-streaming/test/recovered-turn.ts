/**
 * A turn in which calls of the model break: it is played to its end, time is moved from timer to timer, and what a reader
 * wants to know of it is kept. The conversation it leaves is checked.
 */
import { type Event, LLMError, type Prompt } from "amplifier-core";
import {
  checkConversation,
  drainMicrotasks,
  FAKE_CLOCK_START_MS,
  type FakeClock,
  outlineEvents,
  outlineMessage,
  type RecordedTurn,
  type RecordOptions,
  recordTurn,
  ScriptedProvider,
} from "amplifier-testkit";
import { expect } from "vitest";
import { type LoopSession, loopSession, type LoopSetup } from "./loop-session.ts";

/** Delays without chance, every delta at once. */
export const STEADY = { buffer_size: 1, retry: { jitter: 0 } };

export const overloaded = new LLMError("ProviderUnavailableError", "overloaded", { status_code: 529 });
export const dropped = new LLMError("StreamError", "socket hang up");

/** A turn that is over. */
export interface PlayedTurn extends LoopSession, RecordedTurn {
  /** One line an event, from the first `provider:request` to what comes before `prompt:complete`. */
  readonly lines: readonly string[];
  /** What the consumer was shown of the text. */
  readonly shown: string;
  /** The whole conversation, one line a message. */
  readonly stored: readonly string[];
}

/** Plays one turn to its end. */
export async function playTurn(setup: LoopSetup, prompt: Prompt = "Hi", options?: RecordOptions): Promise<PlayedTurn> {
  const made = await loopSession({ ...setup, config: { ...STEADY, ...setup.config } });
  return finishTurn(made, recordTurn(made.session, prompt, options));
}

/** Moves time from timer to timer until the turn is over. */
export async function finishTurn(made: LoopSession, turn: Promise<RecordedTurn>): Promise<PlayedTurn> {
  const played = await untilSettled(turn, made.clock);
  const stored = await made.context.getMessages();
  expect(checkConversation(stored)).toEqual([]);
  const { events } = played;
  const first = events.findIndex(({ type }) => type === "provider:request");
  return {
    ...made,
    ...played,
    lines: outlineEvents(events).slice(first, -1),
    shown: shownText(events),
    stored: stored.map(outlineMessage),
  };
}

/** The joined deltas of all text blocks. */
export function shownText(events: readonly Event[]): string {
  return events
    .map(({ type, data }) => (type === "content_block:delta" && data.block_type === "text" ? data.delta : ""))
    .join("");
}

/** When each event of `type` was raised, in milliseconds from the beginning. */
export function timesOf(events: readonly Event[], type: Event["type"]): readonly number[] {
  return events.filter((event) => event.type === type).map(({ ts }) => Date.parse(ts) - FAKE_CLOCK_START_MS);
}

/** The payloads of the events of `type`. */
export function dataOf(events: readonly Event[], type: Event["type"]): readonly unknown[] {
  return events.filter((event) => event.type === type).map(({ data }) => data);
}

/** A provider that fails on every call, so many times. */
export function failingProvider(name: string, error: unknown, times = 1): ScriptedProvider {
  return new ScriptedProvider(
    Array.from({ length: times }, () => ({ kind: "fails", error })),
    { name },
  );
}

/** Moves time from timer to timer until `work` is settled. @throws Error when it hangs without a timer that would end it. */
export async function untilSettled<T>(work: Promise<T>, clock: FakeClock): Promise<T> {
  const state = { settled: false };
  const mark = (): void => void (state.settled = true);
  void work.then(mark, mark);
  await drainMicrotasks();
  while (!state.settled) {
    const [next] = clock.pending;
    if (next === undefined) throw new Error("The turn hangs, and no timer will end it.");
    await clock.advance(next.dueMs - clock.now());
  }
  return work;
}
