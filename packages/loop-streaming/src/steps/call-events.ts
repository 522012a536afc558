/**
 * Owns the events that tell how a call of the model ended: one `provider:response` or `provider:error` for each request,
 * and for hooks one `llm:request` and `llm:response` for each attempt.
 */
import { ABORTED, type ChatRequest, errorInfo, type ErrorInfo, type EventMap, type Usage } from "amplifier-core";
import { estimatedUsage, uncountedUsage } from "../answer/estimate-usage.ts";
import type { Turn } from "../turn/turn.ts";
import type { MadeCall } from "./model-call.ts";

/** Raises `provider:response` of an answer that is whole. */
export async function raiseResponse(turn: Turn, call: MadeCall): Promise<void> {
  const { selected, model, attempt } = call;
  const { end, usage, blocks, characters } = attempt.reader;
  await turn.emit("provider:response", {
    provider: selected.name,
    model: end?.model ?? model,
    iteration: turn.state.iteration,
    usage: usage ?? estimatedUsage(call.request as ChatRequest, characters),
    finish_reason: end?.finish_reason ?? "unknown",
    tool_calls: blocks.some((block) => block.type === "tool_call"),
    streamed: selected.info.streams !== false,
  });
}

/** Raises `provider:error` of the last attempt, after `llm:stream_aborted` where something of its answer had come. */
export async function raiseError(turn: Turn, call: MadeCall, recovered: boolean): Promise<void> {
  const { selected, model, attempt } = call;
  const { reader } = attempt;
  const error = attemptError(call);
  if (reader.begun) await turn.emit("llm:stream_aborted", { request_id: reader.requestId, error });
  await turn.emit("provider:error", {
    provider: selected.name,
    model,
    iteration: turn.state.iteration,
    request_id: reader.requestId,
    error,
    recovered,
    ...takeCost(call),
  });
}

/** Raises `provider:retry` of an attempt that is made again after `delayMs`. */
export async function raiseRetry(turn: Turn, call: MadeCall, delayMs: number): Promise<void> {
  const { selected, model, attempt } = call;
  await turn.emit("provider:retry", {
    provider: selected.name,
    model,
    iteration: turn.state.iteration,
    request_id: attempt.reader.requestId,
    attempt: turn.state.attempts,
    max_attempts: turn.config.retry.attempts,
    delay_ms: delayMs,
    error: attemptError(call),
    ...takeCost(call),
  });
}

/** What broke the last attempt, as plain JSON. */
export function attemptError({ attempt }: MadeCall): ErrorInfo {
  if (attempt.error !== ABORTED) return errorInfo(attempt.error);
  const msg = attempt.cutoff.by === "steered" ? "The person steered the turn elsewhere." : "The turn was stopped.";
  return { type: "AbortError", msg };
}

// An attempt whose retry never came is told of twice.
function takeCost(call: MadeCall): { readonly usage?: Usage; readonly estimated_usage?: Usage } {
  const { attempt } = call;
  if (attempt.isCounted) return {};
  attempt.isCounted = true;
  const { usage } = attempt.reader;
  const estimated = uncounted(call);
  return {
    ...(usage === null ? {} : { usage }),
    ...(estimated === undefined ? {} : { estimated_usage: estimated }),
  };
}

// A server that refused a request has not counted it; one that was left before it answered has.
function uncounted({ request, attempt }: MadeCall): Usage | undefined {
  const { reader, cutoff } = attempt;
  const wasAsked = request !== null && (reader.begun || (cutoff.signal.aborted && cutoff.silence !== null));
  return wasAsked ? uncountedUsage(reader.usage, request, reader.characters) : undefined;
}

/** Tells hooks that an attempt goes out. */
export async function tellRequest(turn: Turn, call: MadeCall): Promise<void> {
  if (!turn.hooks.has("llm:request")) return;
  const { messages = [], tools = [] } = call.request ?? {};
  const counts = { message_count: messages.length, tool_count: tools.length };
  await turn.hooks.emit("llm:request", { ...callData(turn, call), ...counts }, { signal: turn.stop.closingSignal });
}

/** Tells hooks that it has ended. */
export async function tellResponse(turn: Turn, call: MadeCall): Promise<void> {
  const { reader, cutoff, error } = call.attempt;
  if (!turn.hooks.has("llm:response") || cutoff.silence === null) return;
  const data = {
    ...callData(turn, call),
    status: error === undefined ? ("ok" as const) : error === ABORTED ? ("stopped" as const) : ("error" as const),
    duration_ms: cutoff.silence.elapsedMs,
    first_delta_ms: cutoff.silence.firstHeardMs,
    usage: reader.usage,
  };
  await turn.hooks.emit("llm:response", data, { signal: turn.stop.closingSignal });
}

type CallData = Pick<EventMap["llm:request"], "request_id" | "provider" | "model" | "iteration">;

function callData(turn: Turn, { selected, model, attempt }: MadeCall): CallData {
  return { request_id: attempt.reader.requestId, provider: selected.name, model, iteration: turn.state.iteration };
}
