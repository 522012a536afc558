/**
 * Owns one planned turn against a running model, and the judgement of it: it ended, its events and the conversation are
 * well formed, and what it says is whole, or marked, or an error. Nothing is silently short.
 */
import type { Event, Message, Session, TurnSummary } from "amplifier-core";
import { assertInvariants, checkConversation } from "amplifier-testkit";
import { expect } from "vitest";
import { asking, type ChaosPlan, type Fault, type Interference, type PlannedTurn } from "./chaos-plan.ts";

/** What came of a turn. */
export interface Outcome {
  readonly events: readonly Event[];
  readonly error: unknown;
  readonly summary: TurnSummary;
  /** What the conversation has grown by. */
  readonly messages: readonly Message[];
}

/** Runs the turn to its end, whatever comes. */
export async function playTurn(session: Session, { line, interference }: PlannedTurn): Promise<Outcome> {
  const events: Event[] = [];
  const { length } = await session.messages();
  let deltas = 0;
  let error: unknown;
  try {
    for await (const event of session.stream(asking(line.number))) {
      events.push(event);
      if (event.type !== "content_block:delta" || ++deltas !== interference?.afterDeltas) continue;
      if (!interfere(session, interference)) break;
    }
  } catch (thrown) {
    error = thrown;
  }
  const summary = session.lastTurn;
  if (summary === undefined || summary === null) throw new Error("The turn has no summary: it did not end.");
  return { events, error, summary, messages: (await session.messages()).slice(length) };
}

/** Whether the stream is read on. */
function interfere(session: Session, interference: Interference): boolean {
  if (interference.kind === "steer") session.steer(asking(interference.line), { mode: interference.mode });
  else if (interference.mode === "break") return false;
  else session.cancel(interference.mode);
  return true;
}

/** Judges a turn. */
export function judge(plan: ChaosPlan, turn: PlannedTurn, outcome: Outcome): void {
  const { events, error, summary, messages } = outcome;
  // Who leaves in the middle has not seen the closing events; the log is judged too, and has them.
  if (turn.interference?.kind !== "stop" || turn.interference.mode !== "break") assertInvariants(events);
  expect(checkConversation(messages)).toEqual([]);
  expect(unmarkedPieces(plan, turn, outcome)).toEqual([]);
  if (summary.status === "success") expect(summary.text).toBe(plan.lines.get(lastLine(turn, events))?.text);
  else if (turn.interference?.kind !== "stop") expect(error).toBeDefined();
  if (mustSucceed(turn, plan)) expect([summary.status, error]).toEqual(["success", undefined]);
}

/**
 * The stored texts that are neither whole nor the beginning of a whole and marked as cut. A text that its model ended at its
 * output limit came to an end of its own: unmarked it may stay when nobody went on with it, because the turn failed or the
 * person interfered, and the turn says that.
 */
function unmarkedPieces(plan: ChaosPlan, turn: PlannedTurn, { messages, summary }: Outcome): string[] {
  const lines = [...plan.lines.values()];
  const wholes = {
    text: lines.flatMap(({ text, call }) => [text, ...(call === null ? [] : [call.preface])]),
    thinking: lines.flatMap(({ thought }) => thought ?? []),
  };
  const wasLeft = summary.status !== "success" || turn.interference !== null;
  const isLimited =
    wasLeft && faultsOf(turn, plan).some((faults) => faults.some(({ kind }) => kind === "output_limit"));
  const answers = messages.filter(({ role }) => role === "assistant");
  return answers
    .flatMap(({ content }) => (typeof content === "string" ? [] : content))
    .flatMap((block) => {
      if (block.type !== "text" && block.type !== "thinking") return [];
      const said = block.type === "text" ? block.text : block.thinking;
      const isMarked = block.interrupted === true || (isLimited && block.type === "text");
      const isKnown = wholes[block.type].some((whole) => (isMarked ? whole.startsWith(said) : whole === said));
      return isKnown ? [] : [JSON.stringify(block)];
    });
}

/** The line the model was asked for last: a steer that was delivered, or the prompt. */
function lastLine({ line, interference }: PlannedTurn, events: readonly Event[]): number {
  const isSteered = events.some(({ type }) => type === "orchestrator:steering_injected");
  return isSteered && interference?.kind === "steer" ? interference.line : line.number;
}

/** Up to two faults of one line can be overcome: three attempts, three continuations. A page that is no stream cannot. */
function mustSucceed(turn: PlannedTurn, plan: ChaosPlan): boolean {
  if (turn.interference?.kind === "stop") return false;
  return faultsOf(turn, plan).every((faults) => faults.length <= 2 && faults.every(({ kind }) => kind !== "no_json"));
}

/** The faults of each line that is asked for in the turn. */
function faultsOf({ line, interference }: PlannedTurn, plan: ChaosPlan): readonly (readonly Fault[])[] {
  const steered = interference?.kind === "steer" ? plan.lines.get(interference.line) : undefined;
  return [line.faults, ...(steered === undefined ? [] : [steered.faults])];
}
