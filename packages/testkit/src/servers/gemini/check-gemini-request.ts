/**
 * Owns the table of everything this server refuses in a request to the Gemini API. Wording: what the API answers, as
 * quoted in the issues of its clients. Where Google Cloud is stricter than the Gemini API, the stricter counts.
 */
import type { JsonObject } from "../json.ts";
import { applyRules, type Problem, type RequestRule } from "../request-rule.ts";
import type { ServerFacts } from "../wire.ts";
import { CONTENT_RULES } from "./content-rules.ts";
import { FUNCTION_RULES } from "./function-rules.ts";
import { type GeminiRequest, readGeminiRequest } from "./gemini-request.ts";

/** Every rule, in the order in which the API answers. */
export const GEMINI_RULES: readonly RequestRule<GeminiRequest>[] = [...CONTENT_RULES, ...FUNCTION_RULES];

const FACTS: ServerFacts = { takesPrefill: () => true, signedThinking: null };

/**
 * Everything the Gemini API refuses in `body`, which names its `model` as the address does; empty when it takes it.
 * `facts` default to any signature being a good one.
 */
export function checkGeminiRequest(body: JsonObject, facts: Partial<ServerFacts> = {}): readonly Problem[] {
  return applyRules(GEMINI_RULES, readGeminiRequest(body, { ...FACTS, ...facts }));
}
