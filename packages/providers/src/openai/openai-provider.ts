/**
 * Owns the provider for OpenAI's two APIs: Responses, and Chat Completions with every server that speaks it (Ollama, vLLM,
 * LM Studio, llama.cpp, OpenRouter, DeepSeek, Groq, Mistral, xAI ...). It keeps no conversation and retries nothing, but
 * for summaries of reasoning: where the server gives none, it learns not to ask.
 */
import type { ChatRequest, ModelInfo, Provider, ProviderEvent, ProviderInfo } from "amplifier-core";
import { getJson } from "../http/get-json.ts";
import { type HttpRequest, isLoopback } from "../http/http-request.ts";
import { postSse } from "../http/post-sse.ts";
import { translateStream } from "../http/translate-stream.ts";
import { withCosts, withKnownCosts } from "../model-costs.ts";
import { requestWarning, toChatBody } from "./chat/chat-request.ts";
import { ChatTranslator } from "./chat/chat-translator.ts";
import { resolveOpenAIConfig, type OpenAIConfig, type OpenAISettings } from "./openai-config.ts";
import { orWithoutSummary } from "./responses/ask-without-summary.ts";
import { toResponsesRequest } from "./responses/responses-request.ts";
import { responsesTraits } from "./responses/responses-traits.ts";
import { ResponsesTranslator } from "./responses/responses-translator.ts";

const LIST_TIMEOUT_MS = 10_000;

const NO_SUMMARY =
  "The server gives no summaries of this model's reasoning, so none is shown: OpenAI wants the organization verified for " +
  "them. reasoning_summary: none stops asking.";

interface StreamOptions {
  readonly signal: AbortSignal;
}

/**
 * Makes a provider. Nothing is sent before it is asked. `environment` is where a missing key and address are looked up.
 * @throws LLMError `ConfigurationError` when OpenAI's own server would be called without a key.
 */
export function createOpenAIProvider(
  config: OpenAIConfig = {},
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Provider {
  return new OpenAIProvider(resolveOpenAIConfig(config, environment));
}

class OpenAIProvider implements Provider {
  readonly name: string;
  readonly priority?: number;
  #settings: OpenAISettings;

  constructor(settings: OpenAISettings) {
    this.name = settings.name;
    if (settings.priority !== undefined) this.priority = settings.priority;
    this.#settings = settings;
  }

  getInfo(): ProviderInfo {
    const { isOpenAI, baseUrl, model } = this.#settings;
    return {
      id: this.name,
      displayName: isOpenAI ? "OpenAI" : new URL(baseUrl).host,
      defaultModel: model,
      ...(isLoopback(baseUrl) || thinksFirst(this.#settings) ? { slowStart: true } : {}),
    };
  }

  async listModels(): Promise<readonly ModelInfo[]> {
    const list = await getJson(this.#call("/models"), { signal: AbortSignal.timeout(LIST_TIMEOUT_MS) });
    return modelsIn(list).map((model) => withKnownCosts(model, this.#settings.baseUrl));
  }

  stream(request: ChatRequest, options: StreamOptions): AsyncIterable<readonly ProviderEvent[]> {
    return this.#settings.api === "responses" ? this.#respond(request, options) : this.#chat(request, options);
  }

  #respond(
    request: ChatRequest,
    options: StreamOptions,
    told: readonly string[] = [],
  ): AsyncIterableIterator<readonly ProviderEvent[]> {
    const { model, body, warnings, asksForSummary } = toResponsesRequest(request, this.#settings);
    const call = this.#call("/responses", model);
    const payloads = postSse({ ...call, body: JSON.stringify(body) }, options);
    const answer = translateStream(payloads, withCosts(new ResponsesTranslator(call, [...told, ...warnings]), call));
    if (!asksForSummary) return answer;
    return orWithoutSummary(answer, () => {
      this.#settings = { ...this.#settings, reasoningSummary: "none" };
      return this.#respond(request, options, [NO_SUMMARY]);
    });
  }

  #chat(request: ChatRequest, options: StreamOptions): AsyncIterable<readonly ProviderEvent[]> {
    const call = this.#call("/chat/completions", request.model ?? this.#settings.model);
    const body = JSON.stringify(toChatBody(request, this.#settings));
    const seed = String(request.messages.length);
    const translator = new ChatTranslator(call, { seed, warning: requestWarning(request, this.#settings) });
    return translateStream(postSse({ ...call, body }, options), withCosts(translator, call));
  }

  #call(path: string, model?: string): HttpRequest {
    const { name, baseUrl, headers } = this.#settings;
    return { url: baseUrl + path, headers, provider: name, model, keyName: "OPENAI_API_KEY" };
  }
}

/** Whether its model reasons before it says anything, which is not always summarized. */
function thinksFirst({ api, model, isOpenAI, reasoningEffort }: OpenAISettings): boolean {
  return api === "responses" && responsesTraits(model, isOpenAI).reasons === true && reasoningEffort !== "none";
}

/** OpenAI's list has ids only; some servers add the window under a name of their own, which is passed on. */
function modelsIn(list: unknown): readonly ModelInfo[] {
  const data = (list as { data?: unknown } | null)?.data;
  if (!Array.isArray(data)) return [];
  return (data as Readonly<Record<string, unknown>>[]).flatMap((entry) => {
    const { id, name } = entry;
    if (typeof id !== "string") return [];
    const window = entry["context_length"] ?? entry["max_model_len"] ?? entry["context_window"];
    return {
      id,
      ...(typeof name === "string" ? { displayName: name } : {}),
      ...(typeof window === "number" ? { contextWindow: window } : {}),
    };
  });
}
