/**
 * Owns how facts change the state of a turn: pure, one case a fact. Facts are the events the loop raises (all but
 * deltas) and those in-memory ones that are no events. Events it does not know change nothing.
 */
import { addUsage, type EventMap, type Message, toolMessageContent, type Usage } from "amplifier-core";
import type { AnswerState, Broken, NextCall, StopReason, TurnState } from "./turn-state.ts";

/** A fact that is an event. */
export type EventFact = { [K in keyof EventMap]: { readonly type: K; readonly data: EventMap[K] } }[keyof EventMap];

/** A fact that is no event. */
export type MemoryFact =
  | { readonly type: "fact:denied"; readonly reason: string }
  | { readonly type: "fact:attempt" }
  | { readonly type: "fact:continued" }
  | { readonly type: "fact:answered"; readonly answer: Omit<AnswerState, "phase" | "resultsStored"> }
  | { readonly type: "fact:broken"; readonly broken: Broken }
  | {
      readonly type: "fact:recovered";
      readonly next: NextCall | null;
      /** The provider that is not asked again. */
      readonly lost?: string;
      readonly compacted?: true;
      readonly waitedTwice?: true;
    }
  | { readonly type: "fact:answer_kept"; readonly phase: "stored" | "lost" }
  | { readonly type: "fact:call_not_run"; readonly callId: string; readonly content: string }
  | { readonly type: "fact:results_stored" }
  | { readonly type: "fact:steers"; readonly next: number; readonly after: number }
  | { readonly type: "fact:stopped"; readonly stop: StopReason }
  | { readonly type: "fact:failed"; readonly error: unknown; readonly limit?: string };

/** Anything that changes the state of a turn. */
export type Fact = EventFact | MemoryFact;

/** The state after `fact`. */
export function reduce(state: TurnState, fact: Fact): TurnState {
  switch (fact.type) {
    case "execution:start":
      return { ...state, started: true };
    case "provider:request":
      return requested(state, fact.data);
    case "provider:response":
    case "provider:error":
    case "provider:retry":
      return withUsage(state, fact.data);
    case "tool:post":
      return withResult(state, fact.data.tool_call_id, toolMessageContent(fact.data.result));
    case "tool:error":
      return withResult(state, fact.data.tool_call_id, fact.data.error.msg);
    case "orchestrator:steering_injected":
      // What the model said before is no answer to this.
      return { ...state, answer: null };
    case "cancel:requested":
      return { ...state, stopAcknowledged: true };
    default:
      return fact.type.startsWith("fact:") ? reduceMemory(state, fact as MemoryFact) : state;
  }
}

function reduceMemory(state: TurnState, fact: MemoryFact): TurnState {
  switch (fact.type) {
    case "fact:denied":
      return { ...state, denied: fact.reason };
    case "fact:call_not_run":
      return withResult(state, fact.callId, fact.content);
    case "fact:results_stored":
      return { ...state, results: new Map(), answer: state.answer && { ...state.answer, resultsStored: true } };
    case "fact:steers":
      return { ...state, steers: { next: fact.next, after: fact.after } };
    case "fact:stopped":
      return { ...state, stop: fact.stop };
    case "fact:failed": {
      // The first failure is the cause; what breaks after it is a consequence.
      const { type: _, ...failure } = fact;
      return { ...state, failure: state.failure ?? failure };
    }
    default:
      return reduceCall(state, fact);
  }
}

type CallFact = Extract<
  MemoryFact,
  { type: `fact:${"attempt" | "continued" | "answered" | "broken" | "recovered" | "answer_kept"}` }
>;

function reduceCall(state: TurnState, fact: CallFact): TurnState {
  switch (fact.type) {
    case "fact:attempt":
      return { ...state, attempts: state.attempts + 1, nextCall: null };
    case "fact:continued":
      return { ...state, continuations: state.continuations + 1, continued: true, nextCall: null };
    case "fact:answered": {
      const resultsStored = fact.answer.calls.length === 0;
      return { ...state, answer: { ...fact.answer, phase: "open", resultsStored } };
    }
    case "fact:broken":
      return { ...state, broken: fact.broken };
    case "fact:recovered":
      return {
        ...state,
        broken: null,
        nextCall: fact.next,
        lost: fact.lost === undefined ? state.lost : [...state.lost, fact.lost],
        compacted: state.compacted || fact.compacted === true,
        waitedTwice: state.waitedTwice || fact.waitedTwice === true,
      };
    case "fact:answer_kept":
      return { ...state, answer: state.answer && { ...state.answer, phase: fact.phase } };
  }
}

function requested(state: TurnState, { again, max_reached, iteration }: EventMap["provider:request"]): TurnState {
  const request = { ...state, attempts: 0, waitedTwice: false, nextCall: null };
  if (again) return request;
  const fresh = { ...request, answer: null, continuations: 0, compacted: false };
  return max_reached ? { ...fresh, wrappedUp: true } : { ...fresh, iteration };
}

function withUsage(
  state: TurnState,
  { usage, estimated_usage }: { readonly usage?: Usage; readonly estimated_usage?: Usage },
): TurnState {
  const counted = usage === undefined || usage.estimated ? undefined : usage;
  const estimated = estimated_usage ?? (usage?.estimated ? usage : undefined);
  return {
    ...state,
    usage: counted === undefined ? state.usage : addUsage(state.usage, counted),
    estimatedUsage: estimated === undefined ? state.estimatedUsage : addUsage(state.estimatedUsage, estimated),
  };
}

function withResult(state: TurnState, callId: string, content: Message["content"]): TurnState {
  return { ...state, results: new Map([...state.results, [callId, content]]) };
}
