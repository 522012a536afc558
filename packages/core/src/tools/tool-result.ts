/**
 * Owns what a tool returns and how the model reads it. A tool may return a `ToolResult`, a string or any JSON value;
 * `toToolResult` makes one shape of them, `serializeToolResult` the text of the tool message.
 */

/** A tool's outcome. A failed one has `success: false` and an error with a message for the model. */
export interface ToolResult {
  readonly success: boolean;
  readonly output?: unknown;
  readonly error?: { readonly message: string; readonly [field: string]: unknown };
}

/** Makes a `ToolResult` of whatever a tool returned; a value that is no JSON becomes a failed result. */
export function toToolResult(value: unknown): ToolResult {
  if (isToolResult(value)) return value;
  if (value === undefined || value === null) return { success: true };
  if (typeof value === "string") return { success: true, output: value };
  try {
    const text = JSON.stringify(value);
    if (text !== undefined) return { success: true, output: JSON.parse(text) as unknown };
  } catch {
    // Falls through: circular structures and BigInt are no JSON, and the model is told so.
  }
  return { success: false, error: { message: `The tool returned a ${typeof value}, which is not JSON.` } };
}

function isToolResult(value: unknown): value is ToolResult {
  if (typeof value !== "object" || value === null || !("success" in value)) return false;
  if (typeof value.success !== "boolean") return false;
  return Object.keys(value).every(
    (key) => key === "success" || key === "output" || key === "error" || key === "content",
  );
}

/** The text the model reads: a string as it is, other values as JSON, a failure as `Error: ...`, else `Success`. */
export function serializeToolResult(result: ToolResult): string {
  if (result.output !== undefined && result.output !== null) {
    return typeof result.output === "string" ? result.output : JSON.stringify(result.output);
  }
  if (result.success) return "Success";
  return `Error: ${result.error?.message ?? "Unknown error"}`;
}
