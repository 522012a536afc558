/**
 * Owns what the vendors ask for their models' tokens, at their own servers and standard rates, as read on 2026-11-24; the one
 * place to change when a price does. Sources: developers.openai.com/api/docs/models and /pricing,
 * platform.claude.com/docs/en/about-claude/pricing, ai.google.dev/gemini-api/docs/pricing (3.8 Flash at half price until the
 * end of 2026). What is not here is not known; nothing is guessed from a model's name.
 */

/** US dollars per million tokens, as decimal strings. `input`: neither read from a cache nor written to one. */
export interface TokenPrices {
  readonly input: string;
  readonly output: string;
  readonly cacheRead?: string;
  /** Kept for the shortest time the vendor has: 5 minutes at Anthropic, 30 at OpenAI. */
  readonly cacheWrite?: string;
  /** Kept for an hour. */
  readonly cacheWriteHour?: string;
}

/** One model. Token counts; `contextWindow` and `maxOutputTokens` where the vendor's list of models does not have them. */
export interface ModelCosts extends TokenPrices {
  readonly contextWindow?: number;
  readonly maxOutputTokens?: number;
  /** Prompts longer than `tokens` have these prices for the whole call. */
  readonly longPrompt?: { readonly tokens: number; readonly prices: TokenPrices };
  /** What it costs from a day on, which begins at midnight UTC. */
  readonly later?: { readonly from: string; readonly prices: TokenPrices };
}

/** Servers with known prices. Regional ones, clouds and gateways offer the same models at prices of their own. */
export type PricedHost = "api.openai.com" | "api.anthropic.com" | "generativelanguage.googleapis.com";

const GPT_6_LIMITS = { contextWindow: 1_050_000, maxOutputTokens: 128_000 };

/** OpenAI's rule for GPT-6: a prompt of more than 272,000 tokens makes input cost twice as much, and output half as much again. */
function gpt6(prices: TokenPrices, long: TokenPrices): ModelCosts {
  return { ...prices, ...GPT_6_LIMITS, longPrompt: { tokens: 272_000, prices: long } };
}

const OPUS: ModelCosts = {
  input: "5",
  output: "25",
  cacheRead: "0.5",
  cacheWrite: "6.25",
  cacheWriteHour: "10",
};

/** Costs by server and model id. A dated snapshot (`-2026-09-29`, `-20250929`) costs what its model does. */
export const MODEL_COSTS: Readonly<Record<PricedHost, Readonly<Record<string, ModelCosts>>>> = {
  "api.openai.com": {
    "gpt-6.2-sol": gpt6(
      { input: "2", output: "10", cacheRead: "0.1", cacheWrite: "2.5" },
      { input: "4", output: "15", cacheRead: "0.2", cacheWrite: "5" },
    ),
    "gpt-6.1-sol": gpt6(
      { input: "2", output: "10", cacheRead: "0.1", cacheWrite: "2.5" },
      { input: "4", output: "15", cacheRead: "0.2", cacheWrite: "5" },
    ),
    "gpt-6-sol": gpt6(
      { input: "2", output: "10", cacheRead: "0.2", cacheWrite: "2.5" },
      { input: "4", output: "15", cacheRead: "0.4", cacheWrite: "5" },
    ),
    "gpt-6-astra": gpt6(
      { input: "10", output: "50", cacheRead: "1", cacheWrite: "12.5" },
      { input: "20", output: "75", cacheRead: "2", cacheWrite: "25" },
    ),
    // Its caches' prices were not found.
    "gpt-6.2-astra": gpt6({ input: "8", output: "40" }, { input: "16", output: "60" }),
    "gpt-6-luna": gpt6(
      { input: "0.1", output: "0.5", cacheRead: "0.01", cacheWrite: "0.125" },
      { input: "0.2", output: "0.75", cacheRead: "0.02", cacheWrite: "0.25" },
    ),
  },
  "api.anthropic.com": {
    "claude-fable-5-1": { input: "10", output: "50", cacheRead: "0.25", cacheWrite: "12.5", cacheWriteHour: "20" },
    "claude-opus-5-5": { input: "4", output: "20", cacheRead: "0.2", cacheWrite: "5", cacheWriteHour: "8" },
    "claude-opus-5": OPUS,
    "claude-opus-4-8": OPUS,
    "claude-opus-4-7": OPUS,
    "claude-opus-4-6": OPUS,
    "claude-opus-4-5": OPUS,
    "claude-sonnet-5-5": { input: "2", output: "10", cacheRead: "0.1", cacheWrite: "2.5", cacheWriteHour: "4" },
    "claude-sonnet-5": { input: "2", output: "10", cacheRead: "0.2", cacheWrite: "2.5", cacheWriteHour: "4" },
    "claude-sonnet-4-6": { input: "3", output: "15", cacheRead: "0.3", cacheWrite: "3.75", cacheWriteHour: "6" },
    "claude-haiku-5-5": {
      input: "0.1",
      output: "0.5",
      cacheRead: "0.01",
      cacheWrite: "0.125",
      cacheWriteHour: "0.2",
      longPrompt: {
        tokens: 100_000,
        prices: { input: "0.5", output: "2.5", cacheRead: "0.05", cacheWrite: "0.625", cacheWriteHour: "1" },
      },
    },
    "claude-haiku-4-5": { input: "1", output: "5", cacheRead: "0.1", cacheWrite: "1.25", cacheWriteHour: "2" },
  },
  "generativelanguage.googleapis.com": {
    "gemini-3.8-flash": {
      input: "0.75",
      output: "3.75",
      cacheRead: "0.075",
      later: { from: "2027-01-01", prices: { input: "1.5", output: "7.5", cacheRead: "0.15" } },
    },
    "gemini-3.5-flash": { input: "1.5", output: "9", cacheRead: "0.15" },
    "gemini-2.5-pro": {
      input: "1.25",
      output: "10",
      cacheRead: "0.125",
      longPrompt: { tokens: 200_000, prices: { input: "2.5", output: "15", cacheRead: "0.25" } },
    },
    "gemini-2.5-flash": { input: "0.3", output: "2.5" },
    "gemini-2.5-flash-lite": { input: "0.1", output: "0.4" },
  },
};
