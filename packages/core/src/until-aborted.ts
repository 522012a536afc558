/**
 * Owns the race between a promise and a stop: nothing here is awaited longer than its signal allows.
 */

/** What `untilAborted` resolves with when the signal came first. */
export const ABORTED: unique symbol = Symbol("aborted");

/** Who waits for a signal, and the one listener that tells them. */
interface Waiting {
  readonly runs: Set<() => void>;
  readonly listener: () => void;
}

const waitingFor = new WeakMap<AbortSignal, Waiting>();

/**
 * Calls `run` once when `signal` is aborted (now, if it is); returns the function that prevents it. However many wait for
 * a signal it has one listener: platforms warn of a leak at eleven, and that many tools may run at once.
 */
export function onAborted(signal: AbortSignal, run: () => void): () => void {
  if (signal.aborted) {
    run();
    return () => undefined;
  }
  const waiting = waitingFor.get(signal) ?? listenTo(signal);
  const own = (): void => run();
  waiting.runs.add(own);
  return () => {
    if (!waiting.runs.delete(own) || waiting.runs.size > 0 || signal.aborted) return;
    signal.removeEventListener("abort", waiting.listener);
    waitingFor.delete(signal);
  };
}

function listenTo(signal: AbortSignal): Waiting {
  const runs = new Set<() => void>();
  const listener = (): void => {
    for (const run of runs) run();
    runs.clear();
  };
  const waiting = { runs, listener };
  waitingFor.set(signal, waiting);
  signal.addEventListener("abort", listener, { once: true });
  return waiting;
}

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
    const forget = onAborted(signal, () => {
      decided = true;
      resolve(ABORTED);
    });
    work.then(
      (value) => {
        forget();
        resolve(value);
      },
      (error: unknown) => {
        forget();
        if (decided) late?.(error);
        else reject(error);
      },
    );
  });
}
