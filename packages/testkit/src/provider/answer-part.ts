/**
 * Owns the words a scripted answer is written in. Parts are plain descriptions; `answer` turns them into provider events.
 */
import type { AnswerEnd, BlockHead, ContentBlock, FinishReason, ProviderEvent, Usage } from "amplifier-core";
import type { Gate } from "../gate.ts";

/** A block of an answer, its deltas one network read each. */
export interface BlockPart {
  readonly kind: "block";
  readonly head: BlockHead;
  readonly deltas: readonly string[];
  /** Null: its end never comes. */
  readonly block: ContentBlock | null;
}

/** One step of a scripted answer. */
export type AnswerPart =
  | BlockPart
  | { readonly kind: "interleaved"; readonly blocks: readonly BlockPart[] }
  | { readonly kind: "one_read"; readonly parts: readonly AnswerPart[] }
  | { readonly kind: "usage"; readonly usage: Usage }
  | { readonly kind: "finish"; readonly end: AnswerEnd }
  | { readonly kind: "warning"; readonly message: string }
  | { readonly kind: "unchecked"; readonly events: readonly ProviderEvent[] }
  | { readonly kind: "fails"; readonly error: unknown }
  | { readonly kind: "hangs"; readonly deaf: boolean }
  | { readonly kind: "breaks_off" }
  | Gate;

/** A text block; each argument is one delta. */
export function text(...deltas: readonly string[]): BlockPart {
  return { kind: "block", head: { type: "text" }, deltas, block: { type: "text", text: deltas.join("") } };
}

/** A thinking block; each argument is one delta. `signed` adds the signature. */
export function thinking(...deltas: readonly string[]): BlockPart {
  const block: ContentBlock = { type: "thinking", thinking: deltas.join("") };
  return { kind: "block", head: { type: "thinking" }, deltas, block };
}

/** A thinking block with the signature its API wants back. */
export function signed(part: BlockPart, signature: string): BlockPart {
  if (part.block?.type !== "thinking") throw new TypeError("Only a whole thinking block can be signed.");
  return { ...part, block: { ...part.block, signature } };
}

/** A tool call; its arguments come as one delta of JSON text. */
export function toolCall(id: string, name: string, input: Readonly<Record<string, unknown>> = {}): BlockPart {
  const block: ContentBlock = { type: "tool_call", id, name, input };
  return { kind: "block", head: { type: "tool_call", id, name }, deltas: [JSON.stringify(input)], block };
}

/** The same block with what its deltas say cut into `count` deltas of about the same length. */
export function inFragments(part: BlockPart, count: number): BlockPart {
  const said = part.deltas.join("");
  const size = Math.max(1, Math.ceil(said.length / count));
  const deltas = Array.from({ length: Math.ceil(said.length / size) }, (_, n) => said.slice(n * size, (n + 1) * size));
  return { ...part, deltas };
}

/** A tool call whose arguments are no JSON object, as its adapter hands it on. */
export function brokenToolCall(id: string, name: string, rawArguments: string): BlockPart {
  const block: ContentBlock = { type: "tool_call", id, name, input: {}, raw_arguments: rawArguments };
  return { kind: "block", head: { type: "tool_call", id, name }, deltas: [rawArguments], block };
}

/** A block without deltas: redacted thinking, reasoning items, opaque blocks. */
export function whole(block: Exclude<ContentBlock, { type: "text" | "thinking" | "tool_call" }>): BlockPart {
  return { kind: "block", head: { type: block.type }, deltas: [], block };
}

/** The start and deltas of a block whose end never comes. */
export function unfinished(part: BlockPart): BlockPart {
  return { ...part, block: null };
}

/** Blocks that are open at the same time: all starts, deltas in turns, all ends. */
export function interleaved(...blocks: readonly BlockPart[]): AnswerPart {
  return { kind: "interleaved", blocks };
}

/** Everything of `parts` in one network read. */
export function oneRead(...parts: readonly AnswerPart[]): AnswerPart {
  return { kind: "one_read", parts };
}

/** Tokens of this answer so far. */
export function usage(tokens: Usage): AnswerPart {
  return { kind: "usage", usage: tokens };
}

/** Ends the answer with a reason of its own, and what else the end may carry. */
export function finish(reason: FinishReason, fields: Pick<AnswerEnd, "model" | "metadata"> = {}): AnswerPart {
  return { kind: "finish", end: { type: "end", finish_reason: reason, ...fields } };
}

/** Something the adapter had to mend. */
export function warning(message: string): AnswerPart {
  return { kind: "warning", message };
}

/** Events as they are, in one network read, exempt from the check of their order: for providers that misbehave. */
export function unchecked(...events: readonly ProviderEvent[]): AnswerPart {
  return { kind: "unchecked", events };
}

/** The provider throws `error`, the same object. */
export function fails(error: unknown): AnswerPart {
  return { kind: "fails", error };
}

/** Nothing more comes until the request is aborted; `deaf`: not even then. */
export function hangs(options: { readonly deaf?: boolean } = {}): AnswerPart {
  return { kind: "hangs", deaf: options.deaf ?? false };
}

/** The stream ends here without its finish. */
export function breaksOff(): AnswerPart {
  return { kind: "breaks_off" };
}
