/**
 * Owns how long a server asks to wait. Source: RFC 9110 section 10.2.3 (seconds or a date), and `retry-after-ms` of OpenAI.
 */
import type { IncomingHttpHeaders } from "node:http";

/** Seconds to wait, never negative; undefined when the headers do not say. `now` is milliseconds since the epoch. */
export function retryAfterSeconds(headers: IncomingHttpHeaders, now: number): number | undefined {
  const milliseconds = Number.parseFloat(String(headers["retry-after-ms"] ?? ""));
  if (Number.isFinite(milliseconds)) return Math.max(0, milliseconds / 1000);
  const value = headers["retry-after"]?.trim();
  if (value === undefined || value === "") return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, (date - now) / 1000);
}
