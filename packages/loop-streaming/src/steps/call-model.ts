/**
 * Owns one model call from its request to its stored answer, whole or cut off. Tools whose calls are complete start while
 * the answer still streams. Exactly one `provider:response` or `provider:error` follows each request.
 */
import { ABORTED, errorInfo, LLMError, NO_USAGE, textOf, type ToolCallBlock } from "amplifier-core";
import { AnswerReader } from "../answer/answer-reader.ts";
import { readUntilStopped } from "../answer/read-until-stopped.ts";
import { type NamedProvider, selectProvider } from "../select-provider.ts";
import { ToolBatch } from "../tools/tool-batch.ts";
import type { Turn } from "../turn/turn.ts";
import { DENIED, prepareRequest, raiseRequest } from "./prepare-request.ts";

const CUT_OFF = "This call was cut off before its arguments were complete, so it was not run.";
const NOT_RUN = "This call was not run: the turn has reached its limit of model calls.";

/** Asks the model once. A provider's error is noted after what came was stored; `wrapUp` runs no tool. */
export async function callModel(turn: Turn, wrapUp: boolean): Promise<void> {
  const selected = selectProvider(turn.input.providers, turn.config.defaultProvider);
  const model = await raiseRequest(turn, selected, wrapUp);
  if (model === DENIED) return;
  const batch = new ToolBatch(turn);
  turn.batch = batch;
  const late: ToolCallBlock[] = [];
  const start = (call: ToolCallBlock): void => (wrapUp ? batch.addNotRun(call, NOT_RUN) : batch.add(call));
  const reader = new AnswerReader(turn, {
    iteration: turn.state.iteration,
    firstIndex: turn.state.nextBlockIndex,
    onCallStart: (call) => batch.announce(call),
    onCall: (call) => (turn.config.toolStart === "eager" ? start(call) : void late.push(call)),
  });
  const error = await readAnswer(turn, { reader, selected, model, wrapUp });
  for (const call of late) start(call);
  await closeAnswer(turn, { reader, selected, model, error });
}

interface Call {
  readonly reader: AnswerReader;
  readonly selected: NamedProvider;
  readonly model: string | null;
}

/** Streams the answer; returns what broke it, `ABORTED` when the turn was stopped, undefined when it is whole. */
async function readAnswer(turn: Turn, call: Call & { readonly wrapUp: boolean }): Promise<unknown> {
  const { reader, selected } = call;
  try {
    const request = await prepareRequest(turn, selected, call);
    if (request === null) return ABORTED;
    const { signal } = turn.stop;
    const whole = await readUntilStopped(selected.provider.stream(request, { signal }), reader, signal);
    if (!whole) return ABORTED;
    if (reader.end !== null) return undefined;
    const message = "The model's stream ended before its answer was finished.";
    return new LLMError("StreamError", message, { provider: selected.name });
  } catch (error) {
    if (turn.stopped) return ABORTED;
    return error === undefined ? new LLMError("LLMError", "The provider threw undefined.") : error;
  }
}

async function closeAnswer(turn: Turn, call: Call & { readonly error: unknown }): Promise<void> {
  const { reader, error } = call;
  let stored = false;
  try {
    for (const block of await reader.interrupt()) turn.batch?.addNotRun(block, CUT_OFF);
    await (error === undefined ? raiseResponse(turn, call) : raiseError(turn, call));
    const { blocks, end } = reader;
    const metadata = end?.metadata === undefined ? {} : { metadata: end.metadata };
    if (blocks.length > 0) await turn.addMessage({ role: "assistant", content: blocks, ...metadata });
    stored = true;
  } finally {
    // Whatever fails here, calls that run are waited for and the answer is known.
    turn.note({ type: "fact:answered", ...answerOf(reader, error), stored });
    if (error !== undefined && error !== ABORTED) turn.note({ type: "fact:failed", error });
  }
}

function answerOf({ blocks, end, nextIndex }: AnswerReader, error: unknown) {
  const calls = blocks.filter((block) => block.type === "tool_call").map(({ id, name }) => ({ id, name }));
  return {
    text: textOf(blocks),
    calls,
    finishReason: error === undefined ? (end?.finish_reason ?? null) : null,
    nextIndex,
  };
}

async function raiseResponse(turn: Turn, { reader, selected, model }: Call): Promise<void> {
  await turn.emit("provider:response", {
    provider: selected.name,
    model: reader.end?.model ?? model,
    iteration: turn.state.iteration,
    usage: reader.usage ?? NO_USAGE,
    finish_reason: reader.end?.finish_reason ?? "unknown",
    tool_calls: reader.blocks.some((block) => block.type === "tool_call"),
    streamed: selected.info.streams !== false,
  });
}

async function raiseError(turn: Turn, { reader, selected, model, error }: Call & { error: unknown }): Promise<void> {
  const stopped = error === ABORTED;
  const info = stopped ? { type: "AbortError", msg: "The turn was stopped." } : errorInfo(error);
  if (reader.begun) await turn.emit("llm:stream_aborted", { request_id: reader.requestId, error: info });
  await turn.emit("provider:error", {
    provider: selected.name,
    model,
    iteration: turn.state.iteration,
    request_id: reader.requestId,
    error: info,
    recovered: false,
    ...(reader.usage === null ? {} : { usage: reader.usage }),
  });
}
