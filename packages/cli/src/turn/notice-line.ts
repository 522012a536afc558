/**
 * Owns what is said of a turn beside the model's words, one line an event: tools, and what went wrong on the way.
 */
import type { Event, EventMap } from "amplifier-core";
import { oneLine } from "../terminal/printable.ts";
import { toolFailureLine, toolLine } from "./tool-line.ts";

/** Longest message of an error that is shown. */
const MAX_MESSAGE = 200;

/** The line for an event; null for those that say nothing. `brokeOff`: the answer had begun, and nobody stopped it. */
export function noticeLine(
  event: Event,
  { columns, brokeOff }: { readonly columns: number; readonly brokeOff: boolean },
): string | null {
  switch (event.type) {
    case "tool:pre":
      return event.data.decision === "run" ? toolLine(event.data, columns) : null;
    case "tool:post":
    case "tool:error":
      return toolFailureLine(event, columns);
    case "provider:retry":
      return retryLine(event.data);
    case "provider:fallback":
      return `${event.data.from} failed (${oneLine(event.data.error.msg, MAX_MESSAGE)}); asking ${event.data.to} instead`;
    case "provider:error": {
      const { recovered, error } = event.data;
      return recovered && brokeOff ? `The model's stream broke, going on: ${oneLine(error.msg, MAX_MESSAGE)}` : null;
    }
    default:
      return null;
  }
}

function retryLine({ error, delay_ms, attempt, max_attempts }: EventMap["provider:retry"]): string {
  const seconds = Math.round(delay_ms / 100) / 10;
  return `${oneLine(error.msg, MAX_MESSAGE)} Trying again in ${seconds} s (attempt ${attempt + 1} of ${max_attempts}).`;
}
