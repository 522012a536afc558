/**
 * Owns how Amplifier's `reasoning_effort` is said to a Claude model. Three generations differ: those before 4.6 take a
 * budget of tokens; from 4.6 on thinking is adaptive and `output_config.effort` sets its depth; from 5 on it is on
 * unless turned off. Adaptive thinking is asked for with its text (`display: "summarized"`): newer models leave it out
 * by default, and a stream would stand still while they think.
 */
import type { ReasoningEffort } from "amplifier-core";
import type { JsonObject } from "../json/json-object.ts";
import type { ModelTraits } from "./model-traits.ts";

/** The two parameters, each absent when the API's own default is wanted. */
export interface ThinkingSettings {
  readonly thinking?: JsonObject;
  readonly effort?: string;
}

/** What is asked for. `maxTokens` bounds thinking and answer together. */
export interface ThinkingWish {
  readonly effort: ReasoningEffort | undefined;
  /** Tokens, for models that take a budget; derived from `effort` when absent. */
  readonly budget: number | undefined;
  readonly maxTokens: number;
}

/** Tokens of thinking per effort, for models that take a budget. */
const BUDGETS: Readonly<Record<Exclude<ReasoningEffort, "none">, number>> = {
  minimal: 1_024,
  low: 4_096,
  medium: 10_000,
  high: 20_000,
  xhigh: 32_000,
};

/** The API's smallest budget, and what is left for the answer at least. */
const MIN_BUDGET = 1_024;

/** The settings for a model of these traits. */
export function thinkingSettings(traits: ModelTraits, wish: ThinkingWish): ThinkingSettings {
  switch (traits.thinking) {
    case "none":
      return {};
    case "budget":
      return budgetSettings(wish);
    case "adaptive":
      if (wish.effort === undefined && wish.budget === undefined) return {};
      return wish.effort === "none" ? {} : adaptiveSettings(traits, wish);
    case "adaptive_by_default":
      return wish.effort === "none" ? offSettings(traits) : adaptiveSettings(traits, wish);
  }
}

function budgetSettings({ effort, budget, maxTokens }: ThinkingWish): ThinkingSettings {
  if (effort === "none" || (effort === undefined && budget === undefined)) return {};
  const wanted = budget ?? (effort === undefined ? MIN_BUDGET : BUDGETS[effort]);
  const tokens = Math.min(wanted, maxTokens - MIN_BUDGET);
  return tokens < MIN_BUDGET ? {} : { thinking: { type: "enabled", budget_tokens: tokens } };
}

function adaptiveSettings(traits: ModelTraits, { effort }: ThinkingWish): ThinkingSettings {
  const thinking = { type: "adaptive", display: "summarized" };
  if (effort === undefined || effort === "none") return { thinking };
  if (effort === "minimal") return { thinking, effort: "low" };
  return { thinking, effort: effort === "xhigh" && !traits.xhighEffort ? "high" : effort };
}

function offSettings({ thinkingOff }: ModelTraits): ThinkingSettings {
  if (thinkingOff === "effort") return { thinking: { type: "adaptive", display: "summarized" }, effort: "low" };
  return { thinking: { type: thinkingOff } };
}
