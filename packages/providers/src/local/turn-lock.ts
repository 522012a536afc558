/**
 * Owns who may use the one model next: first come, first served. A waiter that gives up leaves the queue at once.
 */

/** A lock with a queue. */
export class TurnLock {
  #held = false;
  readonly #waiting: (() => void)[] = [];

  /** Resolves with the function that gives the lock back (idempotent). Rejects with the signal's reason. */
  async acquire(signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    if (this.#held) await this.#wait(signal);
    this.#held = true;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.#pass();
    };
  }

  // Stays held while it is passed on: nobody who comes in between may overtake.
  #pass(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#held = false;
    else next();
  }

  #wait(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(grant), 1);
        reject(signal?.reason as Error);
      };
      const grant = (): void => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#waiting.push(grant);
    });
  }
}
