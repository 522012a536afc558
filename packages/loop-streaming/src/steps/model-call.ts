/**
 * Owns one call of the model, from its `provider:request` on: whom it asks, and for what. It may take several attempts.
 */
import type { ChatRequest } from "amplifier-core";
import type { AnswerReader } from "../answer/answer-reader.ts";
import { Answer } from "../answer/answer.ts";
import type { Cutoff } from "../answer/cutoff.ts";
import type { TextJoin } from "../answer/text-join.ts";
import { type NamedProvider, selectProvider } from "../select-provider.ts";
import { ToolBatch } from "../tools/tool-batch.ts";
import type { CallKind } from "../turn/decide.ts";
import type { Turn } from "../turn/turn.ts";
import { DENIED, raiseRequest } from "./prepare-request.ts";

/** One attempt at a call. */
export interface Attempt {
  readonly cutoff: Cutoff;
  readonly reader: AnswerReader;
  /** What broke it; `ABORTED` while it runs and when it was cut off, undefined when its answer is whole. */
  error: unknown;
  /** What it has cost was told; it is counted once. */
  isCounted: boolean;
}

/** A call of the model. */
export interface ModelCall {
  readonly selected: NamedProvider;
  /** Null: the provider's own. */
  readonly model: string | null;
  /** It runs no tools. */
  readonly wrapUp: boolean;
  readonly answer: Answer;
  /** What it asks; null until its first attempt is about to be made. */
  request: ChatRequest | null;
  /** How its text joins that of an answer that was cut; null when it begins one. */
  newJoin: (() => TextJoin) | null;
}

/** A call that was attempted; `attempt` is the last one. */
export interface MadeCall extends ModelCall {
  attempt: Attempt;
}

/** Begins a call: raises its request. Null when a hook denied it, which is noted. */
export async function openCall(turn: Turn, kind: Exclude<CallKind, "retry">): Promise<ModelCall | null> {
  const { config, input, state } = turn;
  const selected = selectProvider(input.providers, { wanted: config.defaultProvider, lost: state.lost });
  if (kind === "continuation") turn.note({ type: "fact:continued" });
  const wrapUp = kind === "wrap_up" || (kind !== "iteration" && state.wrappedUp);
  const model = await raiseRequest(turn, selected, { kind, wrapUp });
  if (model === DENIED) return null;
  const answer = answerFor(turn, kind);
  turn.answer = answer;
  return { selected, model, wrapUp, answer, request: null, newJoin: null };
}

function answerFor(turn: Turn, kind: Exclude<CallKind, "retry">): Answer {
  const before = turn.answer;
  if (before === null || kind === "iteration") return new Answer(new ToolBatch(turn), 0);
  // The wrap-up belongs to the iteration before it, whose answer is stored already.
  return kind === "wrap_up" ? new Answer(new ToolBatch(turn), before.nextIndex) : before;
}
