/**
 * Owns how long a model may be silent: until its first delta, after a thinking block, and between two deltas. Only content
 * breaks the silence. The time in which the loop itself is busy with what came is not the model's.
 */
import type { Clock } from "amplifier-core";

/** The limits, in milliseconds of the turn's clock; null is no limit but the turn's own. */
export interface SilenceLimits {
  readonly firstTokenMs: number | null;
  readonly idleMs: number;
}

/** Which limit was passed. */
export type SilenceLimitName = "first_token_timeout" | "idle_timeout";

/** Watches one attempt. `dispose` it when the attempt is over. */
export class SilenceLimit {
  readonly #clock: Clock;
  readonly #limits: SilenceLimits;
  readonly #onPassed: (limit: SilenceLimitName) => void;
  #name: SilenceLimitName = "first_token_timeout";
  readonly #startedMs: number;
  #sinceMs: number;
  #firstHeardMs: number | null = null;
  #isReading = false;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, limits: SilenceLimits, onPassed: (limit: SilenceLimitName) => void) {
    this.#clock = clock;
    this.#limits = limits;
    this.#onPassed = onPassed;
    this.#startedMs = clock.now();
    this.#sinceMs = this.#startedMs;
    this.#arm();
  }

  /** From the beginning until now. Milliseconds. */
  get elapsedMs(): number {
    return this.#clock.now() - this.#startedMs;
  }

  /** From the beginning to the first content; null when none came. Milliseconds. */
  get firstHeardMs(): number | null {
    return this.#firstHeardMs;
  }

  /** What came is being read: until `heard` or `resume` nobody waits for the model. */
  pause(): void {
    this.#isReading = true;
  }

  /** What came was no content. */
  resume(): void {
    this.#isReading = false;
  }

  /** Content came and was read. What follows a thinking block may take as long as a first token. */
  heard(isAfterThinking: boolean): void {
    this.#isReading = false;
    this.#sinceMs = this.#clock.now();
    this.#firstHeardMs ??= this.elapsedMs;
    const name = isAfterThinking ? "first_token_timeout" : "idle_timeout";
    if (name === this.#name) return;
    this.#name = name;
    this.dispose();
    this.#arm();
  }

  dispose(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  get #limitMs(): number | null {
    return this.#name === "idle_timeout" ? this.#limits.idleMs : this.#limits.firstTokenMs;
  }

  // One timer serves many deltas: when it fires it looks how long the silence really is.
  #arm(): void {
    const limitMs = this.#limitMs;
    if (limitMs === null) return;
    const now = this.#clock.now();
    const leftMs = this.#isReading ? limitMs : this.#sinceMs + limitMs - now;
    if (leftMs <= 0) this.#onPassed(this.#name);
    else this.#cancel = this.#clock.schedule(() => this.#arm(), leftMs);
  }
}
