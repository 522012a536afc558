/**
 * Owns the calls of one answer: when each may run (at most `maxParallelTools` at once, an `exclusive` one alone and in its
 * place) and when all have settled. What happens inside a call is `runCall`'s. Calls may be added while others run.
 */
import { ABORTED, type ToolCallBlock, untilAborted } from "amplifier-core";
import type { Turn } from "../turn/turn.ts";
import { announcedCall, type Call } from "./call.ts";
import { runCall } from "./run-call.ts";

/** The calls of one answer, in order. */
export class ToolBatch {
  readonly #groupId = crypto.randomUUID();
  readonly #turn: Turn;
  readonly #calls: Call[] = [];
  readonly #running: Promise<void>[] = [];

  constructor(turn: Turn) {
    this.#turn = turn;
  }

  /** A call begins. From here on its place is known: an exclusive one holds back what begins behind it. */
  announce(head: { readonly id: string; readonly name: string }): void {
    this.#calls.push(announcedCall(head, this.#turn.input.tools.get(head.name)?.exclusive ?? false));
  }

  /** An announced call is complete; it starts as soon as its turn comes. */
  add(block: ToolCallBlock): void {
    const call = this.#announced(block);
    call.phase = "preparing";
    const earlier = this.#calls.slice(0, this.#calls.indexOf(call)).map((other) => other.decided);
    const settled = runCall(this.#turn, {
      call,
      block,
      event: { tool_name: call.name, tool_call_id: call.id, parallel_group_id: this.#groupId },
      earlierDecided: () => Promise.all(earlier),
      mayStart: () => this.#slot(call),
    });
    this.#running.push(settled.finally(() => this.#settle(call)));
  }

  /** An announced call is answered with `content` and never runs. */
  addNotRun(block: ToolCallBlock, content: string): void {
    this.#turn.note({ type: "fact:call_not_run", callId: block.id, content });
    this.#settle(this.#announced(block));
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

  #announced({ id }: ToolCallBlock): Call {
    const call = this.#calls.find((other) => other.id === id);
    if (call === undefined) throw new TypeError(`Call ${id} was never announced.`);
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
