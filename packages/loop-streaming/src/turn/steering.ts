/**
 * Owns the steers of a running turn: messages of the person that wait to enter the conversation, in the order they came.
 * Each one accepted ends in exactly one event: it is injected, or it is handed back.
 */
import {
  AmplifierError,
  type ModuleCoordinator,
  type SteerMode,
  type SteerReceipt,
  type SteerTurn,
} from "amplifier-core";

/** A message that waits. */
export interface Steer {
  readonly id: string;
  readonly content: string;
  readonly mode: SteerMode;
}

/** So many may wait at once. */
const ROOM = 100;

/** What the turn is told. */
export interface SteeringOptions {
  /** So many wait for the next model call, and so many for the turn's end. */
  readonly onChange: (waiting: { readonly next: number; readonly after: number }) => void;
  readonly onWithdrawn: (steer: Steer) => void;
}

/** The queue of one turn. */
export class Steering {
  readonly #options: SteeringOptions;
  #queue: Steer[] = [];
  #isOver = false;
  #now = new AbortController();

  constructor(options: SteeringOptions) {
    this.#options = options;
  }

  /** Aborted when a steer wants in now; a new one after the steers were taken. */
  get nowSignal(): AbortSignal {
    return this.#now.signal;
  }

  /** @throws AmplifierError `steer_refused` when the text is blank, the queue is full or the turn is over */
  add(text: string, mode: SteerMode = "next"): SteerReceipt {
    if (this.#isOver) throw notRunning();
    if (typeof text !== "string" || text.trim() === "")
      throw refused("empty", "The steer is empty; give it some text.");
    if (!MODES.has(mode))
      throw refused("mode", `The steer's mode is ${JSON.stringify(mode)}, must be next, now or after.`);
    if (this.#queue.length >= ROOM) {
      throw refused("full", `${ROOM} steers wait already; this one was not taken: "${text.slice(0, 60)}".`);
    }
    const steer: Steer = { id: crypto.randomUUID(), content: text, mode };
    this.#queue.push(steer);
    this.#changed();
    if (mode === "now") this.#now.abort();
    return { id: steer.id, withdraw: () => this.#withdraw(steer) };
  }

  /** Takes those for the next model call, or `all`, oldest first. */
  take(all: boolean): readonly Steer[] {
    const taken = all ? this.#queue : this.#queue.filter(({ mode }) => mode !== "after");
    this.#queue = all ? [] : this.#queue.filter(({ mode }) => mode === "after");
    if (this.#now.signal.aborted) this.#now = new AbortController();
    this.#changed();
    return taken;
  }

  /** Takes what is left; from now on nothing is accepted. */
  close(): readonly Steer[] {
    this.#isOver = true;
    return this.take(true);
  }

  #withdraw(steer: Steer): boolean {
    const index = this.#queue.indexOf(steer);
    if (index === -1) return false;
    this.#queue.splice(index, 1);
    this.#changed();
    this.#options.onWithdrawn(steer);
    return true;
  }

  #changed(): void {
    const after = this.#queue.filter(({ mode }) => mode === "after").length;
    this.#options.onChange({ next: this.#queue.length - after, after });
  }
}

const MODES: ReadonlySet<SteerMode> = new Set<SteerMode>(["next", "now", "after"]);

/** The name steering is offered under. */
const CAPABILITY = "session.steer";

/** Offers the steering of a turn that runs; returns the function that takes it away again. */
export function offerSteering(coordinator: ModuleCoordinator, steering: Steering): () => void {
  const steer: SteerTurn = (text, options) => steering.add(text, options?.mode);
  coordinator.registerCapability(CAPABILITY, steer);
  return () => offerNoSteering(coordinator);
}

/** Offers steering that refuses: no turn runs. */
export function offerNoSteering(coordinator: ModuleCoordinator): void {
  const steer: SteerTurn = () => {
    throw notRunning();
  };
  coordinator.registerCapability(CAPABILITY, steer);
}

function notRunning(): AmplifierError<"steer_refused"> {
  return refused("no_turn", "No turn is running, so there is nothing to steer; send it as the next prompt.");
}

function refused(reason: "no_turn" | "empty" | "mode" | "full", message: string): AmplifierError<"steer_refused"> {
  return new AmplifierError("steer_refused", message, { data: { reason } });
}
