/**
 * Owns a block while it streams: the one mutable accumulator of its text. It becomes a stored block at its end.
 */
import type { BlockHead, ContentBlock, StreamedBlockType } from "amplifier-core";

/** The kinds of block that are thoughts. */
export const THINKING: ReadonlySet<ContentBlock["type"]> = new Set<ContentBlock["type"]>([
  "thinking",
  "redacted_thinking",
  "reasoning",
]);

/** A block between its start and its end. */
export interface OpenBlock {
  readonly index: number;
  readonly head: BlockHead;
  /** Whether blocks of its kind come in deltas. */
  readonly streams: boolean;
  /** All that was shown. Joined per flush, not per delta: ropes of many small pieces are the collector's burden. */
  text: string;
  /** What came and was not shown yet, and how many provider deltas that is. */
  held: string;
  heldCount: number;
  /** The first delta of a block is never held. */
  shown: boolean;
  /** Deltas so far, for the raw events. */
  sequence: number;
}

/** A block that has just started. */
export function openBlock(index: number, head: BlockHead): OpenBlock {
  return {
    index,
    head,
    streams: streamedType(head) !== undefined,
    text: "",
    held: "",
    heldCount: 0,
    shown: false,
    sequence: 0,
  };
}

/** What its deltas are called, or undefined for kinds that have none. */
export function streamedType(head: BlockHead): StreamedBlockType | undefined {
  return head.type === "text" || head.type === "thinking" || head.type === "tool_call" ? head.type : undefined;
}

/**
 * What is left of a block that was cut off: its text so far. A cut-off call is never run, so its input is empty; of kinds
 * that come whole nothing is left.
 */
export function interruptedBlock({ head, text }: OpenBlock): ContentBlock {
  const interrupted = true;
  switch (head.type) {
    case "text":
      return { type: "text", text, interrupted };
    case "thinking":
      return { type: "thinking", thinking: text, interrupted };
    case "tool_call":
      return { type: "tool_call", id: head.id, name: head.name, input: {}, interrupted };
    case "redacted_thinking":
      return { type: "redacted_thinking", data: "", interrupted };
    case "reasoning":
      return { type: "reasoning", content: [], summary: [], interrupted };
    case "opaque":
      return { type: "opaque", data: {}, interrupted };
    case "image":
      return { type: "image", source: { type: "base64", media_type: "", data: "" }, interrupted };
    case "tool_result":
      return { type: "tool_result", tool_call_id: "", output: null, interrupted };
  }
}

/** Blocks that are not worth storing: they say nothing, and some APIs refuse them. */
export function isEmptyBlock(block: ContentBlock): boolean {
  if (block.type === "text") return block.text === "";
  if (block.type === "thinking") return block.thinking === "" && block.signature === undefined;
  return block.type !== "tool_call" && block.interrupted === true;
}

/** The text a consumer should have seen of a whole block, for providers that send none of it as deltas. */
export function wholeText(block: ContentBlock): string {
  if (block.type === "text") return block.text;
  if (block.type === "thinking") return block.thinking;
  return block.type === "tool_call" ? JSON.stringify(block.input) : "";
}
