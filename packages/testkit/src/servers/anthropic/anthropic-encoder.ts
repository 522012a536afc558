/**
 * Owns how an answer looks on the wire of the Messages API, version 2023-06-01: the events of one streamed message, each
 * with its `event:` line. Source: recorded streams.
 */
import type { BlockHead, BlockStart, FinishReason, ProviderEvent, Usage } from "amplifier-core";
import type { JsonObject } from "../json.ts";
import type { StreamedError } from "../wire-part.ts";
import type { AnswerEncoder, EncodedCall } from "../wire.ts";

const STOP_REASONS: Readonly<Record<FinishReason, string>> = {
  stop: "end_turn",
  length: "max_tokens",
  tool_calls: "tool_use",
  pause: "pause_turn",
  refusal: "refusal",
  content_filter: "refusal",
  unknown: "a_reason_of_tomorrow",
};

/** Encodes one answer. */
export class AnthropicEncoder implements AnswerEncoder {
  readonly #call: EncodedCall;
  #usage: Usage;
  readonly #types = new Map<number, BlockHead["type"]>();
  #current = 0;

  constructor(call: EncodedCall) {
    this.#call = call;
    this.#usage = call.usage;
  }

  start(): string {
    const message = {
      model: this.#call.body["model"],
      id: "msg_01AbCdEfGhJkMnPqRsTuVwXy",
      type: "message",
      role: "assistant",
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...inputUsage(this.#call.usage), output_tokens: 1, service_tier: "standard" },
    };
    return frame({ type: "message_start", message });
  }

  event(event: ProviderEvent): string {
    switch (event.type) {
      case "block_start":
        return this.#startBlock(event);
      case "block_delta":
        return this.#delta(event.index, event.delta);
      case "block_end": {
        const { index, block } = event;
        const signature =
          block.type === "thinking" && block.signature !== undefined
            ? frame({
                type: "content_block_delta",
                index,
                delta: { type: "signature_delta", signature: block.signature },
              })
            : "";
        return `${this.#wholeStart(event)}${signature}${frame({ type: "content_block_stop", index })}`;
      }
      case "usage":
        this.#usage = event.usage;
        return "";
      case "end": {
        const delta = { stop_reason: STOP_REASONS[event.finish_reason], stop_sequence: null };
        const usage = { ...inputUsage(this.#usage), output_tokens: this.#usage.output_tokens };
        return frame({ type: "message_delta", delta, usage }) + frame({ type: "message_stop" });
      }
      case "warning":
        return "";
    }
  }

  ping(): string {
    return frame({ type: "ping" });
  }

  emptyDelta(): string {
    return this.#delta(this.#current, "");
  }

  error(error: StreamedError | null): string {
    return frame({ type: "error", error: error ?? { type: "overloaded_error", message: "Overloaded" } });
  }

  #startBlock({ index, block }: BlockStart): string {
    this.#types.set(index, block.type);
    this.#current = index;
    const head = headOf(block);
    return head === null ? "" : frame({ type: "content_block_start", index, content_block: head });
  }

  // What comes whole is known only at its end.
  #wholeStart({ index, block }: Extract<ProviderEvent, { type: "block_end" }>): string {
    switch (block.type) {
      case "redacted_thinking":
        return frame({ type: "content_block_start", index, content_block: { type: block.type, data: block.data } });
      case "opaque":
        return frame({ type: "content_block_start", index, content_block: block.data });
      case "text":
      case "thinking":
      case "tool_call":
        return "";
      case "image":
      case "tool_result":
      case "reasoning":
        throw new TypeError(`The Messages API sends no ${block.type} blocks.`);
    }
  }

  #delta(index: number, delta: string): string {
    return frame({ type: "content_block_delta", index, delta: deltaOf(this.#types.get(index), delta) });
  }
}

function headOf(block: BlockHead): JsonObject | null {
  switch (block.type) {
    case "text":
      return { type: "text", text: "" };
    case "thinking":
      return { type: "thinking", thinking: "", signature: "" };
    case "tool_call":
      return { type: "tool_use", id: block.id, name: block.name, input: {} };
    default:
      return null;
  }
}

function deltaOf(type: BlockHead["type"] | undefined, delta: string): JsonObject {
  if (type === "thinking") return { type: "thinking_delta", thinking: delta };
  if (type === "tool_call") return { type: "input_json_delta", partial_json: delta };
  return { type: "text_delta", text: delta };
}

function inputUsage(usage: Usage): JsonObject {
  const { cache_read_tokens: read = 0, cache_write_tokens: written = 0 } = usage;
  return {
    input_tokens: usage.input_tokens - read,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: read,
  };
}

function frame(payload: { readonly type: string } & JsonObject): string {
  return `event: ${payload.type}\ndata: ${JSON.stringify(payload)}\n\n`;
}
