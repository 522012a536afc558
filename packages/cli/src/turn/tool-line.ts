/**
 * Owns the short line the person sees of a tool's call: name and the input's gist. Foreign text is made harmless.
 */
import type { EventOf } from "amplifier-core";
import { oneLine } from "../terminal/printable.ts";
import { cutToColumns } from "../terminal/screen-lines.ts";

const MARK = "·";

/** `· bash ls -la`: for `tool:pre` of a call that runs. `columns` bounds the line. */
export function toolLine({ tool_name, tool_input }: EventOf<"tool:pre">["data"], columns: number): string {
  return fitted(`${MARK} ${tool_name} ${gistOf(tool_input)}`, columns);
}

/** `· bash failed: ...`: for a call that did not run, or whose tool reported a failure; null when it went well. */
export function toolFailureLine(event: EventOf<"tool:post"> | EventOf<"tool:error">, columns: number): string | null {
  if (event.type === "tool:error") {
    const { tool_name, error } = event.data;
    return fitted(`${MARK} ${tool_name} ${error.type}: ${error.msg}`, columns);
  }
  const { tool_name, result } = event.data;
  if (result.success) return null;
  return fitted(`${MARK} ${tool_name} failed: ${result.error?.message ?? "no reason given"}`, columns);
}

function fitted(line: string, columns: number): string {
  return cutToColumns(oneLine(line), Math.max(20, columns - 1));
}

// One argument says most; several are shown as they were given.
function gistOf(input: Readonly<Record<string, unknown>>): string {
  const values = Object.values(input);
  if (values.length === 0) return "";
  const [first] = values;
  return values.length === 1 && typeof first === "string" ? first : JSON.stringify(input);
}
