/**
 * Owns one call from its preparation to its one outcome: `tool:post` when the tool returned or threw, `tool:error` when it
 * never ran or was let go. It never rejects; whatever a tool does, the model gets a clear result.
 */
import {
  ABORTED,
  errorInfo,
  jsonCopy,
  looseCopy,
  type Tool,
  toToolResult,
  type ToolResult,
  untilAborted,
} from "amplifier-core";
import type { Turn } from "../turn/turn.ts";
import { prepareCall, type Prepared, type ToolInput } from "./prepare-call.ts";
import { CallLimit, CANCELLED } from "./call-limit.ts";
import type { CallRun } from "./call.ts";

/** Somebody was to say whether the result may be shown, and a stop came first: what nobody allowed is not allowed. */
const UNASKED = "Withheld: the tool has run, and the turn was stopped before its result was allowed.";

/** Runs a call to its outcome. */
export async function runCall(turn: Turn, run: CallRun): Promise<void> {
  try {
    const prepared = await prepareCall(turn, run);
    run.call.markDecided();
    if (prepared.decision !== "run")
      return await raiseError(turn, run, { type: prepared.decision, msg: prepared.message });
    const started = await untilAborted(run.mayStart(), turn.stop.signal);
    if (started !== ABORTED) await turn.bounded(turn.hooks.commit(), turn.stop.signal);
    if (turn.stopped) return await raiseError(turn, run, { type: "cancelled", msg: CANCELLED });
    await execute(turn, run, prepared);
  } catch (error) {
    await raiseError(turn, run, {
      type: "cancelled",
      msg: `Error: the call could not be run: ${errorInfo(error).msg}`,
    });
  }
}

async function execute(
  turn: Turn,
  run: CallRun,
  { tool, input }: Extract<Prepared, { decision: "run" }>,
): Promise<void> {
  const limit = new CallLimit(turn, tool);
  const running = turn.input.coordinator?.cancellation;
  running?.registerToolStart(run.call.id, displayName(tool, input));
  const work = start(turn, run, { tool, input, signal: limit.signal }).finally(() =>
    running?.registerToolComplete(run.call.id),
  );
  const outcome = await turn.bounded(work, limit.signal);
  limit.dispose();
  if (outcome === ABORTED) {
    // The turn settles now; what the tool still comes to is told when it does.
    void work.then((late) =>
      turn.hooks.emit("tool:late_result", { ...run.event, result: late.result }, { turnId: turn.id }),
    );
    await raiseError(turn, run, { type: limit.isTimeout ? "timeout" : "detached", msg: limit.message });
  } else if (outcome.threw && limit.signal.aborted) {
    await raiseError(turn, run, { type: limit.isTimeout ? "timeout" : "cancelled", msg: limit.message });
  } else await raisePost(turn, run, { input, result: outcome.result });
}

// Amplifier's delegation tool runs many agents under one name.
function displayName(tool: Tool, input: ToolInput): string {
  return tool.name === "delegate" && typeof input["agent"] === "string" ? input["agent"] : tool.name;
}

interface Outcome {
  readonly result: ToolResult;
  readonly threw: boolean;
}

interface ToolRun {
  readonly tool: Tool;
  readonly input: ToolInput;
  readonly signal: AbortSignal;
}

async function start(turn: Turn, run: CallRun, { tool, input, signal }: ToolRun): Promise<Outcome> {
  let over = false;
  let shown: Promise<void> = Promise.resolve();
  const progress = (value: unknown): void => {
    if (over || signal.aborted) return;
    const showing = showProgress(turn, run, value);
    shown = shown.then(() => showing);
  };
  try {
    const context = { signal, callId: run.call.id, progress };
    return { result: toToolResult(await tool.execute(looseCopy(input), context)), threw: false };
  } catch (error) {
    return { result: { success: false, error: { message: errorInfo(error).msg || "The tool failed." } }, threw: true };
  } finally {
    over = true;
    // A call's outcome is the last that is told of it, however slow the handlers of its progress are.
    await shown;
  }
}

// Once the turn stops, handlers of progress are neither asked nor waited for.
function showProgress(turn: Turn, { event }: CallRun, value: unknown): Promise<void> {
  const data = { ...event, progress: jsonCopy(value) ?? null };
  return turn.emit("tool:progress", data, { signal: turn.stop.signal, handlers: !turn.stopped });
}

async function raisePost(turn: Turn, run: CallRun, done: { input: ToolInput; result: ToolResult }): Promise<void> {
  const data = { ...run.event, tool_input: done.input, result: done.result };
  await turn.ask("tool:post", data, {
    signal: turn.stop.closingSignal,
    stored: (decision) => {
      if (decision.action !== "deny") return { ...data, result: toToolResult(decision.data.result) };
      const message = decision.withdrawn ? UNASKED : `Denied: ${decision.reason ?? "No reason given"}`;
      return { ...data, result: { success: false, error: { message } } };
    },
  });
}

function raiseError(turn: Turn, { event }: CallRun, error: { type: string; msg: string }): Promise<void> {
  return turn.emit("tool:error", { ...event, error });
}
