/**
 * Owns the token counts of model calls and their sum. Counts are tokens; `cost_usd` is a decimal string in US dollars.
 */

/** Tokens of one call, or of several added up. `input_tokens` includes cache reads and not cache writes. */
export interface Usage {
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly total_tokens: number;
  readonly reasoning_tokens?: number;
  readonly cache_read_tokens?: number;
  readonly cache_write_tokens?: number;
  readonly cost_usd?: string;
  /** Some of these tokens were estimated, because the provider sent no count. */
  readonly estimated?: true;
}

/** No tokens at all. */
export const NO_USAGE: Usage = { input_tokens: 0, output_tokens: 0, total_tokens: 0 };

/** Adds two counts field by field; optional fields appear when either side has them. `cost_usd` is not added. */
export function addUsage(left: Usage, right: Usage): Usage {
  return {
    input_tokens: left.input_tokens + right.input_tokens,
    output_tokens: left.output_tokens + right.output_tokens,
    total_tokens: left.total_tokens + right.total_tokens,
    ...sumOf("reasoning_tokens", left, right),
    ...sumOf("cache_read_tokens", left, right),
    ...sumOf("cache_write_tokens", left, right),
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
