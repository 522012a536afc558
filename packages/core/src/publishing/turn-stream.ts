/**
 * Owns the iterator a consumer of a turn holds. It is written by hand: a generator would queue `return()` behind a
 * pending `next()`. Nothing runs before the first `next()`; `return()` stops the turn at once and resolves when it has
 * settled; events queued before the turn was over are delivered first, then its error, if it had one.
 */
import type { Event } from "../events/event.ts";
import type { Outbox } from "./outbox.ts";

/** What a stream drives. */
export interface StreamedTurn {
  readonly outbox: Outbox;
  /** Runs the turn; called once, by the first `next()`. */
  readonly run: () => Promise<unknown>;
  /** Asks the running turn to stop at once; `run`'s promise settles soon after. */
  readonly stop: () => void;
}

interface Reader {
  readonly resolve: (result: IteratorResult<Event, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/** The events of one turn, for one consumer. */
export class TurnStream implements AsyncIterableIterator<Event, undefined> {
  readonly #turn: StreamedTurn;
  #running: Promise<void> | undefined;
  #state: "idle" | "running" | "settled" | "done" = "idle";
  #failure: { readonly error: unknown } | undefined;
  #readers: Reader[] = [];

  constructor(turn: StreamedTurn) {
    this.#turn = turn;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Event, undefined>> {
    if (this.#state === "idle") this.#start();
    // Whoever came before has not been served, so nothing is ready for this one either.
    return new Promise((resolve, reject) => {
      this.#readers.push({ resolve, reject });
      if (this.#readers.length === 1) this.#serve();
    });
  }

  /** Ends the turn. Resolves when its closing events are in the log and its context is valid. */
  async return(): Promise<IteratorResult<Event, undefined>> {
    const running = this.#running;
    const wasRunning = this.#state === "running";
    this.#finish();
    this.#serve();
    if (running !== undefined && wasRunning) {
      this.#turn.stop();
      await running;
    }
    return { done: true, value: undefined };
  }

  #start(): void {
    this.#state = "running";
    this.#turn.outbox.onArrival(() => this.#serve());
    // Claimed before it runs: whoever is called from inside the turn finds it running, and may leave it.
    let ended = (): void => undefined;
    this.#running = new Promise((resolve) => {
      ended = resolve;
    });
    this.#turn
      .run()
      .then(
        () => this.#settle(),
        (error: unknown) => this.#settle({ error }),
      )
      .finally(ended);
  }

  #settle(failure?: { readonly error: unknown }): void {
    // After `return()` nobody is left to be told; the log and the hooks have the turn's error.
    if (this.#state === "done") return;
    this.#state = "settled";
    this.#failure = failure;
    this.#serve();
  }

  // Results are given as they are: a promise of one would have to be awaited first, for every event.
  #serve(): void {
    while (this.#readers.length > 0) {
      const event = this.#state === "done" ? undefined : this.#turn.outbox.take();
      if (event === undefined && this.#state === "running") return;
      const reader = this.#readers.shift();
      if (event !== undefined) reader?.resolve({ done: false, value: event });
      else this.#end(reader);
    }
  }

  #end(reader: Reader | undefined): void {
    const failure = this.#failure;
    this.#finish();
    if (failure === undefined) reader?.resolve({ done: true, value: undefined });
    else reader?.reject(failure.error);
  }

  #finish(): void {
    if (this.#state === "done") return;
    this.#state = "done";
    this.#failure = undefined;
    this.#turn.outbox.onArrival(undefined);
    this.#turn.outbox.close();
  }
}
