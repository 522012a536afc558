/**
 * Owns one conversation with its mounted modules: turns one at a time, as a stream or as text, and the events that stand
 * outside turns. What a turn does is the orchestrator's.
 */
// Kept in the published types: whoever checks them need not know which library has `Symbol.asyncDispose`.
/// <reference lib="esnext.disposable" preserve="true" />
import type { CancelMode } from "../cancellation/cancellation-token.ts";
import type { SessionCoordinator } from "../coordinator/session-coordinator.ts";
import { AmplifierError } from "../errors/amplifier-error.ts";
import type { SteerMode } from "../events/event-map.ts";
import type { Event } from "../events/event.ts";
import { frozenCopy } from "../events/frozen-copy.ts";
import type { CallOptions } from "../messages/chat.ts";
import { isEmptyPrompt, type Prompt } from "../messages/content-block.ts";
import type { Message } from "../messages/message.ts";
import type { ContextManager } from "../ports/context-manager.ts";
import type { Orchestrator, SteerReceipt, SteerTurn } from "../ports/orchestrator.ts";
import { ABORTED, untilAborted } from "../until-aborted.ts";
import { Outbox } from "../publishing/outbox.ts";
import { TurnStream } from "../publishing/turn-stream.ts";
import type { OpenPayload } from "../events/reserved-events.ts";
import { type StopLimit, stopLimit, timeLimit } from "../stop-limit.ts";
import { raiseWithin } from "./raise-within.ts";
import { CLEANUP_MS, CLOSING_MS, MOUNT_MS } from "./time-limits.ts";
import { foldTurn, type TurnSummary } from "./turn-summary.ts";

/** What a session is made of beside its coordinator. */
export interface SessionSetup {
  readonly system: string | undefined;
  /** Its first turn raises `session:resume` instead of `session:start`. */
  readonly resumed: boolean;
  /** The plan as it may be shown, told before each turn; undefined: it is not. */
  readonly raw: OpenPayload | undefined;
}

/** What one turn may be given beside its prompt. Aborting `signal` stops it at once; the call then rejects. */
export interface TurnOptions extends CallOptions {
  readonly signal?: AbortSignal;
}

interface RunningTurn {
  readonly outbox: Outbox;
  readonly options: TurnOptions;
  /** What the orchestrator resolved with; null until then. */
  text: string | null;
}

/** A conversation. Made by `createSession`; `close` it when done. */
export class Session {
  readonly id: string;
  readonly coordinator: SessionCoordinator;
  readonly #system: string | undefined;
  readonly #resumed: boolean;
  readonly #raw: OpenPayload | undefined;
  readonly #detach: () => void;
  /** Takes what is raised between turns; the next stream delivers it first. */
  readonly #between = new Outbox();
  #outbox: Outbox | null = null;
  #lastTurn: TurnSummary | null = null;
  #running: Promise<void> | null = null;
  #started = false;
  #closing: Promise<void> | null = null;

  constructor(coordinator: SessionCoordinator, { system, resumed, raw }: SessionSetup) {
    this.id = coordinator.sessionId;
    this.coordinator = coordinator;
    this.#system = system;
    this.#resumed = resumed;
    this.#raw = raw;
    this.#detach = coordinator.hooks.attach({
      push: (event) => {
        if (event.type === "execution:end") this.#lastTurn = foldTurn(event);
        (this.#outbox ?? this.#between).push(event);
      },
      room: () => this.#outbox?.room(),
    });
  }

  /** How the last turn ended; null before the first and while one runs. */
  get lastTurn(): TurnSummary | null {
    return this.#lastTurn;
  }

  /**
   * Runs one turn and yields its events, after those raised since the last one; `prompt:complete` is the last. Nothing
   * runs before the first `next()`. Leaving the loop (`break`, `return()`) stops the turn at once.
   * Throws the turn's own error after its closing events, and AmplifierError `turn_running`, `session_closed`,
   * `prompt_empty`.
   */
  stream(prompt: Prompt, options: TurnOptions = {}): AsyncIterableIterator<Event, undefined> {
    return this.#stream(prompt, { outbox: new Outbox(), options, text: null });
  }

  /** Runs one turn to its end and resolves with the last iteration's text. Rejects as `stream` throws. */
  async execute(prompt: Prompt, options: TurnOptions = {}): Promise<string> {
    const turn: RunningTurn = { outbox: new Outbox(), options, text: null };
    const events = this.#stream(prompt, turn);
    for (let next = await events.next(); !next.done; next = await events.next());
    return turn.text ?? "";
  }

  /** The conversation so far, oldest first, without the system prompt. */
  async messages(): Promise<readonly Message[]> {
    return this.#context().getMessages();
  }

  /** Asks the running turn to stop and returns at once; without one nothing happens. */
  cancel(mode: CancelMode = "immediate"): void {
    if (this.#running === null) return;
    if (mode === "graceful") this.coordinator.cancellation.requestGraceful();
    else this.coordinator.cancellation.requestImmediate();
  }

  /**
   * Gives the running turn a message of the person: before its next model call, `now`, or when it would end (`after`).
   * @throws AmplifierError `steer_refused` when no turn runs, the orchestrator takes none, the text is blank, or 100 wait
   */
  steer(text: string, options: { readonly mode?: SteerMode } = {}): SteerReceipt {
    if (this.#running === null) {
      const message = "No turn is running, so there is nothing to steer; send it as the next prompt.";
      throw new AmplifierError("steer_refused", message, { data: { reason: "no_turn" } });
    }
    const steer = this.coordinator.getCapability("session.steer") as SteerTurn | null;
    if (typeof steer === "function") return steer(text, options);
    const message = "The orchestrator of this session takes no steers; cancel the turn, or wait for its end.";
    throw new AmplifierError("steer_refused", message, { data: { reason: "unsupported" } });
  }

  /**
   * Stops a running turn, raises `session:end`, and lets every module clean up. Nothing is waited for without a bound; what
   * did not end in time is named. Called twice it is one close.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** `await using session = ...` closes the session. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    const { hooks, clock, displaySystem } = this.coordinator;
    this.cancel("immediate");
    await this.#running;
    const status = this.#lastTurn?.status ?? "success";
    await raiseWithin(this.coordinator, CLOSING_MS, {
      type: "session:end",
      data: { session_id: this.id, status },
    });
    await this.coordinator.cleanup(CLEANUP_MS);
    const storing = timeLimit(clock, CLEANUP_MS);
    try {
      const stored = await untilAborted(hooks.commit(), storing.signal);
      if (stored === ABORTED)
        displaySystem.showMessage("The event log did not store its last events.", "error", "session");
    } finally {
      storing.clear();
      this.#detach();
      hooks.close();
    }
  }

  #stream(prompt: Prompt, turn: RunningTurn): AsyncIterableIterator<Event, undefined> {
    return new TurnStream({
      outbox: turn.outbox,
      run: () => this.#run(prompt, turn),
      stop: () => this.cancel("immediate"),
    });
  }

  async #run(prompt: Prompt, turn: RunningTurn): Promise<void> {
    this.#mayRun(prompt);
    // Claimed before anything runs: a handler of the very first event may ask for a second turn, or close the session.
    let settled = (): void => undefined;
    this.#running = new Promise((resolve) => {
      settled = resolve;
    });
    try {
      await this.#turn(frozenCopy(prompt), turn);
    } finally {
      this.#running = null;
      settled();
    }
  }

  async #turn(prompt: Prompt, turn: RunningTurn): Promise<void> {
    const { hooks, cancellation } = this.coordinator;
    for (let event = this.#between.take(); event; event = this.#between.take()) turn.outbox.push(event);
    this.#outbox = turn.outbox;
    this.#lastTurn = null;
    cancellation.reset();
    this.coordinator.resetTurn();
    try {
      await this.#start(turn);
      turn.text = checkAnswer(await this.#execute(prompt, turn.options));
    } finally {
      // An orchestrator that is not ours may tell less than its contract asks of it.
      const { lastTurn } = this;
      const response = turn.text ?? lastTurn?.text ?? "";
      const status = lastTurn?.status ?? (turn.text === null ? "error" : "success");
      const limit = this.#limit(turn, CLOSING_MS);
      await hooks.emit("prompt:complete", { response, status }, { signal: limit.signal });
      limit.clear();
      this.#outbox = null;
    }
  }

  #execute(prompt: Prompt, { signal, ...options }: TurnOptions): Promise<string> {
    const { coordinator } = this;
    return (coordinator.get("orchestrator") as Orchestrator).execute({
      prompt,
      context: this.#context(),
      providers: coordinator.get("providers"),
      tools: coordinator.get("tools"),
      hooks: coordinator.hooks,
      coordinator,
      options,
      ...(signal === undefined ? {} : { signal }),
      ...(this.#system === undefined ? {} : { system: this.#system }),
    });
  }

  async #start(turn: RunningTurn): Promise<void> {
    const { hooks, parentId } = this.coordinator;
    const limit = this.#limit(turn, 0);
    const { signal } = limit;
    if (!this.#started) {
      this.#started = true;
      const data = { session_id: this.id, parent_id: parentId };
      await hooks.emit(this.#resumed ? "session:resume" : "session:start", data, { signal });
    }
    if (this.#raw !== undefined) {
      await hooks.emit("session:config", { session_id: this.id, raw: this.#raw }, { signal });
    }
    limit.clear();
  }

  // Whoever stopped the turn is waiting: handlers are given so much longer and then skipped.
  #limit({ options }: RunningTurn, afterMs: number): StopLimit {
    const { cancellation, clock } = this.coordinator;
    return stopLimit([cancellation.signal, options.signal], { clock, afterMs, maxMs: MOUNT_MS });
  }

  #context(): ContextManager {
    return this.coordinator.get("context") as ContextManager;
  }

  #mayRun(prompt: Prompt): void {
    const data = { session_id: this.id };
    if (this.#closing !== null)
      throw new AmplifierError("session_closed", "The session is closed; create a new one.", { data });
    if (this.#running !== null) {
      const message = "A turn is running in this session; wait for its end, cancel it, or use a second session.";
      throw new AmplifierError("turn_running", message, { data });
    }
    if (isEmptyPrompt(prompt)) {
      throw new AmplifierError("prompt_empty", "The prompt is empty; give some text or an image.", { data });
    }
  }
}

function checkAnswer(answer: unknown): string {
  if (typeof answer === "string") return answer;
  const reason = `resolved with ${JSON.stringify(answer)?.slice(0, 60) ?? typeof answer}`;
  const message = `The orchestrator's execute ${reason}; it must resolve with the turn's text.`;
  throw new AmplifierError("module_invalid", message, { data: { module: "orchestrator", reason } });
}
