/**
 * The module `context-simple`: mounts a conversation memory that keeps every message, and gives requests a smaller view
 * when the conversation would not fit the model: old tool results are shortened first, then the oldest turns left out.
 */
import type { Cleanup, InferSchema, JsonSchema, ModuleCoordinator } from "amplifier-core";
import { SimpleContext } from "./simple-context.ts";

export { SimpleContext, type SimpleContextOptions } from "./simple-context.ts";

/** What this module is mounted as. */
export const moduleType = "context";

const NAME = "context-simple";

/** Tokens are estimates; the keys and their defaults are upstream's. */
export const configSchema = {
  type: "object",
  properties: {
    max_tokens: {
      type: "integer",
      minimum: 1,
      description:
        "Tokens a request may carry. Default: the context window of the provider's default model, less room for its " +
        "answer; where the provider does not know it, nothing is left out until the model refuses a request",
    },
    compact_threshold: {
      type: "number",
      exclusiveMinimum: 0,
      maximum: 1,
      default: 0.92,
      description: "Share of the tokens above which a request is compacted",
    },
    target_usage: {
      type: "number",
      exclusiveMinimum: 0,
      maximum: 1,
      default: 0.5,
      description: "Share of the tokens it is compacted to; the lower, the less often it happens",
    },
    truncate_chars: {
      type: "integer",
      minimum: 0,
      default: 250,
      description: "Characters that stay of an old tool result",
    },
    protected_tool_results: {
      type: "integer",
      minimum: 0,
      default: 5,
      description: "So many of the newest tool results stay whole, unless nothing else helps",
    },
  },
  additionalProperties: false,
} as const satisfies JsonSchema;

/** Mounts a new, empty `SimpleContext` that learns from what providers count and refuse. */
export function mount(coordinator: ModuleCoordinator, config: InferSchema<typeof configSchema> = {}): Cleanup {
  const { hooks, clock } = coordinator;
  const context = new SimpleContext({
    maxTokens: config.max_tokens,
    compactThreshold: config.compact_threshold,
    targetUsage: config.target_usage,
    truncateChars: config.truncate_chars,
    protectedToolResults: config.protected_tool_results,
    hooks,
    clock,
  });
  coordinator.mount("context", context);
  const unregister = [
    hooks.register(
      "provider:response",
      // Cache reads are in `input_tokens`, cache writes are not.
      (_, { usage }) => context.noteInputTokens(usage.input_tokens + (usage.cache_write_tokens ?? 0)),
      { name: NAME },
    ),
    hooks.register(
      "provider:error",
      (_, { error }) => {
        if (error.type === "ContextLengthError") context.noteTooLong();
      },
      { name: NAME },
    ),
  ];
  return () => {
    for (const takeAway of unregister) takeAway();
  };
}
