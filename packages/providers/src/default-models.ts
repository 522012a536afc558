/**
 * Owns the names of the models used when nobody names one: the one place to change when a vendor moves on.
 * Chosen for price and for working with tools on the wire we speak, not for being the newest or the largest.
 */

/**
 * Model ids by provider, as of November 2026.
 * - `openai`: GPT-6 Sol ($2 / $10 per million tokens, 1M context). Not GPT-6.1 Sol nor Astra: those refuse function tools
 *   on Chat Completions; GPT-6 Sol takes them with `reasoning_effort: "none"`, which our adapter sets.
 * - `gemini`: Gemini 3.8 Flash ($0.75 / $3.75 per million tokens until the end of 2026, then twice that; 1M context), the
 *   vendor's model for agents.
 * - `anthropic`: Claude Sonnet 5.5 ($2 / $10 per million tokens, 1M context), the vendor's balance of speed and quality.
 */
export const DEFAULT_MODELS = {
  openai: "gpt-6-sol",
  anthropic: "claude-sonnet-5-5",
  gemini: "gemini-3.8-flash",
} as const;
