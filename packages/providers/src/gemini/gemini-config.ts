/**
 * Owns the provider's settings: what the mount plan may say, what the environment adds, and what follows from the host.
 * The key lives in `headers` only, so that a printed configuration shows no more than its name.
 */
import { LLMError, type JsonSchema, type ReasoningEffort } from "amplifier-core";
import { DEFAULT_MODELS } from "../default-models.ts";
import { hostOf } from "../http/http-request.ts";
import { commonProperties, lowerCased, variable, type Environment, type ProviderConfig } from "../provider-config.ts";

/** Settings of the module `provider-gemini`. */
export interface GeminiConfig extends ProviderConfig {
  /** Default: `GEMINI_API_KEY`, else `GOOGLE_API_KEY`. Servers other than Google's may need none. */
  readonly api_key?: string;
  /** With its version (`/v1beta`), or without: then it is that. Default: `GOOGLE_GEMINI_BASE_URL`, else Google. */
  readonly base_url?: string;
}

/** JSON Schema of `GeminiConfig`. */
export const configSchema: JsonSchema = {
  type: "object",
  properties: commonProperties({
    name: "gemini",
    model: DEFAULT_MODELS.gemini,
    key: "GEMINI_API_KEY or GOOGLE_API_KEY",
    baseUrl: "Address of a Gemini API; default: the environment's GOOGLE_GEMINI_BASE_URL, else Google",
    maxOutputTokens: "Longest answer in tokens, thinking included; default: the model's limit",
    temperature: "Only for models before Gemini 3.5; default: the model's own",
    maxTemperature: 2,
  }),
  additionalProperties: false,
};

/** The settings with every default filled in. */
export interface GeminiSettings {
  readonly name: string;
  readonly priority: number | undefined;
  /** With its version, and without a slash at its end. */
  readonly baseUrl: string;
  readonly model: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly maxOutputTokens: number | undefined;
  readonly temperature: number | undefined;
  readonly reasoningEffort: ReasoningEffort | undefined;
  /** The server is Google's own. */
  readonly isGoogle: boolean;
  /** The server is Google Cloud's (Vertex AI), which streams the arguments of a call when it is asked to. */
  readonly isCloud: boolean;
}

const GEMINI_URL = "https://generativelanguage.googleapis.com";

/**
 * Fills in the defaults. `environment`: `GEMINI_API_KEY`, else `GOOGLE_API_KEY`; `GOOGLE_GEMINI_BASE_URL`, as Google's SDK
 * has it (without a version).
 * @throws LLMError `ConfigurationError` for an address that is none, and when Google's own server would be called without
 * a key.
 */
export function resolveGeminiConfig(config: GeminiConfig, environment: Environment): GeminiSettings {
  const name = config.name ?? "gemini";
  const address = config.base_url ?? variable(environment, "GOOGLE_GEMINI_BASE_URL") ?? GEMINI_URL;
  const host = hostOf(address, { provider: name, example: GEMINI_URL });
  const isGoogle = host.endsWith(".googleapis.com");
  const key = config.api_key ?? variable(environment, "GEMINI_API_KEY", "GOOGLE_API_KEY");
  const headers = { ...(key === undefined ? {} : { "x-goog-api-key": key }), ...lowerCased(config.headers ?? {}) };
  if (isGoogle && !("x-goog-api-key" in headers) && !("authorization" in headers)) throw missingKey(name);
  return {
    name,
    priority: config.priority,
    baseUrl: withVersion(address.replace(/\/+$/, "")),
    model: config.model ?? DEFAULT_MODELS.gemini,
    headers,
    maxOutputTokens: config.max_output_tokens,
    temperature: config.temperature,
    reasoningEffort: config.reasoning_effort,
    isGoogle,
    isCloud: host.endsWith("aiplatform.googleapis.com"),
  };
}

function withVersion(address: string): string {
  return /\/v\d\w*(\/|$)/.test(new URL(address).pathname) ? address : `${address}/v1beta`;
}

function missingKey(provider: string): LLMError {
  const message =
    "No API key for Gemini. Set GEMINI_API_KEY (or GOOGLE_API_KEY), or api_key in the config of provider-gemini; for another server set base_url.";
  return new LLMError("ConfigurationError", message, { provider });
}
