/**
 * Owns why and when one attempt at a model call is cut off by the loop: the turn stops, the person steers, or the model is
 * silent for too long. One signal says it to the provider.
 */
import { LLMError, onAborted } from "amplifier-core";
import type { Turn } from "../turn/turn.ts";
import { SilenceLimit, type SilenceLimitName } from "./silence-limit.ts";

/** What may cut an attempt off. */
export interface CutoffOptions {
  /** The first token may take as long as the turn. */
  readonly isPatient: boolean;
  /** A steer that wants in now may cut it off. */
  readonly isSteerable: boolean;
}

/** The cut-off of one attempt. `dispose` it when the attempt is over. */
export class Cutoff {
  readonly #options: CutoffOptions;
  readonly #turn: Turn;
  readonly #controller = new AbortController();
  readonly #forget: (() => void)[];
  #cause: "stopped" | "steered" | SilenceLimitName | null = null;

  #silence: SilenceLimit | null = null;

  constructor(turn: Turn, options: CutoffOptions) {
    this.#turn = turn;
    this.#options = options;
    this.#forget = [onAborted(turn.stop.signal, () => this.#cut("stopped"))];
    if (options.isSteerable) this.#forget.push(onAborted(turn.steering.nowSignal, () => this.#cut("steered")));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The watch on the model's silence; null before the model was asked. */
  get silence(): SilenceLimit | null {
    return this.#silence;
  }

  /** The model is asked now. */
  listen(): SilenceLimit {
    const { firstTokenTimeoutMs, idleTimeoutMs } = this.#turn.config;
    const limits = { firstTokenMs: this.#options.isPatient ? null : firstTokenTimeoutMs, idleMs: idleTimeoutMs };
    this.#silence = new SilenceLimit(this.#turn.limits, limits, (limit) => this.#cut(limit));
    return this.#silence;
  }

  /** Who cut it off, where it was no limit. */
  get by(): "stopped" | "steered" | null {
    return this.#cause === "stopped" || this.#cause === "steered" ? this.#cause : null;
  }

  /** The limit that was passed. */
  get limit(): SilenceLimitName | null {
    return this.#cause === "first_token_timeout" || this.#cause === "idle_timeout" ? this.#cause : null;
  }

  /** The passed limit as an error of the model. */
  timeoutError(provider: string): LLMError | undefined {
    const { limit } = this;
    if (limit === null) return undefined;
    const { firstTokenTimeoutMs, idleTimeoutMs } = this.#turn.config;
    const seconds = (limit === "idle_timeout" ? idleTimeoutMs : firstTokenTimeoutMs) / 1000;
    const message =
      `The model sent nothing for ${seconds} s, the limit "${limit}"; ` +
      `raise "${limit}" in the config of loop-streaming to allow more.`;
    return new LLMError("LLMTimeoutError", message, { provider });
  }

  dispose(): void {
    this.#silence?.dispose();
    for (const forget of this.#forget) forget();
  }

  #cut(cause: "stopped" | "steered" | SilenceLimitName): void {
    // What the person wants outweighs what the model does not do.
    if (this.#cause === "stopped" || this.signal.aborted) return;
    this.#cause = cause;
    this.#controller.abort();
  }
}
