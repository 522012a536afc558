/**
 * Owns one turn while it runs: its input, its state, its stop and its clocks, and the one way its steps raise events. All
 * state of a turn lives here, so one orchestrator may run many turns at once.
 */
import {
  ABORTED,
  type Clock,
  type ContextInjection,
  type Decision,
  type EmitOptions,
  type EventMap,
  type EventType,
  errorInfo,
  frozenCopy,
  injectionMessage,
  type InterceptableEvent,
  type Message,
  onAborted,
  processDecision,
  type PublishingHooks,
  type TurnInput,
  untilAborted,
} from "amplifier-core";
import type { Answer } from "../answer/answer.ts";
import { DeltaBuffer } from "../answer/delta-buffer.ts";
import type { LoopConfig } from "../config.ts";
import { ORCHESTRATOR } from "../orchestrator-name.ts";
import type { ModelCall } from "../steps/model-call.ts";
import { type EventFact, type Fact, reduce } from "./reduce.ts";
import { offerSteering, type Steer, Steering } from "./steering.ts";
import { TurnClock } from "./turn-clock.ts";
import { NEW_TURN, type TurnState } from "./turn-state.ts";
import { TurnStop } from "./turn-stop.ts";

/** How long a port that ignores a stop is waited for before it is detached. */
const DETACH_MS = 30;

/** What a turn is made of. */
export interface TurnSetup {
  readonly input: TurnInput;
  readonly config: LoopConfig;
  readonly hooks: PublishingHooks;
  readonly clock: Clock;
  /** Aborted by the stream's `return()`. */
  readonly returnSignal?: AbortSignal;
}

/** A running turn. `dispose` it when it is over. */
export class Turn {
  readonly id = crypto.randomUUID();
  readonly input: TurnInput;
  readonly config: LoopConfig;
  readonly hooks: PublishingHooks;
  readonly clock: Clock;
  readonly stop: TurnStop;
  /** What its limits are measured in. */
  readonly limits: TurnClock;
  readonly steering: Steering;
  readonly deltas: DeltaBuffer;
  /** Text for the next request only. */
  readonly ephemeral: ContextInjection[] = [];
  /** Text of hooks for the conversation, until it may enter there: never between a call and its result. */
  readonly persistent: ContextInjection[] = [];
  /** What the model has said in the current iteration; null before the first. */
  answer: Answer | null = null;
  /** The current call of the model, kept while it may be made again. */
  call: ModelCall | null = null;
  /** When the last attempt at a model call ended; null before the first. */
  lastCallEndMs: number | null = null;
  #state: TurnState = NEW_TURN;
  #questions: Promise<unknown> = Promise.resolve();
  /** The context hung when the turn was stopped and is not waited for any more. */
  #contextLeft = false;
  readonly #deadlineMs: number;
  readonly #offerNoSteering: (() => void) | undefined;

  constructor(setup: TurnSetup) {
    this.input = setup.input;
    this.config = setup.config;
    this.hooks = setup.hooks;
    this.clock = setup.clock;
    const sources = {
      cancellation: setup.input.coordinator?.cancellation,
      callerSignal: setup.input.signal,
      returnSignal: setup.returnSignal,
      clock: setup.clock,
    };
    this.stop = new TurnStop(sources, (stop) => this.note({ type: "fact:stopped", stop }));
    const { timeoutMs, streamDelayMs } = setup.config;
    this.limits = new TurnClock(setup.clock);
    this.#deadlineMs = this.limits.now() + timeoutMs;
    this.limits.schedule(() => {
      const hooks = this.hooks.waiting();
      this.stop.stop({ kind: "timeout", limit: "timeout", seconds: timeoutMs / 1000, hooks });
    }, timeoutMs);
    this.steering = new Steering({
      onChange: (waiting) => this.note({ type: "fact:steers", ...waiting }),
      onWithdrawn: (steer) => this.#returned(steer),
    });
    const { coordinator } = setup.input;
    this.#offerNoSteering = coordinator === undefined ? undefined : offerSteering(coordinator, this.steering);
    this.deltas = new DeltaBuffer({
      hooks: setup.hooks,
      clock: setup.clock,
      bufferSize: setup.config.bufferSize,
      flushIntervalMs: setup.config.flushIntervalMs,
      signal: this.stop.closingSignal,
      turnId: this.id,
      waitForRoom: (room) => this.#waitForRoom(room),
      delay: streamDelayMs === 0 ? undefined : () => this.wait(streamDelayMs, this.stop.signal).then(() => undefined),
    });
  }

  get state(): TurnState {
    return this.#state;
  }

  get stopped(): boolean {
    return this.stop.reason !== null;
  }

  /** The model is asked to think first. */
  get isReasoning(): boolean {
    const { reasoningEffort } = this.config;
    return reasoningEffort !== null && reasoningEffort !== "none";
  }

  /** Milliseconds until `timeout`. */
  get leftMs(): number {
    return this.#deadlineMs - this.limits.now();
  }

  /** Reduces a fact that is no event. */
  note(fact: Fact): void {
    this.#state = reduce(this.#state, fact);
  }

  /** Whether hooks denied what was asked of them, which is noted. A denial nobody gave, because the turn stopped, is none. */
  noteDenial(decision: Decision): boolean {
    if (decision.action !== "deny" || decision.withdrawn) return false;
    this.note({ type: "fact:denied", reason: decision.reason ?? "No reason given" });
    return true;
  }

  /** Raises an event after everything held was shown; what is stored of it is a fact. */
  async emit<K extends EventType>(type: K, data: EventMap[K], options: EmitOptions<K> = {}): Promise<void> {
    const shown = this.deltas.flush();
    // Not awaited when nothing is on its way: between a check for a stop and its event there is no gap then.
    if (shown !== undefined) await shown;
    let stored = data;
    const settle = async (decision: Decision<K>): Promise<EventMap[K]> => {
      stored = options.settle ? await options.settle(decision) : decision.data;
      return stored;
    };
    const mustSettle = options.settle !== undefined || this.hooks.has(type);
    const signal = options.signal ?? this.stop.closingSignal;
    await this.hooks.emit(type, data, { signal, turnId: this.id, ...options, ...(mustSettle ? { settle } : {}) });
    this.note({ type, data: stored } as unknown as EventFact);
  }

  /**
   * Raises an event whose handlers have a say, carries their decision out, and stores what `stored` makes of it. After a
   * stop its handlers are not waited for: nothing new starts anyway.
   */
  async ask<K extends InterceptableEvent>(
    type: K,
    data: EventMap[K],
    options: {
      readonly stored: (decision: Decision<K>) => EventMap[K] | Promise<EventMap[K]>;
      readonly signal?: AbortSignal;
      /** Resolves when it is this event's turn to ask the person. */
      readonly mayAsk?: () => Promise<unknown>;
    },
  ): Promise<void> {
    await this.emit(type, data, {
      signal: options.signal ?? this.stop.signal,
      settle: async (decision) => {
        if (decision.action === "ask_user") await options.mayAsk?.();
        const processed = await this.#carryOut(decision, type);
        for (const injection of processed.injections) {
          (injection.ephemeral ? this.ephemeral : this.persistent).push(injection);
        }
        return options.stored(processed);
      },
    });
  }

  /**
   * Adds a message to the conversation, and to the log. After a stop a context that hangs is left, once for the turn: what
   * it is still given it may store when it comes back, and the log has the conversation whole.
   */
  async addMessage(message: Message): Promise<void> {
    await this.deltas.flush();
    const stored = frozenCopy(message);
    // A context written in plain JavaScript may answer at once.
    const adding = (async () => this.input.context.addMessage(stored))();
    if (this.#contextLeft)
      adding.catch((error: unknown) => this.#warn(`The context failed late: ${errorInfo(error).msg}`));
    else this.#contextLeft = (await this.bounded(adding, this.stop.signal)) === ABORTED;
    await this.emit("context:message", { message: stored });
  }

  /** Puts the text that hooks gave for the conversation into it. */
  async addInjections(): Promise<void> {
    for (const injection of this.persistent.splice(0)) await this.addMessage(injectionMessage(injection, this.clock));
  }

  /** What `work` resolves with, or `ABORTED` when `signal` was aborted and it still took longer than its bound. */
  async bounded<T>(work: Promise<T>, signal: AbortSignal): Promise<T | typeof ABORTED> {
    const first = await untilAborted(work, signal);
    if (first !== ABORTED) return first;
    const limit = new AbortController();
    const clear = this.clock.schedule(() => limit.abort(), DETACH_MS);
    try {
      return await untilAborted(work, limit.signal);
    } finally {
      clear();
    }
  }

  /** Waits `ms` of real time; false when `signal` was aborted first. */
  wait(ms: number, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const clear = this.clock.schedule(() => {
        forget();
        resolve(true);
      }, ms);
      const forget = onAborted(signal, () => {
        clear();
        resolve(false);
      });
    });
  }

  /** Waits `ms` of real time; false when the turn was stopped first, or a steer wanted in where it may. */
  async waitUnlessCut(ms: number, isSteerable: boolean): Promise<boolean> {
    const cut = new AbortController();
    const abort = (): void => cut.abort();
    const forget = [onAborted(this.stop.signal, abort)];
    if (isSteerable) forget.push(onAborted(this.steering.nowSignal, abort));
    const isOver = await this.wait(ms, cut.signal);
    for (const each of forget) each();
    return isOver;
  }

  dispose(): void {
    this.#offerNoSteering?.();
    this.limits.dispose();
    this.deltas.dispose();
    this.stop.dispose();
  }

  // One question at a time: a person cannot answer two.
  #carryOut<K extends EventType>(decision: Decision<K>, event: K): Promise<Decision<K>> {
    const { coordinator, context } = this.input;
    const { hooks, clock, stop } = this;
    const rest = { signal: stop.signal, holdInjections: true, turnId: this.id };
    const nobody = { approvalSystem: null, displaySystem: null, account: null };
    const carryOut = (): Promise<Decision<K>> =>
      coordinator === undefined
        ? processDecision(decision, { hooks, context, clock, event, ...nobody, ...rest })
        : coordinator.processDecision(decision, event, rest);
    if (decision.action !== "ask_user") return carryOut();
    const answered = this.#questions.then(async () => {
      this.limits.pause();
      await this.deltas.flush();
      return carryOut().finally(() => this.limits.resume());
    });
    this.#questions = answered.catch(() => undefined);
    return answered;
  }

  // Whoever withdraws a steer does not wait for its event.
  #returned({ id, content, mode }: Steer): void {
    const data = { orchestrator: ORCHESTRATOR, id, content, mode, reason: "withdrawn" as const };
    const emitted = this.hooks.emit("orchestrator:steering_returned", data, { turnId: this.id });
    if (emitted instanceof Promise) emitted.catch((error: unknown) => this.#warn(errorInfo(error).msg));
  }

  #warn(message: string): void {
    this.input.coordinator?.displaySystem.showMessage(message, "warning", ORCHESTRATOR);
  }

  async #waitForRoom(room: Promise<void>): Promise<void> {
    this.limits.pause();
    await untilAborted(room, this.stop.signal);
    this.limits.resume();
  }
}
