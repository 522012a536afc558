/**
 * Owns the way from the payloads of one streamed answer to `ProviderEvent`s. Pure: payloads in, events out, no network.
 * Whatever kind of event, block or delta it does not know is ignored, or kept as an opaque block; it is never fatal.
 * Invariant: every started block ends before `end`, and after `end` nothing more comes.
 */
import { LLMError, type ProviderEvent } from "amplifier-core";
import { streamedError } from "../http/http-error.ts";
import type { HttpRequest } from "../http/http-request.ts";
import type { Translator } from "../http/translate-stream.ts";
import { isJsonObject } from "../json/json-object.ts";
import { toFinishReason } from "./finish-reason.ts";
import { OpenBlock } from "./open-block.ts";
import { UsageCounter } from "./usage-counter.ts";
import { ANTHROPIC, type WireEvent, type WireStop } from "./wire.ts";

/** Translates one answer; make a new one for the next. `call.model` is what its signed blocks are bound to. */
export class AnswerTranslator implements Translator {
  readonly #call: HttpRequest;
  #warnings: readonly string[];
  readonly #open = new Map<number, OpenBlock>();
  readonly #usage = new UsageCounter();
  #started = 0;
  /** The block whose fragment came last: nearly always the one whose fragment comes next. */
  #current: OpenBlock | null = null;
  #model: string | undefined;
  #stopReason: string | null = null;
  #metadata: Record<string, unknown> = {};
  #ended = false;

  /** `warnings` are what the request had to leave out; they come first. */
  constructor(call: HttpRequest, warnings: readonly string[] = []) {
    this.#call = call;
    this.#warnings = warnings;
  }

  /** The stop reason is the finish: behind it comes the end mark, and nothing else. */
  get finished(): boolean {
    return this.#stopReason !== null && this.#open.size === 0;
  }

  read(payload: string, events: ProviderEvent[]): boolean {
    const block = this.#current;
    const delta = block === null ? null : block.match(payload);
    if (block === null || delta === null || delta === "") return this.#readAny(payload, events);
    block.append(delta);
    events.push({ type: "block_delta", index: block.index, delta });
    return false;
  }

  finish(events: ProviderEvent[]): void {
    if (!this.finished) throw this.#broken("it ended without a stop reason, before the answer was whole");
    if (!this.#ended) this.#endMessage(events);
  }

  #readAny(payload: string, events: ProviderEvent[]): boolean {
    this.#take(this.#parse(payload), events);
    return this.#ended;
  }

  #take(event: WireEvent, events: ProviderEvent[]): void {
    if (this.#warnings.length > 0) this.#warn(events);
    switch (event.type) {
      case "message_start":
        this.#startMessage(event, events);
        break;
      case "content_block_start":
        this.#startBlock(event, events);
        break;
      case "content_block_delta":
        this.#takeDelta(event, events);
        break;
      case "content_block_stop":
        this.#endBlock(event.index ?? 0, events);
        break;
      case "message_delta":
        this.#takeMessageDelta(event, events);
        break;
      case "message_stop":
        this.#endMessage(events);
        break;
      case "error":
        throw streamedError(event, this.#call);
      default:
    }
  }

  #warn(events: ProviderEvent[]): void {
    for (const message of this.#warnings) events.push({ type: "warning", message });
    this.#warnings = [];
  }

  /**
   * Some gateways send it twice; the newest counts. Calls that the model's code makes while it runs come whole with it,
   * and so does the stop reason then.
   */
  #startMessage({ message = {} }: WireEvent, events: ProviderEvent[]): void {
    if (message.model !== undefined) this.#model = message.model;
    if (message.id !== undefined) this.#metadata["id"] = message.id;
    const isFirst = this.#started === 0;
    for (const [index, block] of (message.content ?? []).entries()) {
      if (!isFirst) break;
      this.#startBlock({ index, content_block: block }, events);
      this.#endBlock(index, events);
    }
    this.#takeStop(message);
    this.#countUsage(message.usage, events);
  }

  #startBlock(event: WireEvent, events: ProviderEvent[]): void {
    const { content_block: start, index: wireIndex = 0 } = event;
    if (!isJsonObject(start)) return;
    this.#endBlock(wireIndex, events);
    const block = new OpenBlock({ index: this.#started++, wireIndex }, start, this.#call.model ?? "");
    this.#open.set(wireIndex, block);
    this.#current = block;
    events.push({ type: "block_start", index: block.index, block: block.head() });
    this.#show(block, block.openingText(), events);
  }

  #takeDelta(event: WireEvent, events: ProviderEvent[]): void {
    const { delta, index = 0 } = event;
    const block = this.#open.get(index);
    if (block === undefined) throw this.#broken(`it has a fragment of block ${index}, which is not open`);
    if (!isJsonObject(delta)) return;
    this.#current = block;
    const fragment = block.take(delta);
    if (fragment !== "") events.push({ type: "block_delta", index: block.index, delta: fragment });
  }

  #endBlock(wireIndex: number, events: ProviderEvent[]): void {
    const block = this.#open.get(wireIndex);
    if (block === undefined) return;
    this.#open.delete(wireIndex);
    if (this.#current === block) this.#current = null;
    const input = block.unshownInput();
    if (input !== "") events.push({ type: "block_delta", index: block.index, delta: input });
    events.push({ type: "block_end", index: block.index, block: block.end() });
  }

  #takeMessageDelta(event: WireEvent, events: ProviderEvent[]): void {
    this.#takeStop(event.delta ?? {});
    this.#countUsage(event.usage, events);
  }

  #takeStop(stop: WireStop): void {
    const { stop_reason: stopReason, stop_sequence: stopSequence, stop_details: details, container } = stop;
    if (stopReason !== undefined && stopReason !== null) this.#stopReason = stopReason;
    if (typeof stopSequence === "string") this.#metadata["stop_sequence"] = stopSequence;
    if (isJsonObject(details)) this.#metadata["stop_details"] = details;
    if (isJsonObject(container)) this.#metadata["container"] = container;
  }

  #endMessage(events: ProviderEvent[]): void {
    if (this.#stopReason === null) {
      const message = "Anthropic ended its message without a stop reason: the answer is not whole.";
      throw new LLMError("StreamError", message, { provider: this.#call.provider, model: this.#call.model });
    }
    for (const wireIndex of this.#open.keys()) this.#endBlock(wireIndex, events);
    this.#ended = true;
    events.push({
      type: "end",
      finish_reason: toFinishReason(this.#stopReason),
      ...(this.#model === undefined ? {} : { model: this.#model }),
      metadata: { [ANTHROPIC]: this.#metadata },
    });
  }

  #show(block: OpenBlock, text: string, events: ProviderEvent[]): void {
    if (text === "") return;
    block.append(text);
    events.push({ type: "block_delta", index: block.index, delta: text });
  }

  #countUsage(report: WireEvent["usage"], events: ProviderEvent[]): void {
    if (!isJsonObject(report)) return;
    this.#usage.add(report);
    events.push({ type: "usage", usage: this.#usage.usage() });
  }

  #parse(payload: string): WireEvent {
    try {
      const event: unknown = JSON.parse(payload);
      return isJsonObject(event) ? event : {};
    } catch (cause) {
      const shown = payload.length > 80 ? `${payload.slice(0, 77)}...` : payload;
      throw this.#broken(`a payload is not JSON: ${shown}`, cause);
    }
  }

  #broken(what: string, cause?: unknown): LLMError {
    const { provider, model } = this.#call;
    return new LLMError("StreamError", `The answer's stream is broken: ${what}.`, { provider, model, cause });
  }
}
