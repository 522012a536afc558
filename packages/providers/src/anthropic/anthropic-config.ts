/**
 * Owns the provider's settings: what the mount plan may say, what the environment adds, and the headers that follow.
 * The key lives in `headers` only, so that a printed configuration shows no more than its name.
 */
import { LLMError, type JsonSchema } from "amplifier-core";
import { DEFAULT_MODELS } from "../default-models.ts";
import { hostOf } from "../http/http-request.ts";
import { commonProperties, lowerCased, variable, type Environment, type ProviderConfig } from "../provider-config.ts";
import type { CacheLife } from "./cache-breakpoints.ts";
import type { RequestDefaults } from "./to-wire-request.ts";
import { ANTHROPIC } from "./wire.ts";

/** Settings of the module `provider-anthropic`. `headers`: `anthropic-beta` is added to what we need. */
export interface AnthropicConfig extends ProviderConfig {
  /** Default: `ANTHROPIC_API_KEY`. Servers other than Anthropic's may need none. */
  readonly api_key?: string;
  /** Without `/v1`. Default: `ANTHROPIC_BASE_URL`, else Anthropic. */
  readonly base_url?: string;
  /** Tokens; for models before Claude 4.6, which think within a budget. */
  readonly thinking_budget?: number;
  /** How long tools, system prompt and conversation stay in the prompt cache behind their last use. */
  readonly prompt_cache?: CacheLife | "off";
  /** Tool input is streamed as the model makes it; else the API holds each value back until it is whole. */
  readonly eager_tool_input?: boolean;
}

/** JSON Schema of `AnthropicConfig`. */
export const configSchema: JsonSchema = {
  type: "object",
  properties: {
    ...commonProperties({
      name: ANTHROPIC,
      model: DEFAULT_MODELS.anthropic,
      key: "ANTHROPIC_API_KEY",
      baseUrl: "Address of a Messages API without /v1; default: the environment's ANTHROPIC_BASE_URL, else Anthropic",
      maxOutputTokens: "Longest answer in tokens, thinking included; default: the model's limit, at most 64000",
      temperature: "Only for models before Claude 4.7",
      maxTemperature: 1,
    }),
    thinking_budget: {
      type: "integer",
      minimum: 1024,
      description: "Tokens to think with, for models before Claude 4.6; default: by reasoning_effort",
    },
    prompt_cache: {
      enum: ["off", "5m", "1h"],
      description: "How long the prompt is cached behind its last use; default 5m",
    },
    eager_tool_input: {
      type: "boolean",
      description: "Tool input is streamed as it is made; default: on for Anthropic, off for other servers",
    },
  },
  additionalProperties: false,
};

/** The settings with every default filled in. */
export interface AnthropicSettings {
  readonly name: string;
  readonly priority: number | undefined;
  /** Without `/v1` and without a slash at its end. */
  readonly baseUrl: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly defaults: RequestDefaults;
  /** The server is Anthropic's own. */
  readonly isAnthropic: boolean;
}

const ANTHROPIC_URL = "https://api.anthropic.com";
const API_VERSION = "2023-06-01";

/**
 * Fills in the defaults. `environment` has the meaning of Anthropic's SDK: `ANTHROPIC_API_KEY` (else
 * `ANTHROPIC_AUTH_TOKEN`, sent as a bearer token), `ANTHROPIC_BASE_URL` (without `/v1`).
 * @throws LLMError `ConfigurationError` for an address that is none, and when Anthropic's own server would be called
 * without a key.
 */
export function resolveAnthropicConfig(config: AnthropicConfig, environment: Environment): AnthropicSettings {
  const name = config.name ?? ANTHROPIC;
  const baseUrl = (config.base_url ?? variable(environment, "ANTHROPIC_BASE_URL") ?? ANTHROPIC_URL).replace(/\/+$/, "");
  const isAnthropic = hostOf(baseUrl, { provider: name, example: ANTHROPIC_URL }) === "api.anthropic.com";
  const headers = {
    ...credentials(config, environment),
    "anthropic-version": API_VERSION,
    ...lowerCased(config.headers ?? {}),
  };
  if (isAnthropic && !("x-api-key" in headers) && !("authorization" in headers)) {
    const message =
      "No API key for Anthropic. Set ANTHROPIC_API_KEY, or api_key in the config of provider-anthropic; for another server set base_url.";
    throw new LLMError("ConfigurationError", message, { provider: name });
  }
  const defaults = requestDefaults(config, isAnthropic);
  return { name, priority: config.priority, baseUrl, headers, defaults, isAnthropic };
}

function requestDefaults(config: AnthropicConfig, isAnthropic: boolean): RequestDefaults {
  const { max_output_tokens, temperature, reasoning_effort, thinking_budget, prompt_cache = "5m" } = config;
  return {
    model: config.model ?? DEFAULT_MODELS.anthropic,
    ...(max_output_tokens === undefined ? {} : { max_output_tokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(reasoning_effort === undefined ? {} : { reasoning_effort }),
    ...(thinking_budget === undefined ? {} : { thinking_budget }),
    ...(prompt_cache === "off" ? {} : { cache_life: prompt_cache }),
    // Gateways that check the request's fields refuse the one that asks for it.
    eager_tool_input: config.eager_tool_input ?? isAnthropic,
  };
}

/** One of the two: the API refuses a request that carries both. */
function credentials(config: AnthropicConfig, environment: Environment): Record<string, string> {
  const key = config.api_key ?? variable(environment, "ANTHROPIC_API_KEY");
  if (key !== undefined) return { "x-api-key": key };
  const token = variable(environment, "ANTHROPIC_AUTH_TOKEN");
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}
