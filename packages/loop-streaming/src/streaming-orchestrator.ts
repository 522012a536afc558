/**
 * Owns the orchestrator's face: a turn as text (`execute`) or as a stream of its events, both the same `runTurn`. It keeps
 * no state of a turn.
 */
import {
  type Clock,
  type Event,
  type Orchestrator,
  Outbox,
  publishingHooks,
  systemClock,
  type TurnInput,
  TurnStream,
} from "amplifier-core";
import type { LoopConfig } from "./config.ts";
import { runTurn } from "./run-turn.ts";
import { Turn } from "./turn/turn.ts";

/** The streaming loop. One instance may run any number of sessions at once. */
export class StreamingOrchestrator implements Orchestrator {
  readonly #config: LoopConfig;

  constructor(config: LoopConfig) {
    this.#config = config;
  }

  /** Resolves with the last iteration's text; rejects with the turn's first error after the closing events. */
  async execute(input: TurnInput): Promise<string> {
    return runTurn(this.#turn(input));
  }

  /**
   * Yields the turn's events in order of `seq`, then throws its error if it had one. On a registry that does not publish
   * (a foreign one) these are the events the loop itself raises.
   */
  stream(input: TurnInput): AsyncIterableIterator<Event, undefined> {
    const outbox = new Outbox();
    const returned = new AbortController();
    return new TurnStream({
      outbox,
      run: async () => {
        const turn = this.#turn(input, returned.signal);
        const detach = turn.hooks.attach(outbox);
        await runTurn(turn).finally(detach);
      },
      stop: () => returned.abort(),
    });
  }

  #turn(input: TurnInput, returnSignal?: AbortSignal): Turn {
    const clock: Clock = input.coordinator?.clock ?? systemClock;
    const sessionId = input.coordinator?.sessionId ?? crypto.randomUUID();
    const hooks = publishingHooks(input.hooks, { sessionId, clock });
    const setup = { input, config: this.#config, hooks, clock };
    return new Turn(returnSignal === undefined ? setup : { ...setup, returnSignal });
  }
}
