/**
 * Owns the token counts of model calls and their sum. Counts are tokens; `cost_usd` is a decimal string in US dollars,
 * never a number: binary fractions lose cents.
 */
import { addDecimals, isDecimal } from "./decimal.ts";

/** Tokens of one call, or of several added up. `input_tokens` includes cache reads and not cache writes. */
export interface Usage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly total_tokens: number;
  readonly reasoning_tokens?: number;
  readonly cache_read_tokens?: number;
  readonly cache_write_tokens?: number;
  /** A decimal ("0.047"); absent where nobody knows the price, which is not "0". */
  readonly cost_usd?: string;
  /** Some of these tokens were estimated, because the provider sent no count. */
  readonly estimated?: true;
}

/** No tokens at all. */
export const NO_USAGE: Usage = { input_tokens: 0, output_tokens: 0, total_tokens: 0 };

/** Adds two counts field by field; optional fields appear when either side has them. Costs add up exactly. */
export function addUsage(left: Usage, right: Usage): Usage {
  return {
    input_tokens: left.input_tokens + right.input_tokens,
    output_tokens: left.output_tokens + right.output_tokens,
    total_tokens: left.total_tokens + right.total_tokens,
    ...sumOf("reasoning_tokens", left, right),
    ...sumOf("cache_read_tokens", left, right),
    ...sumOf("cache_write_tokens", left, right),
    ...costOf(left, right),
    ...(left.estimated || right.estimated ? { estimated: true as const } : {}),
  };
}

function sumOf(
  field: "reasoning_tokens" | "cache_read_tokens" | "cache_write_tokens",
  left: Usage,
  right: Usage,
): Partial<Usage> {
  if (left[field] === undefined && right[field] === undefined) return {};
  return { [field]: (left[field] ?? 0) + (right[field] ?? 0) };
}

function costOf({ cost_usd: left }: Usage, { cost_usd: right }: Usage): Pick<Usage, "cost_usd"> {
  if (left === undefined && right === undefined) return {};
  return { cost_usd: addDecimals(left ?? "0", right ?? "0") };
}

/** What is wrong with the counts a provider reports, as the end of a sentence about it; null when nothing is. */
export function usageProblem({ input_tokens, output_tokens, total_tokens, cost_usd }: Usage): string | null {
  if (!Number.isFinite(input_tokens + output_tokens + total_tokens)) return "sent a usage without numbers";
  if (cost_usd === undefined || isDecimal(cost_usd)) return null;
  return `sent the cost_usd ${JSON.stringify(cost_usd)}, which must be a decimal string such as "0.047"`;
}
