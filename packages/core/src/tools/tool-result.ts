/**
 * Owns what a tool returns and how the model reads it. A tool may return a `ToolResult`, a string or any JSON value;
 * `toToolResult` makes one shape of them, `serializeToolResult` its text, `toolMessageContent` what the conversation keeps.
 */
import type { ImageBlock, ImageSource, TextBlock } from "../messages/content-block.ts";
import { sanitizeText } from "../messages/sanitize-text.ts";
import { contentProblem } from "./content-problem.ts";

/** A tool's outcome. A failed one has `success: false` and an error with a message for the model. */
export interface ToolResult {
  readonly success: boolean;
  readonly output?: unknown;
  readonly error?: { readonly message: string; readonly [field: string]: unknown };
  /** What the model gets to see behind the output: texts, and images as base64. Never empty. */
  readonly content?: readonly (TextBlock | ImageBlock)[];
}

/**
 * Makes a `ToolResult` of whatever a tool returned, as a copy. A failed result without output has its error's message as
 * output; a value that is no JSON, and content that is not allowed, become a failed result.
 */
export function toToolResult(value: unknown): ToolResult {
  if (value === undefined || value === null) return { success: true };
  if (typeof value === "string") return { success: true, output: value };
  if (value instanceof Error) return failed(value.message);
  if (isToolResult(value)) return copyOf(value);
  const output = jsonCopy(value);
  return output === undefined ? notJson(value) : { success: true, output };
}

function copyOf(given: ToolResult): ToolResult {
  const result = ownFields(given);
  // An Error has its message where JSON does not look, and some tools give the bare text.
  const thrown: unknown = result.error;
  const message = thrown instanceof Error ? thrown.message : thrown;
  const error = typeof message === "string" ? { error: { message } } : {};
  const copy = jsonCopy({ ...result, ...error }) as ToolResult | undefined;
  if (copy === undefined || (result.output !== undefined && copy.output === undefined)) return notJson(result.output);
  return withOutput(withCheckedContent(copy));
}

// What a tool says in fields of its own is not lost where it says nothing else: then the whole of it is the output.
function ownFields(given: ToolResult): ToolResult {
  const { success, output, error, content, ...others } = given;
  const isAllItSays = output === undefined && content === undefined && Object.keys(others).length > 0;
  const fields = { success, output: isAllItSays ? given : output, error, content };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as unknown as ToolResult;
}

function withCheckedContent({ content, ...result }: ToolResult): ToolResult {
  if (content === undefined || content === null) return result;
  const problem = contentProblem(content);
  if (problem !== null) return failed(`The tool's result cannot be used: ${problem}.`);
  return content.length === 0 ? result : { ...result, content: content.map(knownFields) };
}

// A tool's output is not trusted: a field that some API knows must not ride into a request unseen.
function knownFields(block: TextBlock | ImageBlock): TextBlock | ImageBlock {
  if (block.type === "text") return { type: "text", text: block.text };
  const { media_type, data } = block.source as Extract<ImageSource, { type: "base64" }>;
  return { type: "image", source: { type: "base64", media_type, data } };
}

// Hooks and models look at the output first, and many tools say what went wrong in the error only.
function withOutput(result: ToolResult): ToolResult {
  const { success, output, error } = result;
  return success || (output !== undefined && output !== null) || !error?.message
    ? result
    : { ...result, output: error.message };
}

function notJson(value: unknown): ToolResult {
  return failed(`The tool returned something that is not JSON (${kindOf(value)}).`);
}

function kindOf(value: unknown): string {
  if (value instanceof Map) return "Map";
  return value instanceof Set ? "Set" : typeof value;
}

function failed(message: string): ToolResult {
  return withOutput({ success: false, error: { message } });
}

/**
 * A copy of the value as JSON knows it; undefined for what is none, such as circular structures, BigInt, functions, and a
 * Map or a Set, of which JSON would leave nothing.
 */
export function jsonCopy(value: unknown): unknown {
  try {
    const text = JSON.stringify(value, refuseCollections);
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

function refuseCollections(_: string, value: unknown): unknown {
  if (value instanceof Map || value instanceof Set) throw new TypeError("A collection is no JSON.");
  return value;
}

function isToolResult(value: unknown): value is ToolResult {
  return typeof value === "object" && value !== null && "success" in value && typeof value.success === "boolean";
}

/**
 * A result as text, clean of control characters: a string as it is, other values as JSON, a failure as `Error: ...`, else
 * `Success`. Its `content` is no part of it.
 */
export function serializeToolResult({ success, output, error }: ToolResult): string {
  if (output !== undefined && output !== null)
    return sanitizeText(typeof output === "string" ? output : JSON.stringify(output));
  if (success) return "Success";
  if (!error || Object.keys(error).length === 0) return "Error: Failed";
  return sanitizeText(`Error: ${error.message ?? "Unknown error"}`);
}

/** What the tool message of a result holds: its text, or blocks when there is more than text. */
export function toolMessageContent(result: ToolResult): string | readonly (TextBlock | ImageBlock)[] {
  const { success, output, content = [] } = result;
  if (content.length === 0) return serializeToolResult(result);
  const saysNothing = success && (output === undefined || output === null);
  return [
    ...(saysNothing ? [] : [{ type: "text" as const, text: serializeToolResult(result) }]),
    ...content.map((block) => (block.type === "text" ? { ...block, text: sanitizeText(block.text) } : block)),
  ];
}
