/**
 * Owns the provider for the Messages API: Anthropic's own and every server that speaks its wire (Ollama, LM Studio,
 * gateways). It keeps no conversation and retries nothing.
 */
import type { ChatRequest, ModelInfo, Provider, ProviderEvent, ProviderInfo } from "amplifier-core";
import { getJson } from "../http/get-json.ts";
import { type HttpRequest, isLoopback } from "../http/http-request.ts";
import { postSse } from "../http/post-sse.ts";
import { translateStream } from "../http/translate-stream.ts";
import { isJsonObject } from "../json/json-object.ts";
import { withCosts, withKnownCosts } from "../model-costs.ts";
import { resolveAnthropicConfig, type AnthropicConfig, type AnthropicSettings } from "./anthropic-config.ts";
import { AnswerTranslator } from "./answer-translator.ts";
import { modelTraits } from "./model-traits.ts";
import { toWireRequest, type WireRequest } from "./to-wire-request.ts";

const LIST_TIMEOUT_MS = 10_000;

/**
 * Makes a provider. Nothing is sent before it is asked. `environment` is where a missing key and address are looked up.
 * @throws LLMError `ConfigurationError` when Anthropic's own server would be called without a key.
 */
export function createAnthropicProvider(
  config: AnthropicConfig = {},
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Provider {
  return new AnthropicProvider(resolveAnthropicConfig(config, environment));
}

class AnthropicProvider implements Provider {
  readonly name: string;
  readonly priority?: number;
  readonly #settings: AnthropicSettings;

  constructor(settings: AnthropicSettings) {
    this.name = settings.name;
    if (settings.priority !== undefined) this.priority = settings.priority;
    this.#settings = settings;
  }

  getInfo(): ProviderInfo {
    const { isAnthropic, baseUrl, defaults } = this.#settings;
    return {
      id: this.name,
      displayName: isAnthropic ? "Anthropic" : new URL(baseUrl).host,
      defaultModel: defaults.model,
      ...(isLoopback(baseUrl) || defaults.thinking_budget !== undefined ? { slowStart: true } : {}),
    };
  }

  async listModels(): Promise<readonly ModelInfo[]> {
    const list = await getJson(this.#call("/v1/models?limit=1000"), { signal: AbortSignal.timeout(LIST_TIMEOUT_MS) });
    const data: unknown = isJsonObject(list) ? list["data"] : null;
    const models = Array.isArray(data) ? data.flatMap(toModelInfo) : [];
    return models.map((model) => withKnownCosts(model, this.#settings.baseUrl));
  }

  stream(request: ChatRequest, options: { readonly signal: AbortSignal }): AsyncIterable<readonly ProviderEvent[]> {
    let wire: WireRequest;
    try {
      wire = toWireRequest(request, this.#settings.defaults);
    } catch (error) {
      return failing(error);
    }
    const call = this.#call("/v1/messages", wire);
    const payloads = postSse({ ...call, body: JSON.stringify(wire.body) }, options);
    const priced = { ...call, cachesForAnHour: this.#settings.defaults.cache_life === "1h" };
    return translateStream(payloads, withCosts(new AnswerTranslator(call, wire.warnings), priced));
  }

  #call(path: string, options: { readonly model?: string; readonly betas?: readonly string[] } = {}): HttpRequest {
    const { name, baseUrl, headers } = this.#settings;
    const betas = [headers["anthropic-beta"] ?? [], options.betas ?? []].flat().join(",");
    return {
      url: baseUrl + path,
      headers: { ...headers, ...(betas === "" ? {} : { "anthropic-beta": betas }) },
      provider: name,
      model: options.model,
      keyName: "ANTHROPIC_API_KEY",
    };
  }
}

/** A stream that fails when it is read: whoever consumes streams looks for errors there. */
function failing(error: unknown): AsyncIterable<never> {
  return {
    [Symbol.asyncIterator]: () => ({
      next: async (): Promise<IteratorResult<never>> => {
        throw error;
      },
    }),
  };
}

function toModelInfo(entry: unknown): ModelInfo[] {
  if (!isJsonObject(entry)) return [];
  const { id, display_name: name, max_input_tokens: input, max_tokens: output } = entry;
  if (typeof id !== "string") return [];
  return [
    {
      id,
      ...(typeof name === "string" ? { displayName: name } : {}),
      ...(typeof input === "number" ? { contextWindow: input } : {}),
      ...(typeof output === "number" ? { maxOutputTokens: output } : {}),
      supportsPrefill: modelTraits(id).prefill,
    },
  ];
}
