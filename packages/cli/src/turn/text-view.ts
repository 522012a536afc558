/**
 * Owns how a turn looks as text: the model's words on stdout the moment they come, everything else on stderr. The texts
 * of two iterations never share a line.
 */
import type { Event, EventOf } from "amplifier-core";
import type { Output } from "../terminal/output.ts";
import { noticeLine } from "./notice-line.ts";
import type { TurnView } from "./turn-view.ts";

/** Prints a turn as text. Thinking is shown only where stderr is a terminal, and `thinking` is on. */
export function textView(output: Output, options: { readonly thinking: boolean }): TurnView {
  const thinking = options.thinking && output.isTerminal;
  let iteration = 0;
  let brokeOff = false;
  const delta = ({ block_type, delta: text }: EventOf<"content_block:delta">["data"]): Promise<void> => {
    if (block_type === "text") return output.answer(text);
    return block_type === "thinking" && thinking ? output.thinking(text) : Promise.resolve();
  };
  const show = async (event: Event): Promise<void> => {
    if (event.type === "content_block:delta") return delta(event.data);
    if (event.type === "llm:stream_aborted") brokeOff = event.data.error.type !== "AbortError";
    if (event.type === "provider:request") {
      // A continuation goes on in the same iteration, and in the same line.
      if (event.data.iteration !== iteration || event.data.max_reached === true) await output.endAnswer();
      iteration = event.data.iteration;
      brokeOff = false;
    }
    const notice = noticeLine(event, { columns: output.columns, brokeOff });
    if (notice !== null) output.note(output.style.dim(notice));
  };
  return { show, end: () => output.endAnswer() };
}
