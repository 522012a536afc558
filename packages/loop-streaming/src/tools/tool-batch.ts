/**
 * Owns the calls of one answer: when each may run (at most `maxParallelTools` at once, an `exclusive` one alone and in its
 * place) and when all have settled. What happens inside a call is `runCall`'s. Calls may be added while others run.
 */
import { ABORTED, type ToolCallBlock, untilAborted } from "amplifier-core";
import type { Turn } from "../turn/turn.ts";
import { runCall } from "./run-call.ts";

/** A call and how far it is. */
export interface Call {
  readonly id: string;
  readonly name: string;
  readonly block: ToolCallBlock;
  readonly exclusive: boolean;
  /** Resolves when it is clear whether it will run. */
  readonly decided: Promise<void>;
  readonly markDecided: () => void;
  phase: "preparing" | "ready" | "running" | "settled";
  start: (() => void) | undefined;
}

/** The calls of one answer, in order. */
export class ToolBatch {
  readonly #groupId = crypto.randomUUID();
  readonly #turn: Turn;
  readonly #calls: Call[] = [];
  readonly #running: Promise<void>[] = [];

  constructor(turn: Turn) {
    this.#turn = turn;
  }

  get calls(): readonly Call[] {
    return this.#calls;
  }

  /** Adds a complete call and starts it as soon as its turn comes. */
  add(block: ToolCallBlock): void {
    const call = this.#create(block);
    const earlier = this.#calls.slice(0, -1).map((other) => other.decided);
    const settled = runCall(this.#turn, {
      call,
      event: { tool_name: call.name, tool_call_id: call.id, parallel_group_id: this.#groupId },
      earlierDecided: () => Promise.all(earlier),
      mayStart: () => this.#slot(call),
    });
    this.#running.push(settled.finally(() => this.#settle(call)));
  }

  /** Adds a call that is answered with `content` and never runs. */
  addNotRun(block: ToolCallBlock, content: string): void {
    const call = this.#create(block);
    this.#turn.note({ type: "fact:call_not_run", callId: call.id, content });
    this.#settle(call);
  }

  /** Resolves with true when every call has settled, with false when `signal` was aborted first. */
  async settled(signal: AbortSignal | undefined): Promise<boolean> {
    const all = Promise.all(this.#running);
    if (signal === undefined) {
      await all;
      return true;
    }
    return (await untilAborted(all, signal)) !== ABORTED;
  }

  #create(block: ToolCallBlock): Call {
    let markDecided = (): void => undefined;
    const decided = new Promise<void>((resolve) => {
      markDecided = resolve;
    });
    const exclusive = this.#turn.input.tools.get(block.name)?.exclusive ?? false;
    const { id, name } = block;
    const call: Call = { id, name, block, exclusive, decided, markDecided, phase: "preparing", start: undefined };
    this.#calls.push(call);
    return call;
  }

  /** Resolves when the call may run. */
  #slot(call: Call): Promise<void> {
    call.phase = "ready";
    return new Promise((resolve) => {
      call.start = resolve;
      this.#admit();
    });
  }

  #settle(call: Call): void {
    call.phase = "settled";
    call.markDecided();
    this.#admit();
  }

  #admit(): void {
    for (const [index, call] of this.#calls.entries()) {
      if (call.phase === "ready" && this.#mayRun(call, index)) {
        call.phase = "running";
        call.start?.();
      }
    }
  }

  #mayRun(call: Call, index: number): boolean {
    const earlier = this.#calls.slice(0, index).filter((other) => other.phase !== "settled");
    if (call.exclusive) return earlier.length === 0;
    if (earlier.some((other) => other.exclusive)) return false;
    return this.#calls.filter((other) => other.phase === "running").length < this.#turn.config.maxParallelTools;
  }
}
