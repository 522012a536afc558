/**
 * Owns turning the parts of a scripted answer into the steps of its sending. The scripted provider's own compiler makes
 * the events, so that a script means the same there and on a wire; what only a wire can do is put between them.
 */
import type { ProviderEvent, Usage } from "amplifier-core";
import { Gate } from "../gate.ts";
import { type AnswerPart, breaksOff } from "../provider/answer-part.ts";
import { answer, ANSWER_USAGE, type AnswerStep } from "../provider/answer.ts";
import type { Pace, StreamedError, WirePart } from "./wire-part.ts";

/** One thing a server does while it answers. `read`: all its events in one write. */
export type ReplyStep =
  | { readonly kind: "read"; readonly events: readonly ProviderEvent[] }
  | { readonly kind: "waits"; readonly pace: Pace }
  | { readonly kind: "error_frame"; readonly error: StreamedError | null }
  | { readonly kind: "raw"; readonly text: string }
  | { readonly kind: "pings" | "empty_delta" | "hangs" | "cuts" | "ends" };

/** A scripted answer on a wire. */
export interface Reply {
  readonly kind: "reply";
  readonly steps: readonly ReplyStep[];
  /** The first counts of the script: some wires send a part of them before the answer. */
  readonly usage: Usage;
  /** The socket is closed when this much of the body was sent; never when absent. */
  readonly maxBytes?: number;
}

/**
 * A streamed answer. Unless a part ends it, it ends whole, with `tool_calls` if it has a call, else with `stop`.
 * @throws TypeError for parts that no wire can send (`fails`, `warning`, `unchecked`, a `hangs` that is deaf) and for
 * events that would break the rules of an answer.
 */
export function reply(...parts: readonly WirePart[]): Reply {
  const compiler = new ReplyCompiler();
  const steps = parts.flatMap((part) => compiler.steps(part));
  const closing = compiler.over || parts.some(isEnd) ? [] : compiler.closing();
  return { kind: "reply", steps: [...steps, ...closing], usage: compiler.usage ?? ANSWER_USAGE };
}

/** The same answer, its socket closed after `bytes` bytes of the body (the HTTP framing is not counted). */
export function cutAfter(bytes: number, whole: Reply): Reply {
  return { ...whole, maxBytes: bytes };
}

// After these nothing comes.
function isEnd(part: WirePart): boolean {
  if (part instanceof Gate) return false;
  if (part.kind === "dripping") return part.parts.some(isEnd);
  return ["hangs", "breaks_off", "cuts", "error_frame"].includes(part.kind);
}

class ReplyCompiler {
  #blocks = 0;
  #hasCall = false;
  usage: Usage | null = null;
  over = false;

  steps(part: WirePart): readonly ReplyStep[] {
    if (part instanceof Gate) return [{ kind: "waits", pace: (signal) => part.pass(signal) }];
    switch (part.kind) {
      case "cuts":
      case "pings":
      case "empty_delta":
      case "raw":
      case "error_frame":
        return [part];
      case "dripping":
        return part.parts
          .flatMap((inner) => this.steps(inner))
          .flatMap((step) => [{ kind: "waits", pace: part.pace }, step] as const);
      default:
        return this.#compiled(part);
    }
  }

  closing(): readonly ReplyStep[] {
    const usage: ProviderEvent = { type: "usage", usage: this.usage ?? ANSWER_USAGE };
    const end: ProviderEvent = { type: "end", finish_reason: this.#hasCall ? "tool_calls" : "stop" };
    return [{ kind: "read", events: [usage, end] }];
  }

  #compiled(part: AnswerPart): readonly ReplyStep[] {
    const first = this.#blocks;
    // The break keeps the compiler from ending the answer behind each part.
    const { steps } = answer(part, breaksOff());
    const endsThere = !(part instanceof Gate) && part.kind === "breaks_off";
    return (endsThere ? steps.slice(0, 1) : steps.slice(0, -1)).map((step) => this.#step(step, first));
  }

  #step(step: AnswerStep, firstBlock: number): ReplyStep {
    switch (step.kind) {
      case "read":
        return { kind: "read", events: step.events.map((event) => this.#event(event, firstBlock)) };
      case "gate":
        return { kind: "waits", pace: (signal) => step.gate.pass(signal) };
      case "breaks_off":
        return { kind: "ends" };
      case "hangs":
        if (step.deaf) throw new TypeError("A server cannot be deaf to its client's leaving; use hangs().");
        return { kind: "hangs" };
      case "fails":
        throw new TypeError("A wire has no thrown errors; use errorFrame(), cuts() or refuses().");
    }
  }

  #event(event: ProviderEvent, firstBlock: number): ProviderEvent {
    switch (event.type) {
      case "block_start":
        this.#blocks++;
        this.#hasCall ||= event.block.type === "tool_call";
        return { ...event, index: event.index + firstBlock };
      case "block_delta":
      case "block_end":
        return { ...event, index: event.index + firstBlock };
      case "usage":
        this.usage ??= event.usage;
        return event;
      case "end":
        this.over = true;
        return event;
      case "warning":
        throw new TypeError("A wire has no warnings: adapters make them.");
    }
  }
}
