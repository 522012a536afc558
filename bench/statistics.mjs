/**
 * Owns the few statistics the bench prints. Medians, because other programs run on the machine too.
 */

/** The middle value; the mean of the two middle ones for an even count. */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** `{ median, min, max, runs }` of at least one value. */
export function summarize(runs) {
  return { median: median(runs), min: Math.min(...runs), max: Math.max(...runs), runs };
}
