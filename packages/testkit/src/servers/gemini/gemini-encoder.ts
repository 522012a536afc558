/**
 * Owns how an answer looks on the wire of the Gemini API: whole responses, each with the parts that are new. Calls come
 * whole, and every answer signs its first one. Source: recorded streams.
 */
import type { BlockHead, ContentBlock, FinishReason, ProviderEvent, Usage } from "amplifier-core";
import type { JsonObject } from "../json.ts";
import type { StreamedError } from "../wire-part.ts";
import type { AnswerEncoder, EncodedCall } from "../wire.ts";

const FINISH_REASONS: Readonly<Record<FinishReason, string>> = {
  stop: "STOP",
  tool_calls: "STOP",
  length: "MAX_TOKENS",
  content_filter: "SAFETY",
  refusal: "PROHIBITED_CONTENT",
  pause: "CONTINUATION",
  unknown: "A_REASON_OF_TOMORROW",
};

/** Encodes one answer. */
export class GeminiEncoder implements AnswerEncoder {
  readonly #call: EncodedCall;
  #usage: Usage;
  readonly #types = new Map<number, BlockHead["type"]>();
  #calls = 0;

  constructor(call: EncodedCall) {
    this.#call = call;
    this.#usage = call.usage;
  }

  start(): string {
    return "";
  }

  event(event: ProviderEvent): string {
    switch (event.type) {
      case "block_start":
        this.#types.set(event.index, event.block.type);
        return "";
      case "block_delta":
        return this.#delta(event.index, event.delta);
      case "block_end":
        return this.#end(event.block);
      case "usage":
        this.#usage = event.usage;
        return "";
      case "end":
        return this.#frame({
          content: { parts: [{ text: "" }], role: "model" },
          finishReason: FINISH_REASONS[event.finish_reason],
        });
      case "warning":
        return "";
    }
  }

  ping(): string {
    return ": keep-alive\n\n";
  }

  emptyDelta(): string {
    return this.#part({ text: "" });
  }

  error(error: StreamedError | null): string {
    const { type, message } = error ?? {
      type: "UNAVAILABLE",
      message: "The model is overloaded. Please try again later.",
    };
    return `data: ${JSON.stringify({ error: { code: 503, message, status: type } })}\n\n`;
  }

  #delta(index: number, delta: string): string {
    const type = this.#types.get(index);
    if (type === "tool_call") return "";
    return this.#part({ text: delta, ...(type === "thinking" ? { thought: true } : {}) });
  }

  #end(block: ContentBlock): string {
    switch (block.type) {
      case "text":
        return "";
      case "thinking":
        return block.signature === undefined
          ? ""
          : this.#part({ text: "", thought: true, thoughtSignature: block.signature });
      case "tool_call": {
        const signed = this.#calls++ === 0 ? { thoughtSignature: "c2lnbmVkIGNhbGw=" } : {};
        return this.#part({ functionCall: { id: block.id, name: block.name, args: block.input }, ...signed });
      }
      case "opaque":
        return this.#part(block.data);
      default:
        throw new TypeError(`The Gemini API sends no ${block.type} blocks.`);
    }
  }

  #part(part: JsonObject): string {
    return this.#frame({ content: { parts: [part], role: "model" } });
  }

  #frame(candidate: JsonObject): string {
    const {
      input_tokens: input,
      output_tokens: output,
      total_tokens: total,
      reasoning_tokens: thoughts = 0,
    } = this.#usage;
    const usageMetadata = {
      promptTokenCount: input,
      candidatesTokenCount: output - thoughts,
      totalTokenCount: total,
      ...(thoughts === 0 ? {} : { thoughtsTokenCount: thoughts }),
    };
    const head = { modelVersion: this.#call.body["model"], responseId: "AbCdEfGhJkMnPqRsTuVwXy" };
    return `data: ${JSON.stringify({ candidates: [{ ...candidate, index: 0 }], usageMetadata, ...head })}\n\n`;
  }
}
