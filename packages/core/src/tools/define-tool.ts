/**
 * Owns the short way to write a tool: its input is typed by its own schema.
 */
import type { ToolContext, Tool } from "../ports/tool.ts";
import type { InferSchema, JsonSchema } from "../schema/json-schema.ts";

/** A tool as its author writes it. `execute` may be synchronous. */
export interface ToolDefinition<S extends JsonSchema> extends Omit<Tool, "inputSchema" | "execute"> {
  readonly inputSchema: S;
  readonly execute: (input: InferSchema<S>, context: ToolContext) => unknown;
}

/** Makes a `Tool` of a definition. The loop validates the input before `execute` sees it, so its type holds. */
export function defineTool<const S extends JsonSchema>(definition: ToolDefinition<S>): Tool {
  const { execute, ...description } = definition;
  return { ...description, execute: async (input, context) => execute(input as InferSchema<S>, context) };
}
