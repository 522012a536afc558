/**
 * Owns what the model has said in one iteration, over all the calls it took: its blocks in order, its tool calls, and what
 * its provider wants handed back. A text that was cut and continued is one block again.
 */
import {
  type ContentBlock,
  type ContextInjection,
  type FinishReason,
  type TextBlock,
  textOf,
  type ToolCallBlock,
} from "amplifier-core";
import type { ToolBatch } from "../tools/tool-batch.ts";
import { THINKING } from "./open-block.ts";
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

  /** Adds what a call brought; where it `continues` what was cut, its first text becomes one block with the last one. */
  add(part: AnswerPart, continues: boolean): void {
    this.#blocks = continues ? joined(this.#blocks, part) : [...this.#blocks, ...part.blocks];
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

// What was thought in between stands in front of the text: no API takes a message that ends with a thought.
function joined(before: readonly ContentBlock[], after: AnswerPart): readonly ContentBlock[] {
  const at = before.findLastIndex(isText);
  const cut = before[at];
  if (cut?.type !== "text") return [...before, ...after.blocks];
  const next = after.blocks.findIndex(isText);
  const between = [...before.slice(at + 1), ...after.blocks.slice(0, next === -1 ? undefined : next)];
  return [
    ...before.slice(0, at),
    ...between.filter(isThought),
    joinedText(cut, after.blocks[next] as TextBlock | undefined, isBehindText(after)),
    ...between.filter((block) => !isThought(block)),
    ...(next === -1 ? [] : after.blocks.slice(next + 1)),
  ];
}

// Where the answer is over, or has gone on to something else, the text had nothing more to say.
function isBehindText({ blocks, finishReason }: AnswerPart): boolean {
  return finishReason !== null || blocks.some((block) => !isThought(block));
}

function joinedText(cut: TextBlock, rest: TextBlock | undefined, isOver: boolean): TextBlock {
  const { interrupted: _, ...whole } = { ...cut, ...rest, text: cut.text + (rest?.text ?? "") };
  const isCut = rest === undefined ? cut.interrupted === true && !isOver : rest.interrupted === true;
  return isCut ? { ...whole, interrupted: true } : whole;
}

const isText = ({ type }: ContentBlock): boolean => type === "text";

const isThought = ({ type }: ContentBlock): boolean => THINKING.has(type);
