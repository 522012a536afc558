/**
 * Owns a point in a scenario at which a test holds everything up: a script or a fake waits there until the test opens it.
 */

/** Holds whoever passes until it is opened; open, it lets everybody through. */
export class Gate {
  /** Resolves when somebody has come to the gate for the first time. */
  readonly reached: Promise<void>;
  readonly #opened: Promise<void>;
  #arrive: () => void = () => undefined;
  #open: () => void = () => undefined;

  constructor() {
    this.reached = new Promise((resolve) => {
      this.#arrive = resolve;
    });
    this.#opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open();
  }

  /** Resolves when the gate is open. With `signal`, rejects with its reason as soon as it is aborted. */
  async pass(signal?: AbortSignal): Promise<void> {
    this.#arrive();
    if (signal === undefined) return this.#opened;
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason as Error);
      signal.addEventListener("abort", onAbort, { once: true });
      void this.#opened.then(() => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      });
    });
  }
}

/** A closed gate. */
export function gate(): Gate {
  return new Gate();
}
