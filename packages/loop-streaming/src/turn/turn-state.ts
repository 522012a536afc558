/**
 * Owns what the loop knows of a turn when it decides: plain data, replaced and never changed, reduced from facts only.
 */
import type { FinishReason, Message, Usage } from "amplifier-core";
import { NO_USAGE } from "amplifier-core";

/** Why a turn has to stop. `caller`: the caller's own signal, which wants to be thrown. */
export type StopReason =
  | { readonly kind: "graceful" | "immediate" }
  | { readonly kind: "caller"; readonly error: unknown }
  | { readonly kind: "timeout"; readonly limit: string; readonly seconds: number };

/** Which call of which tool. */
export interface CallName {
  readonly id: string;
  readonly name: string;
}

/** The last answer of the model, as far as the loop cares. */
export interface AnswerState {
  readonly text: string;
  /** Its tool calls, in the order of their blocks. */
  readonly calls: readonly CallName[];
  /** Null when it was cut off. */
  readonly finishReason: FinishReason | null;
  /** It is in the conversation; else its calls still have to settle, and their results have no place there. */
  readonly stored: boolean;
  /** The results of its calls are in the context. */
  readonly resultsStored: boolean;
}

/** A turn, as `decide` sees it. */
export interface TurnState {
  readonly started: boolean;
  /** Reason of a hook that denied the prompt or a request. */
  readonly denied: string | null;
  /** Model calls begun, without the wrap-up. */
  readonly iteration: number;
  readonly answer: AnswerState | null;
  /** The `block_index` the next block of this iteration gets. */
  readonly nextBlockIndex: number;
  /** The wrap-up call was made. */
  readonly wrappedUp: boolean;
  readonly usage: Usage;
  /** What each settled call tells the model, by call id. */
  readonly results: ReadonlyMap<string, Message["content"]>;
  readonly stop: StopReason | null;
  /** `cancel:requested` was emitted. */
  readonly stopAcknowledged: boolean;
  readonly failure: { readonly error: unknown } | null;
}

/** A turn before anything happened. */
export const NEW_TURN: TurnState = {
  started: false,
  denied: null,
  iteration: 0,
  answer: null,
  nextBlockIndex: 0,
  wrappedUp: false,
  usage: NO_USAGE,
  results: new Map(),
  stop: null,
  stopAcknowledged: false,
  failure: null,
};
