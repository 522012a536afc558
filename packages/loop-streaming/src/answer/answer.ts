/**
 * Owns what the model has said in one iteration, over all the calls it took: its blocks in order, its tool calls, and what
 * its provider wants handed back. A text that was cut and continued is one block again.
 */
import {
  type ContentBlock,
  type ContextInjection,
  type FinishReason,
  textOf,
  type ToolCallBlock,
} from "amplifier-core";
import type { ToolBatch } from "../tools/tool-batch.ts";
import type { AnswerState } from "../turn/turn-state.ts";

/** What one call of the model added. */
export interface AnswerPart {
  readonly blocks: readonly ContentBlock[];
  readonly metadata: Readonly<Record<string, unknown>> | undefined;
  /** Null when it was cut off. */
  readonly finishReason: FinishReason | null;
}

/** The answer of one iteration. */
export class Answer {
  readonly batch: ToolBatch;
  /** Ids of its calls: none may come twice. */
  readonly callIds = new Set<string>();
  /** Complete calls that wait for the end of the message. */
  readonly waiting: ToolCallBlock[] = [];
  /** What hooks put into its request for this once. */
  ephemeral: readonly ContextInjection[] = [];
  /** The `block_index` its next block gets. */
  nextIndex: number;
  #blocks: readonly ContentBlock[] = [];
  #metadata: Readonly<Record<string, unknown>> | undefined;
  #finishReason: FinishReason | null = null;

  constructor(batch: ToolBatch, firstIndex: number) {
    this.batch = batch;
    this.nextIndex = firstIndex;
  }

  get blocks(): readonly ContentBlock[] {
    return this.#blocks;
  }

  get metadata(): Readonly<Record<string, unknown>> | undefined {
    return this.#metadata;
  }

  /** Adds what a call brought; a text that `continues` the last one becomes one block with it. */
  add(part: AnswerPart, continues: boolean): void {
    this.#blocks = continues ? joined(this.#blocks, part.blocks) : [...this.#blocks, ...part.blocks];
    this.#metadata = part.metadata ?? this.#metadata;
    this.#finishReason = part.finishReason;
  }

  /** The same as facts. `isFormed`: two halves of it would be no whole. */
  facts(isFormed: boolean): Omit<AnswerState, "phase" | "resultsStored"> {
    const calls = this.#blocks.filter((block) => block.type === "tool_call").map(({ id, name }) => ({ id, name }));
    const text = textOf(this.#blocks);
    return { text, calls, finishReason: this.#finishReason, mayContinue: text !== "" && !isFormed };
  }
}

function joined(before: readonly ContentBlock[], after: readonly ContentBlock[]): readonly ContentBlock[] {
  const cut = before.at(-1);
  const [first, ...rest] = after;
  if (cut?.type !== "text" || first?.type !== "text") return [...before, ...after];
  const { interrupted: _, ...whole } = { ...cut, ...first };
  const text = { ...whole, text: cut.text + first.text };
  return [...before.slice(0, -1), first.interrupted ? { ...text, interrupted: true } : text, ...rest];
}
