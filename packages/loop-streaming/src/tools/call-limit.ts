/**
 * Owns when and why one running tool is told to end: the turn stops, its time is over, or the person steers and the tool
 * may be left. Each call has a signal of its own, so that tools may listen as they like.
 */
import { onAborted, type Tool } from "amplifier-core";
import type { Turn } from "../turn/turn.ts";

/** What the model is told of a call that a stop has ended. */
export const CANCELLED = "Cancelled: the turn was stopped before this call finished.";
const STEERED = "Cancelled: the person has said something new before this call finished.";

/** The limit of one running call. `dispose` it when the call is over. */
export class CallLimit {
  readonly #controller = new AbortController();
  readonly #forget: (() => void)[];
  readonly #seconds: number;
  #isTimeout = false;
  #message = CANCELLED;

  constructor(turn: Turn, tool: Tool) {
    const { toolTimeoutMs } = turn.config;
    this.#seconds = toolTimeoutMs / 1000;
    this.#forget = [
      onAborted(turn.stop.immediateSignal, () => this.#end(CANCELLED)),
      turn.limits.schedule(() => this.#expire(), toolTimeoutMs),
    ];
    if (tool.cancellable) this.#forget.push(onAborted(turn.steering.nowSignal, () => this.#end(STEERED)));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get isTimeout(): boolean {
    return this.#isTimeout;
  }

  /** What the model is told. */
  get message(): string {
    return this.#message;
  }

  dispose(): void {
    for (const forget of this.#forget) forget();
  }

  #expire(): void {
    this.#isTimeout = !this.signal.aborted;
    this.#end(
      `Error: the tool did not finish within ${this.#seconds} s, the limit "tool_timeout"; ` +
        `what it has done by then stays done.`,
    );
  }

  #end(message: string): void {
    if (this.signal.aborted) return;
    this.#message = message;
    this.#controller.abort();
  }
}
