/**
 * Owns a block while it streams: the one mutable accumulator of its text. It becomes a stored block at its end.
 */
import type { BlockHead, ContentBlock, StreamedBlockType } from "amplifier-core";

/** A block between its start and its end. */
export interface OpenBlock {
  readonly index: number;
  readonly head: BlockHead;
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
  return { index, head, text: "", held: "", heldCount: 0, shown: false, sequence: 0 };
}

/** What its deltas are called, or undefined for kinds that have none. */
export function streamedType(head: BlockHead): StreamedBlockType | undefined {
  return head.type === "text" || head.type === "thinking" || head.type === "tool_call" ? head.type : undefined;
}

/** What is left of a block that was cut off: its text so far. A cut-off call is never run, so its input is empty. */
export function interruptedBlock(block: OpenBlock): ContentBlock {
  const { head, text } = block;
  if (head.type === "thinking") return { type: "thinking", thinking: text, interrupted: true };
  if (head.type === "tool_call")
    return { type: "tool_call", id: head.id, name: head.name, input: {}, interrupted: true };
  return { type: "text", text, interrupted: true };
}
