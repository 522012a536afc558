/**
 * Owns the way from the token counts of a response to ours.
 */
import type { Usage } from "amplifier-core";
import { isJsonObject, type JsonObject } from "../../json/json-object.ts";

/**
 * Translates the counts of one answer. The API counts what it wrote to its cache as input, we beside it; `output_tokens`
 * includes reasoning in both.
 */
export function toUsage(report: JsonObject): Usage {
  const input = count(report, "input_tokens") ?? 0;
  const output = count(report, "output_tokens") ?? 0;
  const read = count(report["input_tokens_details"], "cached_tokens");
  const written = count(report["input_tokens_details"], "cache_write_tokens");
  const reasoning = count(report["output_tokens_details"], "reasoning_tokens");
  return {
    input_tokens: Math.max(0, input - (written ?? 0)),
    output_tokens: output,
    total_tokens: count(report, "total_tokens") ?? input + output,
    ...(reasoning === undefined ? {} : { reasoning_tokens: reasoning }),
    ...(read === undefined ? {} : { cache_read_tokens: read }),
    ...(written === undefined ? {} : { cache_write_tokens: written }),
  };
}

// Some servers send text or nonsense where a number belongs.
function count(report: unknown, field: string): number | undefined {
  const value = isJsonObject(report) ? report[field] : undefined;
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}
