/**
 * Calls a tool as the loop does and gives what the model would read.
 */
import { serializeToolResult, toToolResult, type Tool, type ToolResult } from "amplifier-core";

/** What a test may set for a call. `onProgress` gets what the tool shows while it runs. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (value: unknown) => void;
}

/** Runs the tool; progress is an error unless the test takes it. */
export async function callTool(tool: Tool, input: unknown, options: CallOptions = {}): Promise<ToolResult> {
  const signal = options.signal ?? new AbortController().signal;
  const progress = options.onProgress ?? unexpectedProgress;
  return toToolResult(await tool.execute(input, { signal, callId: "call_1", progress }));
}

/** The text of a call that must succeed. */
export async function succeed(tool: Tool, input: unknown, options?: CallOptions): Promise<string> {
  const result = await callTool(tool, input, options);
  if (!result.success) throw new Error(`${tool.name} failed: ${serializeToolResult(result)}`);
  return serializeToolResult(result);
}

/** The error message of a call that must fail. */
export async function fail(tool: Tool, input: unknown, options?: CallOptions): Promise<string> {
  const result = await callTool(tool, input, options);
  if (result.success) throw new Error(`${tool.name} should have failed, but: ${serializeToolResult(result)}`);
  return result.error?.message ?? "";
}

function unexpectedProgress(value: unknown): never {
  throw new Error(`The test did not expect progress: ${JSON.stringify(value)}`);
}
