/**
 * Owns doing slow work for many items at once while their results stay in order. At most `AHEAD` run at a time; when the
 * consumer stops early, what has begun is waited for, and its result dropped.
 */

/** How many items are worked on at once. */
export const AHEAD = 8;

/**
 * Yields `work(item)` for each item, in order.
 * @throws the first failure, in order.
 */
export async function* readAhead<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  work: (item: T) => Promise<R>,
): AsyncGenerator<Awaited<R>> {
  const running: Promise<R>[] = [];
  try {
    for await (const item of items) {
      const result = work(item);
      // It is awaited below, or settled at the end; until then a failure is not unhandled.
      result.catch(() => {});
      running.push(result);
      const next = running.length >= AHEAD ? running.shift() : undefined;
      if (next !== undefined) yield await next;
    }
    for (let next = running.shift(); next !== undefined; next = running.shift()) yield await next;
  } finally {
    await Promise.allSettled(running);
  }
}
