/**
 * Owns how a finished command reads to the model: its output, then one line in brackets that says how it ended.
 */
import type { ToolResult } from "amplifier-core";
import type { KeptOutput } from "./output-window.ts";
import type { CommandEnd, CommandOutcome } from "./run-command.ts";

/** Makes the tool's result; anything but exit code 0 is a failure that keeps the output. `timeoutSeconds` was the limit. */
export function describeOutcome(outcome: CommandOutcome, timeoutSeconds: number): ToolResult {
  const ending = sentence(outcome.end, timeoutSeconds);
  const output = `${describeOutput(outcome.output)}\n[${ending}]`;
  if (outcome.end.status === "exited" && outcome.end.code === 0) return { success: true, output };
  const code = outcome.end.status === "exited" ? { exit_code: outcome.end.code } : {};
  return { success: false, output, error: { message: ending, ...code } };
}

function sentence(end: CommandEnd, timeoutSeconds: number): string {
  switch (end.status) {
    case "exited":
      return `exit code ${end.code}`;
    case "killed":
      return `killed by ${end.signal}`;
    case "aborted":
      return "stopped before it ended";
    case "timed_out":
      return (
        `stopped because it ran longer than ${timeoutSeconds} seconds; ` +
        "set a larger timeout, or run it in the background with its output in a file"
      );
  }
}

function describeOutput({ head, tail, omittedBytes }: KeptOutput): string {
  if (omittedBytes > 0) {
    const notice = `[${omittedBytes} bytes of output are left out here; use head, tail or grep, or write it to a file]`;
    return `${head.trimEnd()}\n${notice}\n${tail.trimEnd()}`;
  }
  return head.trimEnd() || "[no output]";
}
