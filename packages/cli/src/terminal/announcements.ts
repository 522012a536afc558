/**
 * Owns that a question stands below the events it is about: the one who asks waits until the one who prints has reached
 * `approval:required`. The wait is bounded, since a foreign orchestrator may ask without that event.
 */
import type { Clock } from "amplifier-core";

const LIMIT_MS = 200;

/** Counts announced questions; each is used up by one `caughtUp`. */
export class Announcements {
  readonly #clock: Clock;
  #open = 0;
  #wake: (() => void) | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `approval:required` was reached: everything before it is printed. */
  announce(): void {
    this.#open += 1;
    this.#wake?.();
  }

  /** Resolves when a question was announced, or after 200 ms. */
  async caughtUp(): Promise<void> {
    if (this.#open === 0) {
      await new Promise<void>((resolve) => {
        const cancel = this.#clock.schedule(resolve, LIMIT_MS);
        this.#wake = () => {
          cancel();
          resolve();
        };
      });
      this.#wake = null;
    }
    this.#open = Math.max(0, this.#open - 1);
  }
}
