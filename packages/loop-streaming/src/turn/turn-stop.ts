/**
 * Owns the request to stop a turn, wherever it comes from (the session's token, the caller's signal, the stream's
 * `return()`, a time limit), as signals that others listen to. Nothing polls. It only grows: graceful, then immediate.
 */
import type { CancellationToken, Clock } from "amplifier-core";
import type { StopReason } from "./turn-state.ts";

/** How long the handlers of all closing events together may take after an immediate stop. */
const CLOSING_MS = 1000;

/** Where a stop may come from. */
export interface StopSources {
  readonly cancellation: CancellationToken | undefined;
  readonly callerSignal: AbortSignal | undefined;
  /** Aborted by the stream's `return()`. */
  readonly returnSignal: AbortSignal | undefined;
  readonly clock: Clock;
}

/** The stop of one turn. */
export class TurnStop {
  readonly #any = new AbortController();
  readonly #immediate = new AbortController();
  #closing = new AbortController();
  readonly #clock: Clock;
  readonly #onStop: (reason: StopReason) => void;
  readonly #disposers: (() => void)[] = [];
  #reason: StopReason | null = null;

  constructor(sources: StopSources, onStop: (reason: StopReason) => void) {
    this.#clock = sources.clock;
    this.#onStop = onStop;
    const { cancellation, callerSignal, returnSignal } = sources;
    this.#listen(callerSignal, () => this.stop({ kind: "caller", error: callerSignal?.reason as unknown }));
    this.#listen(returnSignal, () => this.stop({ kind: "immediate" }));
    this.#listen(cancellation?.immediateSignal, () => this.stop({ kind: "immediate" }));
    this.#listen(cancellation?.signal, () =>
      this.stop({ kind: cancellation?.state === "immediate" ? "immediate" : "graceful" }),
    );
  }

  get reason(): StopReason | null {
    return this.#reason;
  }

  /** Aborted by any stop: nothing new starts, the model's connection closes, questions are withdrawn. */
  get signal(): AbortSignal {
    return this.#any.signal;
  }

  /** Aborted by all but a graceful stop: running tools have to end. */
  get immediateSignal(): AbortSignal {
    return this.#immediate.signal;
  }

  /**
   * Aborted a second after the stop: handlers that have not answered by then are skipped. While tools still finish after
   * a graceful stop, their events' handlers get a new second.
   */
  get closingSignal(): AbortSignal {
    if (this.#closing.signal.aborted && this.#reason?.kind === "graceful") {
      this.#closing = new AbortController();
      this.#hurry();
    }
    return this.#closing.signal;
  }

  /** Stops the turn. A second request counts only when it is stricter. */
  stop(reason: StopReason): void {
    const escalates = this.#reason === null || (this.#reason.kind === "graceful" && reason.kind !== "graceful");
    if (!escalates) return;
    this.#reason = reason;
    this.#onStop(reason);
    this.#hurry();
    if (reason.kind !== "graceful") this.#immediate.abort();
    this.#any.abort();
  }

  /** Stops listening; must be called when the turn is over. */
  dispose(): void {
    for (const dispose of this.#disposers.splice(0)) dispose();
  }

  #hurry(): void {
    const closing = this.#closing;
    this.#disposers.push(this.#clock.schedule(() => closing.abort(), CLOSING_MS));
  }

  #listen(signal: AbortSignal | undefined, react: () => void): void {
    if (signal === undefined) return;
    if (signal.aborted) {
      react();
      return;
    }
    signal.addEventListener("abort", react, { once: true });
    this.#disposers.push(() => signal.removeEventListener("abort", react));
  }
}
