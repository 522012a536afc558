/**
 * Owns the table of everything this server refuses in a request to the Messages API. Wording: what the API answers, as
 * quoted in the issues of its clients; rules of its documentation that nobody quotes are worded alike.
 */
import { isObject, type JsonObject, objectsOf } from "../json.ts";
import { applyRules, type Problem, type ProblemFound, type RequestRule } from "../request-rule.ts";
import type { ServerFacts } from "../wire.ts";
import { type AnthropicRequest, readAnthropicRequest } from "./anthropic-request.ts";
import { CACHE_RULES } from "./cache-rules.ts";
import { MESSAGE_RULES } from "./message-rules.ts";
import { THINKING_RULES } from "./thinking-rules.ts";
import { TOOL_RULES } from "./tool-rules.ts";

/** Every rule, in the order in which the API answers. */
export const ANTHROPIC_RULES: readonly RequestRule<AnthropicRequest>[] = [
  {
    rule: "there is a model",
    check: ({ body }) =>
      typeof body["model"] === "string" && body["model"] !== "" ? [] : [{ message: "model: Field required" }],
  },
  { rule: "max_tokens is a count", check: ({ body }) => maxTokensProblem(body["max_tokens"]) },
  { rule: "the system prompt says something", check: ({ body }) => systemProblem(body["system"]) },
  ...MESSAGE_RULES,
  ...TOOL_RULES,
  ...THINKING_RULES,
  ...CACHE_RULES,
];

const FACTS: ServerFacts = { takesPrefill: takesAnthropicPrefill, signedThinking: null };

/**
 * Everything the Messages API refuses in `body`; empty when it takes it. `facts` default to the real models, and to
 * any signature being a good one.
 */
export function checkAnthropicRequest(body: JsonObject, facts: Partial<ServerFacts> = {}): readonly Problem[] {
  return applyRules(ANTHROPIC_RULES, readAnthropicRequest(body, { ...FACTS, ...facts }));
}

// claude-opus-4-6, claude-sonnet-4-6-20260101, claude-opus-5, claude-fable-5-1: models since 4.6 refuse it.
const REFUSES_PREFILL = /claude-[a-z]+-(?:4-(?:[6-9]|1\d)|[5-9]|\d\d)(?!\d)/;

/** Whether the real model of this name continues an assistant message; models of other vendors do. */
export function takesAnthropicPrefill(model: string): boolean {
  return !REFUSES_PREFILL.test(model);
}

function maxTokensProblem(value: unknown): ProblemFound[] {
  if (value === undefined) return [{ message: "max_tokens: Field required" }];
  if (!Number.isInteger(value)) return [{ message: "max_tokens: Input should be a valid integer" }];
  return Number(value) < 1 ? [{ message: "max_tokens: Input should be greater than or equal to 1" }] : [];
}

function systemProblem(system: unknown): ProblemFound[] {
  if (system === undefined || (typeof system === "string" && system !== "")) return [];
  const blocks = objectsOf(system);
  const isText = Array.isArray(system) && blocks.every((block) => isObject(block) && typeof block["text"] === "string");
  if (!isText && system !== "") return [{ message: "system: Input should be a valid string or list of text blocks" }];
  const isEmpty = system === "" || blocks.some(({ text }) => String(text).trim() === "");
  return isEmpty ? [{ message: "system: text content blocks must be non-empty" }] : [];
}
