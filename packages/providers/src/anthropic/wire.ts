/**
 * Owns the names of the Messages API, version 2023-06-01, as far as this adapter reads and writes them.
 * What is read is described as it may be absent: other servers speak this wire too, and not all of it.
 */
import type { JsonObject } from "../json/json-object.ts";

/** The provider's id: the mount name, and the origin that signed blocks carry. */
export const ANTHROPIC = "anthropic";

/** Token counts as reported: `input_tokens` without anything cached. In `message_delta` they are totals so far. */
export interface WireUsage {
  readonly input_tokens?: number | null;
  readonly output_tokens?: number | null;
  readonly cache_creation_input_tokens?: number | null;
  readonly cache_read_input_tokens?: number | null;
  readonly output_tokens_details?: { readonly thinking_tokens?: number | null } | null;
}

/** A block as it is opened. Whatever is neither text, thinking nor `tool_use` is kept whole. */
export interface WireBlock extends JsonObject {
  readonly type: string;
}

/** A fragment of a block, told apart by `type`. */
export interface WireDelta extends JsonObject {
  readonly type?: string;
}

/** How an answer stopped, at its end, or with its start when it comes whole. */
export interface WireStop {
  readonly stop_reason?: string | null;
  readonly stop_sequence?: string | null;
  readonly stop_details?: unknown;
  readonly container?: unknown;
}

/** One payload of the stream; which fields are there depends on `type`. */
export interface WireEvent {
  readonly type?: string;
  readonly index?: number;
  readonly message?: WireStop & {
    readonly id?: string;
    readonly model?: string;
    readonly content?: readonly WireBlock[];
    readonly usage?: WireUsage;
  };
  readonly content_block?: WireBlock;
  readonly delta?: WireDelta & WireStop;
  readonly usage?: WireUsage;
}

/** Whether a block of a message is thinking, readable or not. */
export function isThinking(block: JsonObject | undefined): boolean {
  return block?.["type"] === "thinking" || block?.["type"] === "redacted_thinking";
}
