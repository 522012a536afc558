/**
 * Owns the settings that every provider of a remote API takes alike, and how they are read: the plan's, else the
 * environment's, else a default. What only one API knows stands with that API.
 */
import type { JsonSchema, ReasoningEffort } from "amplifier-core";

/** Settings of a provider module. What is absent comes from the environment, the table of models or the server. */
export interface ProviderConfig {
  /** Servers other than the vendor's own may need none. */
  readonly api_key?: string;
  readonly base_url?: string;
  readonly model?: string;
  /** The name it is mounted under. */
  readonly name?: string;
  /** Smaller is asked first. */
  readonly priority?: number;
  /** Added to every request, over our own. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Tokens. */
  readonly max_output_tokens?: number;
  readonly temperature?: number;
  readonly reasoning_effort?: ReasoningEffort;
}

/** What one API says about the common settings. */
export interface ProviderConfigText {
  /** The name it is mounted under by default. */
  readonly name: string;
  readonly model: string;
  /** The environment's variables, as people read them. */
  readonly key: string;
  readonly baseUrl: string;
  readonly maxOutputTokens: string;
  readonly temperature: string;
  readonly maxTemperature: number;
}

/** The environment's variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** JSON Schemas of the common settings. */
export function commonProperties(text: ProviderConfigText): Readonly<Record<keyof ProviderConfig, JsonSchema>> {
  return {
    api_key: { type: "string", minLength: 1, description: `API key; default: the environment's ${text.key}` },
    base_url: { type: "string", pattern: "^https?://", description: text.baseUrl },
    model: { type: "string", minLength: 1, description: `Model id; default ${text.model}` },
    name: { type: "string", minLength: 1, description: `Name it is mounted under; default ${text.name}` },
    priority: { type: "number", description: "Smaller is asked first; default 100" },
    headers: { type: "object", additionalProperties: { type: "string" }, description: "More request headers" },
    max_output_tokens: { type: "integer", minimum: 1, description: text.maxOutputTokens },
    temperature: { type: "number", minimum: 0, maximum: text.maxTemperature, description: text.temperature },
    reasoning_effort: {
      enum: ["none", "minimal", "low", "medium", "high", "xhigh"],
      description: "How hard to think; default: the model's own",
    },
  };
}

/** The first of these variables that says something; one that is set to nothing counts as not set. */
export function variable(environment: Environment, ...names: readonly string[]): string | undefined {
  return names.map((name) => environment[name]?.trim()).find((value) => value !== undefined && value !== "");
}

/** Headers with lower-case names, so that one of the plan replaces ours whatever its case. */
export function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([key, value]) => [key.toLowerCase(), value]));
}
