/**
 * Owns the meaning of a Responses stream: payloads in, provider events out. It reads how the answer ends and what it cost;
 * what it says becomes blocks elsewhere. Events of unknown types are ignored and counted, never fatal.
 * Invariant: the same payloads give the same events, however the network cut them.
 */
import { LLMError, type FinishReason, type ProviderEvent } from "amplifier-core";
import { extractOf } from "../../http/error-body.ts";
import { streamedError } from "../../http/http-error.ts";
import type { HttpRequest } from "../../http/http-request.ts";
import type { Translator } from "../../http/translate-stream.ts";
import { isJsonObject } from "../../json/json-object.ts";
import { OutputItems } from "./output-items.ts";
import { toUsage } from "./responses-usage.ts";
import type { ResponseBody, ResponsesEvent } from "./responses-wire.ts";

/** Why an answer is incomplete, in our words. */
const INCOMPLETE: Readonly<Record<string, FinishReason>> = {
  max_output_tokens: "length",
  max_tokens: "length",
  content_filter: "content_filter",
};

/** Events that say nothing more than others do, or only that a tool of the API's own is at work. */
const IDLE =
  /^(keepalive|response\.(created|queued|in_progress|(\w+_call\w*|mcp_list_tools)\.\w+|(output_text|refusal|reasoning_text|reasoning_summary_text|function_call_arguments)\.done))$/;

/** Names of unknown events that are told. */
const MAX_NAMES = 5;

/**
 * Translates one answer. `request` names the provider in errors, and the model that sealed blocks are bound to; `warnings`
 * are told before anything else.
 */
export class ResponsesTranslator implements Translator {
  readonly #request: HttpRequest;
  readonly #items: OutputItems;
  #warnings: readonly string[];
  #ended = false;
  #id = "";
  #model = "";
  #unknown = 0;
  readonly #unknownNames = new Set<string>();

  constructor(request: HttpRequest, warnings: readonly string[] = []) {
    this.#request = request;
    this.#items = new OutputItems({ provider: request.provider, model: request.model ?? "" });
    this.#warnings = warnings;
  }

  get finished(): boolean {
    return this.#ended;
  }

  read(payload: string, events: ProviderEvent[]): boolean {
    if (this.#items.append(payload, events)) return false;
    this.#readAny(payload, events);
    return this.#ended;
  }

  finish(): void {
    if (!this.#ended)
      throw this.#error("StreamError", "ended its stream without response.completed: the answer is not whole.");
  }

  #readAny(payload: string, events: ProviderEvent[]): void {
    for (const message of this.#warnings) events.push({ type: "warning", message });
    this.#warnings = [];
    const event = this.#parse(payload);
    this.#readHead(event.response ?? {});
    if (!this.#items.read(payload, event, events)) this.#readOther(event, events);
  }

  #readHead({ id, model }: ResponseBody): void {
    this.#id = id ?? this.#id;
    this.#model = model ?? this.#model;
  }

  #readOther(event: ResponsesEvent, events: ProviderEvent[]): void {
    const { type, response = {} } = event;
    const reason = response.incomplete_details?.reason ?? null;
    // A gateway's error has no type.
    if (type === "error" || (type === undefined && isJsonObject(event.error)))
      throw streamedError(event, this.#request);
    if (type === "response.failed") throw this.#failure(response);
    if (type === "response.completed") this.#end(response, reason, events);
    else if (type === "response.incomplete") this.#end(response, reason ?? "unknown", events);
    else this.#ignore(type ?? "one without a type");
  }

  /** `incomplete`: why the answer is, null when it is whole. */
  #end(response: ResponseBody, incomplete: string | null, events: ProviderEvent[]): void {
    // Some servers say only at the end what the answer is.
    if (this.#items.isEmpty)
      for (const [place, item] of (response.output ?? []).entries()) this.#items.end(place, item, events);
    this.#items.endAll(incomplete !== null, events);
    if (isJsonObject(response.usage)) events.push({ type: "usage", usage: toUsage(response.usage) });
    this.#tellUnknown(events);
    this.#ended = true;
    events.push({
      type: "end",
      finish_reason: this.#reason(incomplete),
      ...(this.#model === "" ? {} : { model: this.#model }),
      metadata: {
        openai: { ...(this.#id === "" ? {} : { id: this.#id }), ...(incomplete === null ? {} : { incomplete }) },
      },
    });
  }

  #reason(incomplete: string | null): FinishReason {
    if (incomplete !== null) return INCOMPLETE[incomplete] ?? "unknown";
    if (this.#items.calls > 0) return "tool_calls";
    return this.#items.refused ? "refusal" : "stop";
  }

  #ignore(type: string): void {
    if (IDLE.test(type)) return;
    this.#unknown += 1;
    if (this.#unknownNames.size < MAX_NAMES) this.#unknownNames.add(extractOf(type).slice(0, 60));
  }

  #tellUnknown(events: ProviderEvent[]): void {
    if (this.#unknown === 0) return;
    const names = [...this.#unknownNames].join(", ");
    const message = `${this.#request.provider} sent ${this.#unknown} events of unknown types, which were ignored: ${names}`;
    events.push({ type: "warning", message });
  }

  #failure({ error }: ResponseBody): LLMError {
    if (isJsonObject(error)) return streamedError({ error }, this.#request);
    return this.#error("StreamError", "gave its answer up and did not say why.");
  }

  #parse(payload: string): ResponsesEvent {
    // Not of this wire, but some servers end every stream so.
    if (payload === "[DONE]") return { type: "keepalive" };
    try {
      const value: unknown = JSON.parse(payload);
      if (isJsonObject(value)) return value;
    } catch {
      // The same error as for JSON that is no object.
    }
    const shown = extractOf(payload.slice(0, 500)).slice(0, 120);
    throw this.#error("StreamError", `sent a line that is no JSON object: ${shown}`);
  }

  #error(name: "StreamError", message: string): LLMError {
    const { provider, model } = this.#request;
    return new LLMError(name, `${provider} ${message}`, { provider, model });
  }
}
