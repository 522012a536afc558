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

/** Makes a `ToolResult` of whatever a tool returned, as a copy; a value that is no JSON becomes a failed result. */
export function toToolResult(value: unknown): ToolResult {
  if (value === undefined || value === null) return { success: true };
  if (typeof value === "string") return { success: true, output: value };
  if (value instanceof Error) return { success: false, error: { message: value.message } };
  if (isToolResult(value)) return copyOf(value);
  const output = jsonCopy(value);
  return output === undefined ? notJson(value) : { success: true, output };
}

function copyOf(result: ToolResult): ToolResult {
  // An Error has its message where JSON does not look, and some tools give the bare text.
  const given: unknown = result.error;
  const message = given instanceof Error ? given.message : given;
  const error = typeof message === "string" ? { error: { message } } : {};
  const copy = jsonCopy({ ...result, ...error }) as ToolResult | undefined;
  if (copy === undefined || (result.output !== undefined && copy.output === undefined)) return notJson(result.output);
  return copy;
}

function notJson(value: unknown): ToolResult {
  return { success: false, error: { message: `The tool returned something that is not JSON (${typeof value}).` } };
}

/** A copy of the value as JSON knows it; undefined for what is none, such as circular structures, BigInt and functions. */
export function jsonCopy(value: unknown): unknown {
  try {
    const text = JSON.stringify(value);
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
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
