/**
 * Owns the table of everything this server refuses in a Chat Completions request. Wording: what OpenAI answers, as quoted
 * in the issues of its clients. Where others that speak this wire are stricter than OpenAI, the strictest counts, so that
 * whatever passes here is taken by all of them; each such rule says so.
 */
import type { JsonObject } from "../json.ts";
import { applyRules, type Problem, type ProblemFound, type RequestRule } from "../request-rule.ts";
import type { ServerFacts } from "../wire.ts";
import { type ChatCall, readChatCall, wrongType } from "./chat-request.ts";
import { MESSAGE_RULES } from "./message-rules.ts";
import { TOOL_RULES } from "./tool-rules.ts";

/** Every rule, in the order in which the API answers. */
export const CHAT_RULES: readonly RequestRule<ChatCall>[] = [
  {
    rule: "there is a model",
    check: ({ body }) =>
      typeof body["model"] === "string" && body["model"] !== ""
        ? []
        : [{ message: "you must provide a model parameter", param: null, code: null }],
  },
  {
    rule: "the output limit is a count",
    check: ({ body }) => ["max_tokens", "max_completion_tokens"].flatMap((param) => limitProblem(param, body[param])),
  },
  {
    rule: "there is one output limit",
    check: ({ body }) =>
      body["max_tokens"] !== undefined && body["max_completion_tokens"] !== undefined
        ? [
            {
              message: "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported.",
              param: "max_tokens",
              code: "invalid_parameter_combination",
            },
          ]
        : [],
  },
  ...MESSAGE_RULES,
  ...TOOL_RULES,
];

const FACTS: ServerFacts = { takesPrefill: takesChatPrefill, signedThinking: null };

/** Everything a Chat Completions server refuses in `body`; empty when all of them take it. */
export function checkChatRequest(body: JsonObject, facts: Partial<ServerFacts> = {}): readonly Problem[] {
  return applyRules(CHAT_RULES, readChatCall(body, { ...FACTS, ...facts }));
}

/** No model of this wire continues an assistant message without a flag of its server's own. */
export function takesChatPrefill(): boolean {
  return false;
}

function limitProblem(param: string, value: unknown): readonly ProblemFound[] {
  if (value === undefined) return [];
  if (typeof value !== "number" || !Number.isInteger(value)) return [wrongType(param, "an integer", value)];
  if (value >= 1) return [];
  const message = `Invalid '${param}': integer below minimum value. Expected a value >= 1, but got ${value} instead.`;
  return [{ message, param, code: "integer_below_min_value" }];
}
