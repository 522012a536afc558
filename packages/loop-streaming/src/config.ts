/**
 * Owns the configuration of the loop after its defaults, and how a plan's config becomes it.
 */
import {
  AmplifierError,
  checkValue,
  type InferSchema,
  type JsonSchema,
  type ModuleConfig,
  type PlanProblem,
  type ReasoningEffort,
} from "amplifier-core";
import { configSchema } from "./config-schema.ts";

/** How often and how soon an attempt that brought nothing is made again. Milliseconds. */
export interface RetryConfig {
  /** Attempts in all, the first included. */
  readonly attempts: number;
  readonly baseDelayMs: number;
  /** Longest delay of its own; what a server asks for is honoured beyond it. */
  readonly maxDelayMs: number;
  /** The share of a delay that chance may take off, 0 to 1. */
  readonly jitter: number;
}

/** The configuration after defaults. Times are milliseconds. */
export interface LoopConfig {
  /** Provider deltas held before a `content_block:delta` is flushed. */
  readonly bufferSize: number;
  /** Longest wait of a held delta. */
  readonly flushIntervalMs: number;
  /** Model calls in one turn; -1 for no limit. */
  readonly maxTurns: number;
  /** For the whole turn. All limits stand still while a question is open or the consumer is slow. */
  readonly timeoutMs: number;
  readonly firstTokenTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly toolTimeoutMs: number;
  readonly maxParallelTools: number;
  /** `eager`: a tool starts when its own call is complete, while the answer still streams. */
  readonly toolStart: "eager" | "after_message";
  readonly defaultProvider: string | null;
  /** Whether the next provider is asked when one fails. */
  readonly fallback: boolean;
  readonly retry: RetryConfig;
  /** How often one answer that was cut is continued. */
  readonly maxContinuations: number;
  readonly minDelayBetweenCallsMs: number;
  readonly reasoningEffort: ReasoningEffort | null;
  /** Wait before each piece of text is shown; 0 for none. */
  readonly streamDelayMs: number;
}

type Properties = typeof configSchema.properties;
type Given = InferSchema<typeof configSchema>;
type Defaults = {
  readonly [K in keyof Properties as Properties[K] extends { readonly default: unknown } ? K : never]: NonNullable<
    Given[K]
  >;
};

/** Applies the defaults. @throws AmplifierError `config_invalid` when `config` does not match `configSchema` */
export function createLoopConfig(config: ModuleConfig): LoopConfig {
  const problems = checkValue(config, configSchema);
  if (problems.length > 0) throw configInvalid(problems);
  const given: Given = config;
  const all: Given & Defaults = { ...defaults(), ...given };
  const { attempts, base_delay, max_delay, jitter } = { ...configSchema.properties.retry.default, ...given.retry };
  return {
    bufferSize: all.buffer_size,
    flushIntervalMs: all.flush_interval_ms,
    maxTurns: given.max_turns ?? given.max_iterations ?? all.max_turns,
    timeoutMs: all.timeout * 1000,
    firstTokenTimeoutMs: all.first_token_timeout * 1000,
    idleTimeoutMs: all.idle_timeout * 1000,
    toolTimeoutMs: all.tool_timeout * 1000,
    maxParallelTools: all.max_parallel_tools,
    toolStart: all.tool_start,
    defaultProvider: given.default_provider ?? null,
    fallback: all.fallback,
    retry: { attempts, baseDelayMs: base_delay * 1000, maxDelayMs: max_delay * 1000, jitter },
    maxContinuations: all.max_continuations,
    minDelayBetweenCallsMs: all.min_delay_between_calls_ms,
    // The alias is upstream's switch from before efforts had names.
    reasoningEffort: given.reasoning_effort ?? (all.extended_thinking ? "medium" : null),
    streamDelayMs: all.stream_delay * 1000,
  };
}

function defaults(): Defaults {
  const entries = Object.entries(configSchema.properties).filter(([, property]) => "default" in property);
  return Object.fromEntries(entries.map(([key, property]) => [key, (property as JsonSchema).default])) as Defaults;
}

function configInvalid(problems: readonly PlanProblem[]): AmplifierError<"config_invalid"> {
  const list = problems.map(({ path, message }) => `${path || "it"} ${message}`).join("; ");
  const message = `The config of module "loop-streaming" is not valid: ${list}`;
  return new AmplifierError("config_invalid", message, { data: { module: "loop-streaming", problems } });
}
