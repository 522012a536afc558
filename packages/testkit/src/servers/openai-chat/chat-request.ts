/**
 * Owns the shape in which the rules of Chat Completions see a request, and the words all its complaints about values share.
 */
import { type JsonObject, objectsOf } from "../json.ts";
import type { ProblemFound } from "../request-rule.ts";
import type { ServerFacts } from "../wire.ts";

/** A request as the rules see it. */
export interface ChatCall {
  readonly body: JsonObject;
  readonly facts: ServerFacts;
  readonly messages: readonly JsonObject[];
  readonly tools: readonly JsonObject[];
}

/** Reads a body of any shape. */
export function readChatCall(body: JsonObject, facts: ServerFacts): ChatCall {
  return { body, facts, messages: objectsOf(body["messages"]), tools: objectsOf(body["tools"]) };
}

/** The calls of a message; none when it has no such list. */
export function callsOf(message: JsonObject | undefined): readonly JsonObject[] {
  return objectsOf(message?.["tool_calls"]);
}

/** An array that must have an entry and has none. */
export function emptyArray(param: string): ProblemFound {
  const message = `Invalid '${param}': empty array. Expected an array with minimum length 1, but got an empty array instead.`;
  return { message, param, code: "empty_array" };
}

/** A required field that is not there. */
export function missing(param: string): ProblemFound {
  return { message: `Missing required parameter: '${param}'.`, param, code: "missing_required_parameter" };
}

/** A value of a type that is not taken here. `expected` with its article: `a string`. */
export function wrongType(param: string, expected: string, value: unknown): ProblemFound {
  const got = value === null ? "null" : Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
  const message = `Invalid type for '${param}': expected ${expected}, but got ${got} instead.`;
  return { message, param, code: "invalid_type" };
}

/** A word that is none of those taken here. */
export function unknownWord(param: string, value: unknown, allowed: readonly string[]): ProblemFound {
  const list = allowed.map((word) => `'${word}'`).join(", ");
  const message = `Invalid value: '${String(value)}'. Supported values are: ${list}.`;
  return { message, param, code: "invalid_value" };
}

/** What is wrong with a name or an id; nothing when it is text of `pattern` with at most `max` characters. */
export function nameProblem(
  param: string,
  value: unknown,
  limits: { readonly pattern?: string; readonly max: number },
): readonly ProblemFound[] {
  if (value === undefined) return [missing(param)];
  if (typeof value !== "string") return [wrongType(param, "a string", value)];
  if (value.length > limits.max) {
    const message = `Invalid '${param}': string too long. Expected a string with maximum length ${limits.max}, but got a string with length ${value.length} instead.`;
    return [{ message, param, code: "string_above_max_length" }];
  }
  if (limits.pattern === undefined || new RegExp(limits.pattern).test(value)) return [];
  const message = `Invalid '${param}': string does not match pattern. Expected a string that matches the pattern '${limits.pattern}'.`;
  return [{ message, param, code: "invalid_value" }];
}
