/**
 * The module `provider-gemini`: the Gemini API (`streamGenerateContent`) of Google, of Google Cloud with a key, and of
 * servers that speak its wire. Its provider keeps no conversation and retries nothing.
 */
import type {
  ChatRequest,
  Cleanup,
  ModelInfo,
  ModuleCoordinator,
  ModuleType,
  Provider,
  ProviderEvent,
  ProviderInfo,
} from "amplifier-core";
import { getJson } from "../http/get-json.ts";
import type { HttpRequest } from "../http/http-request.ts";
import { postSse } from "../http/post-sse.ts";
import { translateStream } from "../http/translate-stream.ts";
import { isJsonObject } from "../json/json-object.ts";
import { withCosts, withKnownCosts } from "../model-costs.ts";
import type { Environment } from "../provider-config.ts";
import { resolveGeminiConfig, type GeminiConfig, type GeminiSettings } from "./gemini-config.ts";
import { toGeminiRequest } from "./gemini-request.ts";
import { GeminiTranslator } from "./gemini-translator.ts";

export { configSchema, type GeminiConfig } from "./gemini-config.ts";

/** What this module is mounted as. */
export const moduleType: ModuleType = "provider";

/**
 * Mounts the provider under its name, `gemini` by default.
 * @throws LLMError `ConfigurationError` when Google's own server would be called without a key.
 */
export function mount(coordinator: ModuleCoordinator, config: Readonly<Record<string, unknown>>): Cleanup | void {
  const provider = createGeminiProvider(config);
  coordinator.mount("providers", provider, provider.name);
}

const LIST_TIMEOUT_MS = 10_000;

/**
 * Makes a provider. Nothing is sent before it is asked. `environment` is where a missing key and address are looked up.
 * @throws LLMError `ConfigurationError` when Google's own server would be called without a key.
 */
export function createGeminiProvider(config: GeminiConfig = {}, environment: Environment = process.env): Provider {
  return new GeminiProvider(resolveGeminiConfig(config, environment));
}

class GeminiProvider implements Provider {
  readonly name: string;
  readonly priority?: number;
  readonly #settings: GeminiSettings;

  constructor(settings: GeminiSettings) {
    this.name = settings.name;
    if (settings.priority !== undefined) this.priority = settings.priority;
    this.#settings = settings;
  }

  getInfo(): ProviderInfo {
    const { isGoogle, baseUrl, model } = this.#settings;
    return { id: this.name, displayName: isGoogle ? "Gemini" : new URL(baseUrl).host, defaultModel: model };
  }

  async listModels(): Promise<readonly ModelInfo[]> {
    const list = await getJson(this.#call("/models?pageSize=1000"), { signal: AbortSignal.timeout(LIST_TIMEOUT_MS) });
    const models: unknown = isJsonObject(list) ? list["models"] : null;
    const chatting = Array.isArray(models) ? models.flatMap(toModelInfo) : [];
    return chatting.map((model) => withKnownCosts(model, this.#settings.baseUrl));
  }

  stream(request: ChatRequest, options: { readonly signal: AbortSignal }): AsyncIterable<readonly ProviderEvent[]> {
    const { model, body, warnings } = toGeminiRequest(request, this.#settings);
    const call = this.#call(`/${modelPath(model)}:streamGenerateContent?alt=sse`, model);
    const seed = String(request.messages.length);
    const payloads = postSse({ ...call, body: JSON.stringify(body) }, options);
    return translateStream(payloads, withCosts(new GeminiTranslator(call, { seed, warnings }), call));
  }

  #call(path: string, model?: string): HttpRequest {
    const { name, baseUrl, headers } = this.#settings;
    return { url: baseUrl + path, headers, provider: name, model, keyName: "GEMINI_API_KEY" };
  }
}

/** `gemini-x` is short for `models/gemini-x`; tuned models and the like are named with their path. */
function modelPath(model: string): string {
  const path = model.split("/").map(encodeURIComponent).join("/");
  return path.includes("/") ? path : `models/${path}`;
}

/** What can chat of what the server has: embeddings and pictures have other methods. */
function toModelInfo(entry: unknown): ModelInfo[] {
  if (!isJsonObject(entry)) return [];
  const { name, displayName, inputTokenLimit: input, outputTokenLimit: output } = entry;
  const methods = entry["supportedGenerationMethods"];
  const chats = !Array.isArray(methods) || methods.includes("generateContent");
  if (typeof name !== "string" || !chats) return [];
  return [
    {
      id: name.replace(/^models\//, ""),
      ...(typeof displayName === "string" ? { displayName } : {}),
      ...(typeof input === "number" ? { contextWindow: input } : {}),
      ...(typeof output === "number" ? { maxOutputTokens: output } : {}),
    },
  ];
}
