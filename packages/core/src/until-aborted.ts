/**
 * Owns the race between a promise and a stop: nothing here is awaited longer than its signal allows.
 */

/** What `untilAborted` resolves with when the signal came first. */
export const ABORTED: unique symbol = Symbol("aborted");

/**
 * Resolves or rejects as `work` does, or resolves with `ABORTED` as soon as `signal` is aborted. Late rejections of
 * `work` are taken note of by `late` (default: nobody), never unhandled. Leaves no listener behind.
 */
export function untilAborted<T>(
  work: PromiseLike<T>,
  signal: AbortSignal,
  late?: (error: unknown) => void,
): Promise<T | typeof ABORTED> {
  return new Promise((resolve, reject) => {
    let decided = false;
    const onAbort = (): void => {
      decided = true;
      resolve(ABORTED);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort, { once: true });
    work.then(
      (value) => {
        signal.removeEventListener("abort", onAbort);
        resolve(value);
      },
      (error: unknown) => {
        signal.removeEventListener("abort", onAbort);
        if (decided) late?.(error);
        else reject(error);
      },
    );
  });
}
