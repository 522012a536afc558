/**
 * Owns the one way a test lets code that awaits go on: no time passes, nothing sleeps.
 */

/** Resolves when every promise callback that can run without new input has run, however long the chain. */
export function drainMicrotasks(): Promise<void> {
  // A macrotask starts only once the queue of microtasks is empty; counting `await`s would depend on the chain's length.
  return new Promise((resolve) => setImmediate(resolve));
}
