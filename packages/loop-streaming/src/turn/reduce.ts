/**
 * Owns how facts change the state of a turn: pure, one case a fact. Facts are the events the loop raises (all but
 * deltas) and those in-memory ones that are no events. Events it does not know change nothing.
 */
import { addUsage, NO_USAGE, type EventMap, type FinishReason, type Message, toolMessageContent } from "amplifier-core";
import type { CallName, StopReason, TurnState } from "./turn-state.ts";

/** A fact that is an event. */
export type EventFact = { [K in keyof EventMap]: { readonly type: K; readonly data: EventMap[K] } }[keyof EventMap];

/** A fact that is no event. */
export type MemoryFact =
  | { readonly type: "fact:denied"; readonly reason: string }
  | {
      readonly type: "fact:answered";
      readonly text: string;
      readonly calls: readonly CallName[];
      readonly finishReason: FinishReason | null;
      readonly stored: boolean;
      readonly nextIndex: number;
    }
  | { readonly type: "fact:call_not_run"; readonly callId: string; readonly content: string }
  | { readonly type: "fact:results_stored" }
  | { readonly type: "fact:stopped"; readonly stop: StopReason }
  | { readonly type: "fact:failed"; readonly error: unknown };

/** Anything that changes the state of a turn. */
export type Fact = EventFact | MemoryFact;

/** The state after `fact`. */
export function reduce(state: TurnState, fact: Fact): TurnState {
  switch (fact.type) {
    case "execution:start":
      return { ...state, started: true };
    case "provider:request":
      if (fact.data.max_reached) return { ...state, answer: null, wrappedUp: true };
      return { ...state, answer: null, iteration: fact.data.iteration, nextBlockIndex: 0 };
    case "provider:response":
    case "provider:error":
      return { ...state, usage: addUsage(state.usage, fact.data.usage ?? NO_USAGE) };
    case "tool:post":
      return withResult(state, fact.data.tool_call_id, toolMessageContent(fact.data.result));
    case "tool:error":
      return withResult(state, fact.data.tool_call_id, fact.data.error.msg);
    case "cancel:requested":
      return { ...state, stopAcknowledged: true };
    default:
      return reduceMemory(state, fact);
  }
}

function reduceMemory(state: TurnState, fact: Fact): TurnState {
  switch (fact.type) {
    case "fact:denied":
      return { ...state, denied: fact.reason };
    case "fact:answered": {
      const { text, calls, finishReason, stored, nextIndex } = fact;
      const answer = { text, calls, finishReason, stored, resultsStored: calls.length === 0 };
      return { ...state, answer, nextBlockIndex: nextIndex };
    }
    case "fact:call_not_run":
      return withResult(state, fact.callId, fact.content);
    case "fact:results_stored":
      return { ...state, results: new Map(), answer: state.answer && { ...state.answer, resultsStored: true } };
    case "fact:stopped":
      return { ...state, stop: fact.stop };
    case "fact:failed":
      // The first failure is the cause; what breaks after it is a consequence.
      return { ...state, failure: state.failure ?? { error: fact.error } };
    default:
      return state;
  }
}

function withResult(state: TurnState, callId: string, content: Message["content"]): TurnState {
  return { ...state, results: new Map([...state.results, [callId, content]]) };
}
