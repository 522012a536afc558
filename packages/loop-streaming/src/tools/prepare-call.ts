/**
 * Owns whether a call may run: the tool exists, its input fits the schema, and no hook says no. The stored `tool:pre` is
 * written here, with the final input and the decision. Calls that cannot run ask nobody.
 */
import { checkValue, type Decision, type Tool, type ToolDecision } from "amplifier-core";
import type { Turn } from "../turn/turn.ts";
import type { CallRun } from "./call.ts";

/** What preparing a call came to. `message` is for the model. */
export type Prepared =
  | { readonly decision: "run"; readonly tool: Tool; readonly input: ToolInput }
  | { readonly decision: Exclude<ToolDecision, "run">; readonly message: string };

/** The parsed input of a call. */
export type ToolInput = Readonly<Record<string, unknown>>;

/** Decides about a call and raises its `tool:pre`. */
export async function prepareCall(turn: Turn, run: CallRun): Promise<Prepared> {
  const { block } = run;
  await turn.deltas.flush();
  const checked = unlessStopped(turn, check(turn.input.tools, block));
  if (checked.decision !== "run") {
    await raisePre(turn, run, { input: block.input, outcome: checked });
    return checked;
  }
  let outcome: Prepared = checked;
  const data = { ...run.event, tool_input: block.input, decision: "run" as const };
  await turn.ask("tool:pre", data, {
    mayAsk: run.earlierDecided,
    stored: (decision) => {
      outcome = decideOf(turn, decision, checked.tool);
      const input = outcome.decision === "run" ? outcome.input : decision.data.tool_input;
      return { ...run.event, tool_input: input, ...storedDecision(outcome) };
    },
  });
  return outcome;
}

// After a stop no hook is asked about a call that will not run; its skipped hooks would only alarm whoever stopped it.
function unlessStopped(turn: Turn, checked: Prepared): Prepared {
  if (checked.decision !== "run" || !turn.stopped) return checked;
  return { decision: "cancelled", message: "Cancelled: the turn was stopped before this call ran." };
}

function decideOf(turn: Turn, decision: Decision<"tool:pre">, tool: Tool): Prepared {
  if (turn.stopped) return unlessStopped(turn, { decision: "run", tool, input: decision.data.tool_input });
  if (decision.action === "deny")
    return { decision: "denied", message: `Denied: ${decision.reason ?? "No reason given"}` };
  if (!decision.modified) return { decision: "run", tool, input: decision.data.tool_input };
  return checkInput(tool, decision.data.tool_input);
}

function check(
  tools: ReadonlyMap<string, Tool>,
  call: { name: string; input: ToolInput; raw_arguments?: string },
): Prepared {
  const tool = tools.get(call.name);
  if (tool === undefined) {
    const known = [...tools.keys()].join(", ") || "none";
    return { decision: "unknown", message: `Error: there is no tool "${call.name}". Available tools: ${known}.` };
  }
  if (call.raw_arguments !== undefined) {
    const shown = call.raw_arguments.slice(0, 200);
    return { decision: "invalid", message: `Error: the arguments are not a JSON object: ${shown}` };
  }
  return checkInput(tool, call.input);
}

function checkInput(tool: Tool, input: ToolInput): Prepared {
  try {
    const problems = checkValue(input, tool.inputSchema ?? { type: "object" });
    if (problems.length === 0) return { decision: "run", tool, input };
    const list = problems.map(({ path, message }) => `${path || "input"}: ${message}`).join("; ");
    return { decision: "invalid", message: `Error: the input does not match the schema of "${tool.name}": ${list}` };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { decision: "invalid", message: `Error: the schema of "${tool.name}" cannot be used: ${reason}` };
  }
}

function raisePre(turn: Turn, run: CallRun, pre: { input: ToolInput; outcome: Prepared }): Promise<void> {
  const data = { ...run.event, tool_input: pre.input, ...storedDecision(pre.outcome) };
  return turn.emit("tool:pre", data, { handlers: false });
}

function storedDecision(outcome: Prepared): { readonly decision: ToolDecision; readonly reason?: string } {
  if (outcome.decision === "run") return { decision: "run" };
  return { decision: outcome.decision, reason: outcome.message };
}
