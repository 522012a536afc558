/**
 * Owns `--json`: every event of the turn as one line of JSON on stdout, exactly as the log has it.
 */
import type { Output } from "../terminal/output.ts";
import type { TurnView } from "./turn-view.ts";

/** Prints events as JSONL. */
export function jsonView(output: Output): TurnView {
  return {
    show: (event) => output.line(JSON.stringify(event)),
    end: () => Promise.resolve(),
  };
}
