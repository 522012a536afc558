/**
 * Owns the rules of tool calls: announced once, with one outcome that fits the decision.
 */
import type { Event, EventOf } from "amplifier-core";
import { at, type Finding, missing, perTurn, type Rule } from "./violation.ts";

const AFTER_RUN: ReadonlySet<string> = new Set(["timeout", "detached", "cancelled", "denied"]);

type ToolEvent =
  | EventOf<"tool:pre">
  | EventOf<"tool:post">
  | EventOf<"tool:error">
  | EventOf<"tool:progress">
  | EventOf<"tool:late_result">;

interface Call {
  readonly pre: EventOf<"tool:pre">;
  outcome?: EventOf<"tool:post"> | EventOf<"tool:error">;
  late?: true;
}

/** Each call has one `tool:pre`, then exactly one `tool:post` or `tool:error`. */
export const callsHaveOneOutcome: Rule = perTurn((turn) => {
  const { findings, calls } = follow(turn);
  const left = calls.filter(({ outcome }) => outcome === undefined);
  return [...findings, ...left.map(({ pre }) => missing(`call ${pre.data.tool_call_id} has no outcome`))];
});

/** A call that was not to run ends in `tool:error` of that type; one that ran ends so only for the known reasons. */
export const outcomesFitDecisions: Rule = perTurn((turn) =>
  follow(turn).calls.flatMap(({ pre, outcome }) => {
    if (outcome === undefined) return [];
    const { decision, tool_call_id } = pre.data;
    if (outcome.type === "tool:post")
      return decision === "run" ? [] : [at(outcome, `call ${tool_call_id} was ${decision}`)];
    const { type } = outcome.data.error;
    if (decision === "run" ? AFTER_RUN.has(type) : type === decision) return [];
    return [at(outcome, `call ${tool_call_id} was decided "${decision}" and failed with "${type}"`)];
  }),
);

/** A call is announced after its own block has ended: a resume finds the call before its run. */
export const callsFollowTheirBlock: Rule = perTurn((turn) => {
  const ended = new Set<string>();
  return turn.flatMap((event) => {
    if (event.type === "content_block:end" && event.data.block.type === "tool_call") ended.add(event.data.block.id);
    if (event.type !== "tool:pre" || ended.has(event.data.tool_call_id)) return [];
    return [at(event, `call ${event.data.tool_call_id} has no content_block:end before it`)];
  });
});

/** A call's events agree on its tool and its group. */
export const callsKeepTheirNames: Rule = perTurn((turn) =>
  follow(turn).calls.flatMap(({ pre, outcome }) => {
    if (outcome === undefined) return [];
    const same =
      pre.data.tool_name === outcome.data.tool_name && pre.data.parallel_group_id === outcome.data.parallel_group_id;
    return same ? [] : [at(outcome, `call ${pre.data.tool_call_id} has another tool or group than its tool:pre`)];
  }),
);

/** Walks the tool events of a turn; call ids may come again in a later answer, once the earlier call has its outcome. */
function follow(turn: readonly Event[]): { readonly calls: readonly Call[]; readonly findings: readonly Finding[] } {
  const calls: Call[] = [];
  const current = new Map<string, Call>();
  const findings: Finding[] = [];
  for (const event of turn) {
    if (!isToolEvent(event)) continue;
    const id = event.data.tool_call_id;
    const call = current.get(id);
    const wrong = step(event, call);
    if (wrong !== null) findings.push(at(event, `call ${id} ${wrong}`));
    if (event.type !== "tool:pre") continue;
    const begun: Call = { pre: event };
    calls.push(begun);
    current.set(id, begun);
  }
  return { calls, findings };
}

function step(event: ToolEvent, call: Call | undefined): string | null {
  if (event.type === "tool:pre") return call !== undefined && call.outcome === undefined ? "is announced again" : null;
  if (call === undefined) return "was never announced";
  if (event.type === "tool:late_result") return tellLate(call) ? null : "was not detached, or is told late twice";
  if (call.outcome !== undefined) return "has its outcome already";
  if (event.type === "tool:progress") return call.pre.data.decision === "run" ? null : "does not run";
  call.outcome = event;
  return null;
}

function tellLate(call: Call): boolean {
  const fits = call.outcome?.type === "tool:error" && call.outcome.data.error.type === "detached" && !call.late;
  call.late = true;
  return fits;
}

function isToolEvent(event: Event): event is ToolEvent {
  return /^tool:(?:pre|post|error|progress|late_result)$/u.test(event.type);
}
