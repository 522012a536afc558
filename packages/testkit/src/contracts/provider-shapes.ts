/**
 * Owns what the plain data of a provider looks like: its info, its models, the counts in its events. Each function says what
 * is wrong, or nothing.
 */
import type { FinishReason, ModelInfo, ProviderEvent, ProviderInfo, Usage } from "amplifier-core";
import { jsonProblem } from "./json-problem.ts";

/** What is wrong with a provider's info. */
export function infoProblem(info: ProviderInfo): string | undefined {
  const json = jsonProblem(info, "info");
  if (json !== undefined) return json;
  const { id, displayName, defaultModel, retries, tools, streams, slowStart } = info;
  if (typeof id !== "string" || id === "") return "id is no text";
  if (typeof displayName !== "string" || displayName === "") return "displayName is no text";
  if (defaultModel !== null && (typeof defaultModel !== "string" || defaultModel === "")) {
    return "defaultModel is neither a model's id nor null";
  }
  const flag = Object.entries({ retries, tools, streams, slowStart }).find(([, value]) => !isFlag(value));
  return flag && `${flag[0]} is neither true nor false`;
}

/** What is wrong with a list of models. */
export function modelsProblem(models: readonly ModelInfo[]): string | undefined {
  if (!Array.isArray(models)) return "it is no list";
  const json = jsonProblem(models, "models");
  if (json !== undefined) return json;
  const ids = models.map(({ id }) => id);
  const twice = ids.find((id, n) => ids.indexOf(id) !== n);
  if (twice !== undefined) return `${twice} is listed twice`;
  return models.map(modelProblem).find((problem) => problem !== undefined);
}

/** What is wrong with the counts or the reason of an event. */
export function countProblem(event: ProviderEvent): string | undefined {
  if (event.type === "usage") return usageProblem(event.usage);
  if (event.type !== "end" || Object.hasOwn(FINISH_REASONS, event.finish_reason)) return undefined;
  return `finish_reason is ${JSON.stringify(event.finish_reason)}`;
}

const FINISH_REASONS: Readonly<Record<FinishReason, true>> = {
  stop: true,
  length: true,
  tool_calls: true,
  content_filter: true,
  refusal: true,
  pause: true,
  unknown: true,
};

function usageProblem(usage: Usage): string | undefined {
  const { input_tokens, output_tokens, total_tokens, cost_usd } = usage;
  const { reasoning_tokens, cache_read_tokens, cache_write_tokens } = usage;
  const optional = given({ reasoning_tokens, cache_read_tokens, cache_write_tokens });
  const counts = Object.entries({ input_tokens, output_tokens, total_tokens, ...optional });
  const wrong = counts.find(([, count]) => !isCount(count));
  if (wrong !== undefined) return `${wrong[0]} is ${JSON.stringify(wrong[1])}`;
  return cost_usd === undefined || isDecimal(cost_usd) ? undefined : `cost_usd is ${JSON.stringify(cost_usd)}`;
}

function modelProblem(model: ModelInfo): string | undefined {
  const { id, contextWindow, maxOutputTokens, supportsPrefill, pricing } = model;
  if (typeof id !== "string" || id === "") return "a model has no id";
  const counts = Object.entries(given({ contextWindow, maxOutputTokens }));
  const count = counts.find(([, tokens]) => !isCount(tokens) || tokens === 0);
  if (count !== undefined) return `${count[0]} of ${id} is ${JSON.stringify(count[1])}`;
  if (!isFlag(supportsPrefill)) return `supportsPrefill of ${id} is neither true nor false`;
  const isPriced = pricing === undefined || (isDecimal(pricing.input) && isDecimal(pricing.output));
  return isPriced ? undefined : `pricing of ${id} is no pair of decimal strings`;
}

function given(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}

function isFlag(value: unknown): boolean {
  return value === undefined || typeof value === "boolean";
}

function isDecimal(value: unknown): boolean {
  return typeof value === "string" && /^\d+(?:\.\d+)?$/.test(value);
}
