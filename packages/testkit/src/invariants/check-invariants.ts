/**
 * Owns the list of what holds for every stream of events, whatever happened in it: each rule of the event contract, one
 * pure function a rule, in the files beside this one. Nothing is checked here.
 */
import type { Event } from "amplifier-core";
import { questionsAreAnsweredOneByOne } from "./approval-rules.ts";
import {
  blocksArePaired,
  blocksKeepTheirKind,
  blocksStartInOrder,
  deltasAddUp,
  deltasSaySomething,
  interruptedBlocksSaySo,
} from "./block-rules.ts";
import {
  bracketEventsComeOnce,
  cancelsAreCompleted,
  closingEventsAgree,
  statusHasItsReason,
  turnBeginsInOrder,
  turnEndsInOrder,
  turnsDoNotOverlap,
} from "./bracket-rules.ts";
import {
  oneSession,
  promptCompleteAgrees,
  promptCompleteIsLast,
  rawDeltasAreNotStored,
  seqHasNoGaps,
  timeHasItsFormat,
  timeNeverGoesBack,
  turnIdsAreRight,
} from "./envelope-rules.ts";
import { callsHaveStoredResults, storedAnswersWereShown } from "./message-rules.ts";
import { blocksBelongToARequest, iterationsCount, requestsHaveOneOutcome } from "./provider-rules.ts";
import { callsFollowTheirBlock, callsHaveOneOutcome, callsKeepTheirNames, outcomesFitDecisions } from "./tool-rules.ts";
import type { EventSource, Rule, Violation } from "./violation.ts";

/*
 * envelope: `seq` without gaps; `ts` RFC 3339 and never going back; one session; session events without a turn, the
 *   orchestrator's with one; raw deltas never stored; `prompt:complete` last, saying what `execution:end` said
 * bracket: `execution:start` first, then `prompt:submit`, `execution:end`, last `orchestrator:complete`, once each, only
 *   `tool:late_result` behind it; turns do not overlap; a cancel requested once and completed once; a status has its reason
 * blocks: started in order, ended once, deltas only between; kind, id and name kept; deltas add up to the block; none empty
 * model calls: each request one outcome unless denied; iterations count; blocks only while a call is under way
 * tools: announced once, after the call's block; one outcome that fits the decision; names kept
 * questions: answered, one at a time
 * conversation: each stored call has its result, in order, at once; answers are stored as they were shown
 */
const RULES: Readonly<Record<string, Rule>> = {
  seqHasNoGaps,
  timeHasItsFormat,
  timeNeverGoesBack,
  oneSession,
  turnIdsAreRight,
  rawDeltasAreNotStored,
  promptCompleteIsLast,
  promptCompleteAgrees,
  bracketEventsComeOnce,
  turnBeginsInOrder,
  turnEndsInOrder,
  closingEventsAgree,
  turnsDoNotOverlap,
  cancelsAreCompleted,
  statusHasItsReason,
  blocksArePaired,
  blocksStartInOrder,
  blocksKeepTheirKind,
  deltasAddUp,
  deltasSaySomething,
  interruptedBlocksSaySo,
  requestsHaveOneOutcome,
  iterationsCount,
  blocksBelongToARequest,
  callsHaveOneOutcome,
  outcomesFitDecisions,
  callsFollowTheirBlock,
  callsKeepTheirNames,
  questionsAreAnsweredOneByOne,
  callsHaveStoredResults,
  storedAnswersWereShown,
};

/** The names of all rules. */
export const INVARIANTS: readonly string[] = Object.keys(RULES);

/** Every broken rule of `events`, which hold whole turns; none when all is well. */
export function checkInvariants(
  events: readonly Event[],
  options: { readonly source?: EventSource } = {},
): readonly Violation[] {
  const source = options.source ?? "stream";
  return Object.entries(RULES).flatMap(([rule, check]) =>
    check(events, source).map((finding) => ({ rule, ...finding })),
  );
}

/** @throws Error with every violation, one a line. */
export function assertInvariants(events: readonly Event[], options: { readonly source?: EventSource } = {}): void {
  const violations = checkInvariants(events, options);
  if (violations.length === 0) return;
  const lines = violations.map(
    ({ rule, seq, message }) => `  ${rule}${seq === null ? "" : ` at seq ${seq}`}: ${message}`,
  );
  throw new Error(`The events break ${violations.length} invariants:\n${lines.join("\n")}`);
}
