/**
 * Owns turning the parts of a scripted answer into what its provider does, read by read. Indexes are given out in order of
 * the blocks' starts; usage and the finish are added where the script does not say them.
 */
import type { AnswerEnd, ProviderEvent, Usage } from "amplifier-core";
import { Gate } from "../gate.ts";
import type { AnswerPart, BlockPart } from "./answer-part.ts";
import { checkProviderEvents } from "./check-provider-events.ts";

/** One thing a scripted provider does. */
export type AnswerStep =
  | { readonly kind: "read"; readonly events: readonly ProviderEvent[] }
  | { readonly kind: "gate"; readonly gate: Gate }
  | Extract<AnswerPart, { kind: "fails" | "hangs" | "breaks_off" }>;

/** A scripted answer: the steps of one model call. */
export interface Answer {
  readonly kind: "answer";
  readonly steps: readonly AnswerStep[];
}

/** The usage of an answer that names none. */
export const ANSWER_USAGE: Usage = { input_tokens: 10, output_tokens: 5, total_tokens: 15 };

/**
 * One answer. Every event is a network read of its own unless `oneRead` says otherwise. Unless a part ends it, it ends
 * with `tool_calls` if it has a call, else with `stop`.
 * @throws TypeError when the events would break the port's rules (`unchecked` parts are exempt).
 */
export function answer(...parts: readonly AnswerPart[]): Answer {
  const compiler = new Compiler();
  const steps = parts.flatMap((part) => compiler.steps(part));
  const finished = compiler.ended || parts.some(isLast);
  return { kind: "answer", steps: finished ? steps : [...steps, ...closing(compiler)] };
}

function closing(compiler: Compiler): readonly AnswerStep[] {
  const end: AnswerEnd = { type: "end", finish_reason: compiler.hasCall ? "tool_calls" : "stop" };
  return compiler.steps({
    kind: "one_read",
    parts: [...(compiler.hasUsage ? [] : [{ kind: "usage", usage: ANSWER_USAGE } as const]), { kind: "finish", end }],
  });
}

// After these nothing of the answer can come any more.
function isLast(part: AnswerPart): boolean {
  return !(part instanceof Gate) && (part.kind === "fails" || part.kind === "hangs" || part.kind === "breaks_off");
}

class Compiler {
  readonly #check = checkProviderEvents();
  #nextIndex = 0;
  #exempt = false;
  hasCall = false;
  hasUsage = false;
  ended = false;

  steps(part: AnswerPart): readonly AnswerStep[] {
    if (part instanceof Gate) return [{ kind: "gate", gate: part }];
    switch (part.kind) {
      case "fails":
      case "hangs":
      case "breaks_off":
        return [part];
      case "one_read":
        return [{ kind: "read", events: part.parts.flatMap((inner) => this.#oneRead(inner)) }];
      case "unchecked":
        this.#exempt = true;
        this.ended ||= part.events.some((event) => event.type === "end");
        return [{ kind: "read", events: part.events }];
      default:
        return this.#events(part).map((event) => ({ kind: "read", events: [event] }));
    }
  }

  #oneRead(part: AnswerPart): readonly ProviderEvent[] {
    return this.steps(part).flatMap((step) => {
      if (step.kind === "read") return step.events;
      throw new TypeError(`"${step.kind}" cannot happen inside one read; put it beside it.`);
    });
  }

  #events(
    part: Exclude<AnswerPart, Gate | { kind: "fails" | "hangs" | "breaks_off" | "one_read" | "unchecked" }>,
  ): readonly ProviderEvent[] {
    const events = this.#eventsOf(part);
    if (!this.#exempt) for (const event of events) this.#check(event);
    return events;
  }

  #eventsOf(
    part: Exclude<AnswerPart, Gate | { kind: "fails" | "hangs" | "breaks_off" | "one_read" | "unchecked" }>,
  ): readonly ProviderEvent[] {
    switch (part.kind) {
      case "block":
        return this.#blocks([part]);
      case "interleaved":
        return this.#blocks(part.blocks);
      case "usage":
        this.hasUsage = true;
        return [{ type: "usage", usage: part.usage }];
      case "warning":
        return [{ type: "warning", message: part.message }];
      case "finish":
        this.ended = true;
        return [part.end];
    }
  }

  #blocks(blocks: readonly BlockPart[]): readonly ProviderEvent[] {
    const indexed = blocks.map((part) => ({ ...part, index: this.#nextIndex++ }));
    this.hasCall ||= blocks.some(({ head }) => head.type === "tool_call");
    const longest = Math.max(...blocks.map(({ deltas }) => deltas.length));
    const rounds = Array.from({ length: longest }, (_, round) =>
      indexed.flatMap<ProviderEvent>(({ deltas, index }) => {
        const delta = deltas[round];
        return delta === undefined ? [] : [{ type: "block_delta", index, delta }];
      }),
    );
    return [
      ...indexed.map<ProviderEvent>(({ head, index }) => ({ type: "block_start", index, block: head })),
      ...rounds.flat(),
      ...indexed.flatMap<ProviderEvent>(({ block, index }) =>
        block === null ? [] : [{ type: "block_end", index, block }],
      ),
    ];
  }
}
