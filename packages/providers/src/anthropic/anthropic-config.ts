/**
 * Owns the provider's settings: what the mount plan may say, what the environment adds, and the headers that follow.
 * The key lives in `headers` only, so that a printed configuration shows no more than its name.
 */
import { LLMError, type JsonSchema, type ReasoningEffort } from "amplifier-core";
import { DEFAULT_MODELS } from "../default-models.ts";
import { hostOf } from "../http/http-request.ts";
import type { RequestDefaults } from "./to-wire-request.ts";
import { ANTHROPIC } from "./wire.ts";

/** Settings of the module `provider-anthropic`. What is absent comes from the environment or the table of models. */
export interface AnthropicConfig {
  /** Default: `ANTHROPIC_API_KEY`. Servers other than Anthropic's may need none. */
  readonly api_key?: string;
  /** Without `/v1`. Default: `ANTHROPIC_BASE_URL`, else Anthropic. */
  readonly base_url?: string;
  readonly model?: string;
  /** The name it is mounted under; default `anthropic`. */
  readonly name?: string;
  /** Smaller is asked first. */
  readonly priority?: number;
  /** Added to every request, over our own; `anthropic-beta` is added to what we need. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Tokens, thinking included. */
  readonly max_output_tokens?: number;
  readonly temperature?: number;
  readonly reasoning_effort?: ReasoningEffort;
  /** Tokens; for models before Claude 4.6, which think within a budget. */
  readonly thinking_budget?: number;
}

/** JSON Schema of `AnthropicConfig`. */
export const configSchema = {
  type: "object",
  properties: {
    api_key: { type: "string", minLength: 1, description: "API key; default: the environment's ANTHROPIC_API_KEY" },
    base_url: {
      type: "string",
      pattern: "^https?://",
      description:
        "Address of a Messages API without /v1; default: the environment's ANTHROPIC_BASE_URL, else Anthropic",
    },
    model: { type: "string", minLength: 1, description: `Model id; default ${DEFAULT_MODELS.anthropic}` },
    name: { type: "string", minLength: 1, description: "Name it is mounted under; default anthropic" },
    priority: { type: "number", description: "Smaller is asked first; default 100" },
    headers: { type: "object", additionalProperties: { type: "string" }, description: "More request headers" },
    max_output_tokens: {
      type: "integer",
      minimum: 1,
      description: "Longest answer in tokens, thinking included; default: the model's limit, at most 64000",
    },
    temperature: { type: "number", minimum: 0, maximum: 1, description: "Only for models before Claude 4.7" },
    reasoning_effort: {
      enum: ["none", "minimal", "low", "medium", "high", "xhigh"],
      description: "How hard to think; default: the model's own",
    },
    thinking_budget: {
      type: "integer",
      minimum: 1024,
      description: "Tokens to think with, for models before Claude 4.6; default: by reasoning_effort",
    },
  },
  additionalProperties: false,
} as const satisfies JsonSchema;

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
export function resolveAnthropicConfig(
  config: AnthropicConfig,
  environment: Readonly<Record<string, string | undefined>>,
): AnthropicSettings {
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
  return { name, priority: config.priority, baseUrl, headers, defaults: requestDefaults(config), isAnthropic };
}

function requestDefaults(config: AnthropicConfig): RequestDefaults {
  const { max_output_tokens, temperature, reasoning_effort, thinking_budget } = config;
  return {
    model: config.model ?? DEFAULT_MODELS.anthropic,
    ...(max_output_tokens === undefined ? {} : { max_output_tokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(reasoning_effort === undefined ? {} : { reasoning_effort }),
    ...(thinking_budget === undefined ? {} : { thinking_budget }),
  };
}

/** One of the two: the API refuses a request that carries both. */
function credentials(
  config: AnthropicConfig,
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const key = config.api_key ?? variable(environment, "ANTHROPIC_API_KEY");
  if (key !== undefined) return { "x-api-key": key };
  const token = variable(environment, "ANTHROPIC_AUTH_TOKEN");
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

/** A variable that is set to nothing counts as not set. */
function variable(environment: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === "" ? undefined : value;
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]));
}
