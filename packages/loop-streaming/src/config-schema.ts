/**
 * Owns the JSON Schema of the loop's config: the plan's check, editor completion, documentation and the defaults come from
 * it. Every key here does something.
 */
import type { JsonSchema } from "amplifier-core";

const SECONDS = { type: "number", exclusiveMinimum: 0 } as const;
const CALLS = { anyOf: [{ const: -1 }, { type: "integer", minimum: 1 }] } as const;

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
    max_turns: { ...CALLS, default: 10, description: "Model calls in one turn, from 1; -1 for no limit." },
    max_iterations: { ...CALLS, description: "Alias of max_turns." },
    timeout: { ...SECONDS, default: 300, description: "Seconds for the whole turn." },
    first_token_timeout: {
      ...SECONDS,
      default: 120,
      description: "Seconds to the first delta; not for models that think first or run on this machine.",
    },
    idle_timeout: { ...SECONDS, default: 60, description: "Seconds between two deltas." },
    tool_timeout: { ...SECONDS, default: 120, description: "Seconds for one tool call." },
    max_parallel_tools: { type: "integer", minimum: 1, default: 8, description: "Tools that run at the same time." },
    tool_start: {
      enum: ["eager", "after_message"],
      default: "eager",
      description: "Start a tool when its own call is complete, or when the whole answer is.",
    },
    default_provider: { type: "string", description: "The provider to ask; default: the smallest priority." },
    fallback: { type: "boolean", default: true, description: "Ask the next provider when one fails." },
    retry: {
      type: "object",
      additionalProperties: false,
      default: { attempts: 3, base_delay: 1, max_delay: 30, jitter: 0.2 },
      description: "How an attempt that failed before its first delta is made again.",
      properties: {
        attempts: { type: "integer", minimum: 1, default: 3, description: "Attempts in all; 1 for no retry." },
        base_delay: { type: "number", minimum: 0, default: 1, description: "Seconds; doubled with each attempt." },
        max_delay: { type: "number", minimum: 0, default: 30, description: "Seconds; the longest delay." },
        jitter: { type: "number", minimum: 0, maximum: 1, default: 0.2, description: "Share of it left to chance." },
      },
    },
    max_continuations: {
      type: "integer",
      minimum: 0,
      default: 3,
      description: "How often one answer is continued that its output limit or a broken stream has cut.",
    },
    min_delay_between_calls_ms: {
      type: "integer",
      minimum: 0,
      default: 0,
      description: "Milliseconds from the end of a model call to the next one of the same turn.",
    },
    reasoning_effort: {
      enum: ["none", "minimal", "low", "medium", "high", "xhigh"],
      description: "How hard the model should think.",
    },
    extended_thinking: { type: "boolean", default: false, description: "Alias of reasoning_effort = medium." },
    stream_delay: {
      type: "number",
      minimum: 0,
      default: 0,
      description: "Seconds to wait before each piece of text is shown, to slow it down on purpose.",
    },
  },
  not: {
    anyOf: [{ required: ["max_turns", "max_iterations"] }, { required: ["reasoning_effort", "extended_thinking"] }],
  },
} as const satisfies JsonSchema;
