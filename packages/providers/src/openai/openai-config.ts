/**
 * Owns the provider's settings: what the mount plan may say, what the environment adds, and what follows from the host.
 * The key lives in `headers` only, so that a printed configuration shows no more than its name.
 */
import { LLMError, type JsonSchema, type ReasoningEffort } from "amplifier-core";
import { DEFAULT_MODELS } from "../default-models.ts";
import { hostOf } from "../http/http-request.ts";
import { commonProperties, lowerCased, variable, type Environment, type ProviderConfig } from "../provider-config.ts";

/** Settings of the module `provider-openai`. */
export interface OpenAIConfig extends ProviderConfig {
  /** Default: `OPENAI_API_KEY`. Servers other than OpenAI's may need none. */
  readonly api_key?: string;
  /** With `/v1`. Default: `OPENAI_BASE_URL`, else OpenAI. */
  readonly base_url?: string;
  /** Which of OpenAI's two APIs the server speaks; default by host: Responses for OpenAI, Chat Completions elsewhere. */
  readonly api?: "responses" | "chat";
  /** Responses: what is shown of the model's reasoning. */
  readonly reasoning_summary?: "auto" | "concise" | "detailed" | "none";
  /** Chat: which field carries the output limit; default by host: `max_completion_tokens` for OpenAI, `max_tokens` elsewhere. */
  readonly max_tokens_field?: "max_tokens" | "max_completion_tokens";
  /** Chat: send the model's own reasoning back as `reasoning_content`; default by host: DeepSeek and Moonshot demand it. */
  readonly return_reasoning?: boolean;
}

/** JSON Schema of `OpenAIConfig`. */
export const configSchema: JsonSchema = {
  type: "object",
  properties: {
    ...commonProperties({
      name: "openai",
      model: DEFAULT_MODELS.openai,
      key: "OPENAI_API_KEY",
      baseUrl:
        "Address of a Responses or Chat Completions API with its /v1; default: the environment's OPENAI_BASE_URL, else OpenAI",
      maxOutputTokens: "Longest answer in tokens; default: the server's",
      temperature: "Default: the server's",
      maxTemperature: 2,
    }),
    api: {
      enum: ["responses", "chat"],
      description: "The API the server speaks; default responses at OpenAI, chat (Chat Completions) elsewhere",
    },
    reasoning_summary: {
      enum: ["auto", "concise", "detailed", "none"],
      description: "Responses: how the model's reasoning is summarized; default auto",
    },
    max_tokens_field: {
      enum: ["max_tokens", "max_completion_tokens"],
      description: "Chat: field for the output limit; default max_completion_tokens at OpenAI, max_tokens elsewhere",
    },
    return_reasoning: {
      type: "boolean",
      description: "Chat: send the model's reasoning back with the conversation; default true at DeepSeek and Moonshot",
    },
  },
  additionalProperties: false,
};

/** Which API is spoken, and how. */
interface WireSettings {
  readonly api: "responses" | "chat";
  readonly reasoningSummary: "auto" | "concise" | "detailed" | "none";
  readonly maxTokensField: "max_tokens" | "max_completion_tokens";
  readonly returnReasoning: boolean;
  /** The server is OpenAI's own. */
  readonly isOpenAI: boolean;
}

/** The settings with every default filled in. */
export interface OpenAISettings extends WireSettings {
  readonly name: string;
  readonly priority: number | undefined;
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly model: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly maxOutputTokens: number | undefined;
  readonly temperature: number | undefined;
  readonly reasoningEffort: ReasoningEffort | undefined;
}

/** They answer 400 to a conversation with tools that lacks the model's reasoning. Source: their guides on thinking. */
const WANTS_REASONING = /(^|\.)(deepseek\.com|moonshot\.(ai|cn))$/;
const OPENAI_URL = "https://api.openai.com/v1";

/**
 * Fills in the defaults. `environment` has the meaning of OpenAI's SDK: `OPENAI_API_KEY`, `OPENAI_BASE_URL` (with `/v1`).
 * @throws LLMError `ConfigurationError` for an address that is none, and when OpenAI's own server would be called without
 * a key.
 */
export function resolveOpenAIConfig(config: OpenAIConfig, environment: Environment): OpenAISettings {
  const name = config.name ?? "openai";
  const baseUrl = (config.base_url ?? variable(environment, "OPENAI_BASE_URL") ?? OPENAI_URL).replace(/\/+$/, "");
  const host = hostOf(baseUrl, { provider: name, example: "http://localhost:11434/v1" });
  const apiKey = config.api_key ?? variable(environment, "OPENAI_API_KEY");
  if (apiKey === undefined && isOpenAIHost(host)) throw missingKey(name);
  return {
    name,
    priority: config.priority,
    baseUrl,
    model: config.model ?? DEFAULT_MODELS.openai,
    headers: headersOf(apiKey, config.headers ?? {}),
    maxOutputTokens: config.max_output_tokens,
    temperature: config.temperature,
    reasoningEffort: config.reasoning_effort,
    ...wireSettings(config, host),
  };
}

function wireSettings(config: OpenAIConfig, host: string): WireSettings {
  const isOpenAI = isOpenAIHost(host);
  return {
    isOpenAI,
    api: config.api ?? (isOpenAI ? "responses" : "chat"),
    reasoningSummary: config.reasoning_summary ?? "auto",
    maxTokensField: config.max_tokens_field ?? (isOpenAI ? "max_completion_tokens" : "max_tokens"),
    returnReasoning: config.return_reasoning ?? WANTS_REASONING.test(host),
  };
}

function missingKey(provider: string): LLMError {
  const message =
    "No API key for OpenAI. Set OPENAI_API_KEY, or api_key in the config of provider-openai; for another server set base_url.";
  return new LLMError("ConfigurationError", message, { provider });
}

/** OpenAI's own host, or one of its regional ones (`eu.api.openai.com`). */
function isOpenAIHost(host: string): boolean {
  return host === "api.openai.com" || host.endsWith(".api.openai.com");
}

function headersOf(
  apiKey: string | undefined,
  more: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return { ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }), ...lowerCased(more) };
}
