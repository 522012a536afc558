/**
 * Owns how a turn looks as text: the model's words on stdout the moment they come, everything else on stderr. The texts
 * of two iterations never share a line.
 */
import type { Event, EventOf } from "amplifier-core";
import type { Output } from "../terminal/output.ts";
import { oneLine } from "../terminal/printable.ts";
import { toolFailureLine, toolLine } from "./tool-line.ts";
import type { TurnView } from "./turn-view.ts";

/** Prints a turn as text. Thinking is shown only where stderr is a terminal, and `thinking` is on. */
export function textView(output: Output, options: { readonly thinking: boolean }): TurnView {
  const thinking = options.thinking && output.isTerminal;
  let iteration = 0;
  const dim = (line: string | null): void => {
    if (line !== null) output.note(output.style.dim(line));
  };
  const delta = ({ block_type, delta: text }: EventOf<"content_block:delta">["data"]): Promise<void> => {
    if (block_type === "text") return output.answer(text);
    return block_type === "thinking" && thinking ? output.thinking(text) : Promise.resolve();
  };
  const show = async (event: Event): Promise<void> => {
    switch (event.type) {
      case "content_block:delta":
        return delta(event.data);
      case "provider:request":
        // A continuation goes on in the same iteration, and in the same line.
        if (event.data.iteration !== iteration || event.data.max_reached === true) await output.endAnswer();
        iteration = event.data.iteration;
        return;
      case "tool:pre":
        return event.data.decision === "run" ? dim(toolLine(event.data, output.columns)) : undefined;
      case "tool:post":
      case "tool:error":
        return dim(toolFailureLine(event, output.columns));
      case "provider:error":
        return event.data.recovered
          ? dim(`The model's stream broke, going on: ${oneLine(event.data.error.msg, 200)}`)
          : undefined;
      default:
        return;
    }
  };
  return { show, end: () => output.endAnswer() };
}
