/**
 * Owns the configuration of the loop: its JSON Schema (the plan's check, editor completion and documentation come from
 * it) and its defaults. Every key here does something.
 */
import { AmplifierError, checkValue, type JsonSchema, type ModuleConfig, type PlanProblem } from "amplifier-core";

/** The configuration after defaults. */
export interface LoopConfig {
  /** Provider deltas held before a `content_block:delta` is flushed. */
  readonly bufferSize: number;
  /** Longest wait of a held delta. */
  readonly flushIntervalMs: number;
  /** Model calls in one turn; -1 for no limit. */
  readonly maxTurns: number;
  /** For the whole turn; pauses while a question is open or the consumer is slow. */
  readonly timeoutSeconds: number;
  readonly maxParallelTools: number;
  /** `eager`: a tool starts when its own call is complete, while the answer still streams. */
  readonly toolStart: "eager" | "after_message";
  readonly defaultProvider: string | null;
}

/** JSON Schema of the config of module `loop-streaming`. */
export const configSchema = {
  type: "object",
  additionalProperties: false,
  properties: {
    buffer_size: {
      type: "integer",
      minimum: 1,
      default: 10,
      description: "Model deltas to hold before a content_block:delta is flushed; 1 flushes every delta at once.",
    },
    flush_interval_ms: {
      type: "integer",
      minimum: 0,
      default: 50,
      description: "Longest time a delta is held, in milliseconds.",
    },
    max_turns: {
      anyOf: [{ const: -1 }, { type: "integer", minimum: 1 }],
      default: 10,
      description: "Model calls in one turn, from 1; -1 for no limit.",
    },
    max_iterations: { anyOf: [{ const: -1 }, { type: "integer", minimum: 1 }], description: "Alias of max_turns." },
    timeout: { type: "number", exclusiveMinimum: 0, default: 300, description: "Seconds for the whole turn." },
    max_parallel_tools: { type: "integer", minimum: 1, default: 8, description: "Tools that run at the same time." },
    tool_start: {
      enum: ["eager", "after_message"],
      default: "eager",
      description: "Start a tool when its own call is complete, or when the whole answer is.",
    },
    default_provider: { type: "string", description: "The provider to ask; default: the smallest priority." },
  },
  not: { required: ["max_turns", "max_iterations"] },
} as const satisfies JsonSchema;

/** Applies the defaults. @throws AmplifierError `config_invalid` when `config` does not match `configSchema` */
export function createLoopConfig(config: ModuleConfig): LoopConfig {
  const problems = checkValue(config, configSchema);
  if (problems.length > 0) throw configInvalid(problems);
  return {
    bufferSize: (config["buffer_size"] as number | undefined) ?? 10,
    flushIntervalMs: (config["flush_interval_ms"] as number | undefined) ?? 50,
    maxTurns: (config["max_turns"] as number | undefined) ?? (config["max_iterations"] as number | undefined) ?? 10,
    timeoutSeconds: (config["timeout"] as number | undefined) ?? 300,
    maxParallelTools: (config["max_parallel_tools"] as number | undefined) ?? 8,
    toolStart: (config["tool_start"] as LoopConfig["toolStart"] | undefined) ?? "eager",
    defaultProvider: (config["default_provider"] as string | undefined) ?? null,
  };
}

function configInvalid(problems: readonly PlanProblem[]): AmplifierError<"config_invalid"> {
  const list = problems.map(({ path, message }) => `${path || "it"} ${message}`).join("; ");
  const message = `The config of module "loop-streaming" is not valid: ${list}`;
  return new AmplifierError("config_invalid", message, { data: { module: "loop-streaming", problems } });
}
