/**
 * Owns one attempt at a call of the model: it is asked, its answer is streamed, and what came of it is known. Tools whose
 * calls are complete start while the answer still streams. What is done about an answer that broke is decided next.
 */
import { ABORTED, LLMError, type ToolCallBlock } from "amplifier-core";
import { AnswerReader } from "../answer/answer-reader.ts";
import { Cutoff } from "../answer/cutoff.ts";
import { readUntilStopped } from "../answer/read-until-stopped.ts";
import { providerAfter } from "../select-provider.ts";
import type { CallKind } from "../turn/decide.ts";
import type { Turn } from "../turn/turn.ts";
import type { Broken } from "../turn/turn-state.ts";
import { raiseResponse, tellRequest, tellResponse } from "./call-events.ts";
import { keepPace } from "./keep-pace.ts";
import { type MadeCall, type ModelCall, openCall } from "./model-call.ts";
import { buildRequest } from "./prepare-request.ts";

const CUT_OFF = "This call was cut off before its arguments were complete, so it was not run.";
const NOT_RUN = "This call was not run: the turn has reached its limit of model calls.";

/** Asks the model once. A call that is no retry begins with its `provider:request`, which a hook may deny. */
export async function callModel(turn: Turn, kind: CallKind): Promise<void> {
  const call = kind === "retry" ? turn.call : await openCall(turn, kind);
  if (call === null) return;
  turn.note({ type: "fact:attempt" });
  const isPatient = turn.isReasoning || call.selected.info.slowStart === true;
  const cutoff = new Cutoff(turn, { isPatient, isSteerable: !call.wrapUp });
  const made: MadeCall = Object.assign(call, {
    attempt: { cutoff, reader: newReader(turn, call), error: ABORTED, isCounted: false },
  });
  turn.call = made;
  try {
    made.attempt.error = await ask(turn, made);
  } finally {
    cutoff.dispose();
    turn.lastCallEndMs = turn.clock.now();
    await close(turn, made);
  }
}

function newReader(turn: Turn, call: ModelCall): AnswerReader {
  const { answer, wrapUp } = call;
  return new AnswerReader(turn, {
    iteration: turn.state.iteration,
    firstIndex: answer.nextIndex,
    callIds: answer.callIds,
    newJoin: () => call.newJoin?.() ?? null,
    onCallStart: (head) => answer.batch.announce(head),
    onCall: (block) => {
      if (turn.config.toolStart === "eager" || wrapUp) startCall(call, block);
      else answer.waiting.push(block);
    },
  });
}

function startCall({ answer, wrapUp }: ModelCall, block: ToolCallBlock): void {
  if (wrapUp) answer.batch.addNotRun(block, NOT_RUN);
  else answer.batch.add(block);
}

/** Streams the answer; resolves with what broke it, `ABORTED` when it was cut off, undefined when it is whole. */
async function ask(turn: Turn, call: MadeCall): Promise<unknown> {
  const { cutoff, reader } = call.attempt;
  const { name, provider } = call.selected;
  try {
    const request = await buildRequest(turn, call);
    if (request === null || !(await keepPace(turn, cutoff.signal))) return ABORTED;
    await tellRequest(turn, call);
    const stream = provider.stream(request, { signal: cutoff.signal });
    if (!(await readUntilStopped(stream, reader, cutoff))) return cutoff.timeoutError(name) ?? ABORTED;
    if (reader.end !== null) return undefined;
    return new LLMError("StreamError", "The model's stream ended before its answer was finished.", { provider: name });
  } catch (error) {
    if (cutoff.signal.aborted) return cutoff.timeoutError(name) ?? ABORTED;
    return error === undefined ? new LLMError("LLMError", "The provider threw undefined.") : error;
  }
}

async function close(turn: Turn, call: MadeCall): Promise<void> {
  const { reader, cutoff, error } = call.attempt;
  const { answer } = call;
  try {
    for (const block of answer.waiting.splice(0)) startCall(call, block);
    for (const block of await reader.interrupt(cutoff.by !== null)) answer.batch.addNotRun(block, CUT_OFF);
    await tellResponse(turn, call);
    if (error === undefined) await raiseResponse(turn, call);
  } finally {
    // Whatever fails here, calls that run are waited for and the answer is known.
    const { blocks, end, begun, nextIndex } = reader;
    const finishReason = error === undefined ? (end?.finish_reason ?? null) : null;
    answer.nextIndex = nextIndex;
    answer.add({ blocks, metadata: end?.metadata, finishReason }, call.newJoin !== null);
    if (begun || error === undefined) turn.note({ type: "fact:answered", answer: answer.facts(isFormed(turn)) });
    if (error !== undefined) turn.note({ type: "fact:broken", broken: brokenBy(turn, call) });
  }
}

function brokenBy(turn: Turn, { selected, attempt }: MadeCall): Broken {
  const { reader, cutoff, error } = attempt;
  const { config, input, state } = turn;
  return {
    error: error === ABORTED ? undefined : error,
    cut: cutoff.by,
    limit: cutoff.limit,
    begun: reader.begun,
    retries: selected.info.retries === true,
    nextProvider: config.fallback ? providerAfter(input.providers, [...state.lost, selected.name]) : null,
    isFormed: isFormed(turn),
    leftMs: turn.leftMs,
  };
}

// Two halves of JSON are rarely a whole.
function isFormed({ input }: Turn): boolean {
  const { type } = input.options?.response_format ?? { type: "text" };
  return type !== "text";
}
