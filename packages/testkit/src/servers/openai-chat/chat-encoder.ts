/**
 * Owns how an answer looks on the wire of Chat Completions, as OpenAI's servers send it. Thinking goes as
 * `reasoning_content`, as DeepSeek, xAI and vLLM have it. Source: recorded streams.
 */
import type { BlockHead, BlockStart, FinishReason, ProviderEvent, Usage } from "amplifier-core";
import { isObject, type JsonObject } from "../json.ts";
import type { StreamedError } from "../wire-part.ts";
import type { AnswerEncoder, EncodedCall } from "../wire.ts";

const FINISH_REASONS: Readonly<Record<FinishReason, string>> = {
  stop: "stop",
  length: "length",
  tool_calls: "tool_calls",
  content_filter: "content_filter",
  refusal: "content_filter",
  pause: "a_reason_of_tomorrow",
  unknown: "a_reason_of_tomorrow",
};

const DONE = "data: [DONE]\n\n";

/** Encodes one answer. */
export class ChatEncoder implements AnswerEncoder {
  readonly #body: JsonObject;
  readonly #wantsUsage: boolean;
  #usage: Usage;
  readonly #heads = new Map<number, BlockHead["type"]>();
  /** The wire counts calls, not blocks. */
  readonly #callOf = new Map<number, number>();

  constructor({ body, usage }: EncodedCall) {
    this.#body = body;
    this.#usage = usage;
    const options = body["stream_options"];
    this.#wantsUsage = isObject(options) && options["include_usage"] === true;
  }

  start(): string {
    return this.#delta({ role: "assistant", content: "", refusal: null });
  }

  event(event: ProviderEvent): string {
    switch (event.type) {
      case "block_start":
        return this.#startBlock(event);
      case "block_delta":
        return this.#delta(this.#deltaOf(event.index, event.delta));
      case "usage":
        this.#usage = event.usage;
        return "";
      case "end":
        return this.#delta({}, FINISH_REASONS[event.finish_reason]) + this.#usageFrame() + DONE;
      case "block_end":
      case "warning":
        return "";
    }
  }

  ping(): string {
    return ": keep-alive\n\n";
  }

  emptyDelta(): string {
    return this.#delta({ content: "" });
  }

  error(error: StreamedError | null): string {
    const { type, message } = error ?? { type: "server_error", message: "The server is overloaded. Try again later." };
    return frame({ error: { message, type, param: null, code: type } });
  }

  #startBlock({ index, block }: BlockStart): string {
    this.#heads.set(index, block.type);
    if (block.type === "text" || block.type === "thinking") return "";
    if (block.type !== "tool_call") throw new TypeError(`Chat Completions sends no ${block.type} blocks.`);
    const call = this.#callOf.size;
    this.#callOf.set(index, call);
    const head = { index: call, id: block.id, type: "function", function: { name: block.name, arguments: "" } };
    return this.#delta({ tool_calls: [head] });
  }

  #deltaOf(index: number, delta: string): JsonObject {
    const type = this.#heads.get(index);
    if (type === "tool_call")
      return { tool_calls: [{ index: this.#callOf.get(index), function: { arguments: delta } }] };
    return type === "thinking" ? { reasoning_content: delta } : { content: delta };
  }

  #delta(delta: JsonObject, finishReason: string | null = null): string {
    const choices = [{ index: 0, delta, logprobs: null, finish_reason: finishReason }];
    return frame({ ...this.#head(), choices, ...(this.#wantsUsage ? { usage: null } : {}) });
  }

  #usageFrame(): string {
    if (!this.#wantsUsage) return "";
    const { input_tokens: input, output_tokens: output, total_tokens: total } = this.#usage;
    const usage = {
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: total,
      prompt_tokens_details: { cached_tokens: this.#usage.cache_read_tokens ?? 0, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: this.#usage.reasoning_tokens ?? 0, audio_tokens: 0 },
    };
    return frame({ ...this.#head(), choices: [], usage });
  }

  #head(): JsonObject {
    return {
      id: "chatcmpl-AbCdEfGhJkMnPqRsTuVwXyZ012345",
      object: "chat.completion.chunk",
      created: 1_767_225_600,
      model: this.#body["model"],
      service_tier: "default",
      system_fingerprint: "fp_0123456789",
    };
  }
}

function frame(payload: JsonObject): string {
  return `data: ${JSON.stringify(payload)}\n\n`;
}
