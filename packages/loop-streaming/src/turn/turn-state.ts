/**
 * Owns what the loop knows of a turn when it decides: plain data, replaced and never changed, reduced from facts only.
 */
import type { FinishReason, Message, Usage, WaitedHook } from "amplifier-core";
import { NO_USAGE } from "amplifier-core";

/** Why a turn has to stop. `caller`: the caller's own signal, which wants to be thrown. */
export type StopReason =
  | { readonly kind: "graceful" | "immediate" }
  | { readonly kind: "caller"; readonly error: unknown }
  | {
      readonly kind: "timeout";
      readonly limit: string;
      readonly seconds: number;
      /** Who had not answered by then. */
      readonly hooks: readonly WaitedHook[];
    };

/** Which call of which tool. */
export interface CallName {
  readonly id: string;
  readonly name: string;
}

/** What the model has said in this iteration, as far as the loop cares. */
export interface AnswerState {
  readonly text: string;
  /** Its tool calls, in the order of their blocks. */
  readonly calls: readonly CallName[];
  /** Null when it was cut off. */
  readonly finishReason: FinishReason | null;
  /** It has text to go on from, and two halves would be as good as a whole. */
  readonly mayContinue: boolean;
  /**
   * `open`: it may be continued. `stored`: it is in the conversation. `lost`: the context refused it; its calls still have
   * to settle, and their results have no place there.
   */
  readonly phase: "open" | "stored" | "lost";
  /** Every call has settled, and its result is in the context. */
  readonly resultsStored: boolean;
}

/** An attempt at a model call that brought no whole answer, before it is decided what to do about it. */
export interface Broken {
  /** What was thrown; undefined when the loop itself cut it off. */
  readonly error: unknown;
  /** Why the loop cut it off. */
  readonly cut: "stopped" | "steered" | null;
  /** The limit on silence that was passed. */
  readonly limit: string | null;
  /** Something of the answer has come. */
  readonly begun: boolean;
  /** The provider retries by itself. */
  readonly retries: boolean;
  /** The provider that would be asked instead. */
  readonly nextProvider: string | null;
  /** The answer has to be of a certain form, which two halves would not keep. */
  readonly isFormed: boolean;
  /** What is left of the turn's time. */
  readonly leftMs: number;
}

/** `retry`: the same request. `again`: the same by another request. `continuation`: what is missing of a cut answer. */
export type NextCall = "retry" | "again" | "continuation";

/** A turn, as `decide` sees it. */
export interface TurnState {
  readonly started: boolean;
  /** Reason of a hook that denied the prompt or a request. */
  readonly denied: string | null;
  /** Iterations begun. */
  readonly iteration: number;
  readonly answer: AnswerState | null;
  readonly broken: Broken | null;
  /** Which call of the model comes next, when it is none of a new iteration. */
  readonly nextCall: NextCall | null;
  /** Providers that have failed: they are not asked again in this turn. */
  readonly lost: readonly string[];
  /** Attempts at the current request. */
  readonly attempts: number;
  /** The current request was made again because nothing came in time. */
  readonly waitedTwice: boolean;
  /** Continuations of the current answer. */
  readonly continuations: number;
  /** The context was asked for less in this iteration. */
  readonly compacted: boolean;
  /** Some answer of the turn was continued. */
  readonly continued: boolean;
  /** The wrap-up call was made. */
  readonly wrappedUp: boolean;
  /** What the servers counted. */
  readonly usage: Usage;
  /** What nobody counted. */
  readonly estimatedUsage: Usage;
  /** What each settled call tells the model, by call id. */
  readonly results: ReadonlyMap<string, Message["content"]>;
  /** Steers that wait for the next model call, and those that wait for the turn's end. */
  readonly steers: { readonly next: number; readonly after: number };
  readonly stop: StopReason | null;
  /** `cancel:requested` was emitted. */
  readonly stopAcknowledged: boolean;
  /** `limit`: the time limit that was passed. */
  readonly failure: { readonly error: unknown; readonly limit?: string } | null;
}

/** A turn before anything happened. */
export const NEW_TURN: TurnState = {
  started: false,
  denied: null,
  iteration: 0,
  answer: null,
  broken: null,
  nextCall: null,
  lost: [],
  attempts: 0,
  waitedTwice: false,
  continuations: 0,
  compacted: false,
  continued: false,
  wrappedUp: false,
  usage: NO_USAGE,
  estimatedUsage: NO_USAGE,
  results: new Map(),
  steers: { next: 0, after: 0 },
  stop: null,
  stopAcknowledged: false,
  failure: null,
};

/** Whether nothing new may start any more: the turn was stopped, denied, or has failed. */
export function isOver({ stop, denied, failure }: TurnState): boolean {
  return stop !== null || denied !== null || failure !== null;
}
