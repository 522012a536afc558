/**
 * Owns how a model is asked to go on with an answer that was cut: by a prefill where the model takes one, else by showing
 * it what it said and asking for the rest.
 */
import { ABORTED, type ContentBlock, type Message, type ModelInfo, type TextBlock, untilAborted } from "amplifier-core";
import { joinAfterInstruction, joinAfterPrefill, type TextJoin } from "../answer/text-join.ts";
import type { Turn } from "../turn/turn.ts";
import type { ModelCall } from "./model-call.ts";

/** What goes behind the conversation, and how what comes back joins what was cut. */
export interface Continuation {
  readonly messages: readonly Message[];
  readonly newJoin: () => TextJoin;
}

/** How long a provider may take to say what its models can. Milliseconds. */
const INFO_MS = 2000;
/** So much of the end of a cut answer the model is reminded of. Characters. */
const REMINDER = 80;

/** How the call goes on with its answer; null when there is no text yet, so that the same is asked as before. */
export async function continueAnswer(turn: Turn, call: ModelCall): Promise<Continuation | null> {
  const blocks = call.answer.blocks.filter(isSendable);
  const last = blocks.findLast((block) => block.type === "text");
  if (last === undefined) return null;
  // White space alone is nothing to go on from, and APIs refuse it.
  if (last.text.trim() === "") return { messages: [], newJoin: () => joinAfterPrefill(last.text) };
  if (await takesPrefill(turn, call)) return prefill(blocks.slice(0, -1), last);
  const tail = last.text.slice(-REMINDER);
  const instruction =
    "Your answer was cut off. Go on with it exactly where it ends, in the middle of a word if need be. Repeat nothing of " +
    `it, do not begin again, and say nothing about this. It ends with: ${JSON.stringify(tail)}`;
  return {
    messages: [
      { role: "assistant", content: blocks },
      { role: "user", content: instruction },
    ],
    newJoin: () => joinAfterInstruction(last.text, turn.clock),
  };
}

// Models refuse an end in white space; it is put back where the texts join.
function prefill(before: readonly ContentBlock[], last: TextBlock): Continuation {
  const text = last.text.trimEnd();
  return {
    messages: [{ role: "assistant", content: [...before, { ...last, text }] }],
    newJoin: () => joinAfterPrefill(last.text.slice(text.length)),
  };
}

// Thinking without its signature is refused everywhere.
function isSendable(block: ContentBlock): boolean {
  return block.type !== "thinking" || block.signature !== undefined;
}

// None takes a prefill when it thinks first.
async function takesPrefill(turn: Turn, { selected, model, answer }: ModelCall): Promise<boolean> {
  const { provider, info } = selected;
  if (turn.isReasoning || answer.blocks.some(({ type }) => type !== "text")) return false;
  const limit = new AbortController();
  const clear = turn.clock.schedule(() => limit.abort(), INFO_MS);
  const listing = (async () => provider.listModels())().catch((): readonly ModelInfo[] => []);
  const models = await turn.bounded(untilAborted(listing, limit.signal), turn.stop.signal);
  clear();
  if (models === ABORTED) return false;
  return models.some(({ id, supportsPrefill }) => id === (model ?? info.defaultModel) && supportsPrefill === true);
}
