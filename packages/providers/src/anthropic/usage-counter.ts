/**
 * Owns the token counts of one answer. The API reports them twice, in `message_start` and as totals in
 * `message_delta`, each time perhaps in part; the newest value of each field counts.
 */
import type { Usage } from "amplifier-core";
import type { WireUsage } from "./wire.ts";

type Counts = "input_tokens" | "output_tokens" | "cache_creation_input_tokens" | "cache_read_input_tokens";

const COUNTS: readonly Counts[] = [
  "input_tokens",
  "output_tokens",
  "cache_creation_input_tokens",
  "cache_read_input_tokens",
];

/** Adds up the reports of one answer. */
export class UsageCounter {
  readonly #counts: Partial<Record<Counts, number>> = {};
  #thinking: number | undefined;

  /** Takes over every count that `report` has. */
  add(report: WireUsage): void {
    for (const field of COUNTS) {
      const count = report[field];
      if (typeof count === "number") this.#counts[field] = count;
    }
    const thinking = report.output_tokens_details?.thinking_tokens;
    if (typeof thinking === "number") this.#thinking = thinking;
  }

  /** The counts so far in Amplifier's convention: `input_tokens` with cache reads, without cache writes. */
  usage(): Usage {
    const { input_tokens = 0, output_tokens = 0, cache_creation_input_tokens: written } = this.#counts;
    const read = this.#counts.cache_read_input_tokens;
    const input = input_tokens + (read ?? 0);
    return {
      input_tokens: input,
      output_tokens,
      total_tokens: input + output_tokens,
      ...(this.#thinking === undefined ? {} : { reasoning_tokens: this.#thinking }),
      ...(read === undefined ? {} : { cache_read_tokens: read }),
      ...(written === undefined ? {} : { cache_write_tokens: written }),
    };
  }
}
