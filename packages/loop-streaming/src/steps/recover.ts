/**
 * Owns doing what was decided about an attempt that brought no whole answer: it is made again after a while, or its call
 * ends with `provider:error` and another call, the conversation or the turn goes on from there.
 */
import type { Recovery } from "../turn/recovery.ts";
import type { Turn } from "../turn/turn.ts";
import type { Broken, NextCall } from "../turn/turn-state.ts";
import { attemptError, raiseError, raiseRetry } from "./call-events.ts";
import type { MadeCall } from "./model-call.ts";

/** Carries out `recovery`. */
export async function recover(
  turn: Turn,
  { broken, recovery }: { readonly broken: Broken; readonly recovery: Recovery },
): Promise<void> {
  const call = turn.call as MadeCall;
  if (recovery.kind === "retry") return retry(turn, { call, broken, recovery });
  try {
    await raiseError(turn, call, recovery.kind !== "fail" && recovery.kind !== "stop");
    if (recovery.kind === "fallback") {
      const { iteration } = turn.state;
      const change = { from: call.selected.name, to: recovery.to, iteration, error: attemptError(call) };
      await turn.emit("provider:fallback", change);
    }
  } finally {
    if (recovery.kind === "fail") {
      turn.note({
        type: "fact:failed",
        error: broken.error,
        ...(broken.limit === null ? {} : { limit: broken.limit }),
      });
    }
    turn.note({
      type: "fact:recovered",
      next: nextCall(recovery),
      ...(recovery.kind === "fallback" ? { lost: call.selected.name } : {}),
      ...(recovery.kind === "compact" ? { compacted: true } : {}),
    });
  }
}

function nextCall({ kind }: Recovery): NextCall | null {
  if (kind === "continue") return "continuation";
  return kind === "fallback" || kind === "compact" ? "again" : null;
}

async function retry(
  turn: Turn,
  {
    call,
    broken,
    recovery,
  }: { readonly call: MadeCall; readonly broken: Broken; readonly recovery: Extract<Recovery, { kind: "retry" }> },
): Promise<void> {
  const { jitter } = turn.config.retry;
  const delayMs = Math.round(recovery.delayMs * (recovery.isOwn ? 1 - jitter * Math.random() : 1));
  let next: NextCall | null = null;
  try {
    await raiseRetry(turn, call, delayMs);
    if (await turn.waitUnlessCut(delayMs, !call.wrapUp)) next = "retry";
    else await raiseError(turn, call, !turn.stopped);
  } finally {
    turn.note({ type: "fact:recovered", next, ...(broken.limit === null ? {} : { waitedTwice: true }) });
  }
}
