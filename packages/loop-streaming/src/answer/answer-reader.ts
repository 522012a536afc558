/**
 * Owns turning a provider's events into the answer the consumer sees: blocks open, stream and close, and are gathered for
 * the stored message. It asks no provider and runs no tool; complete calls are handed to `onCall` the moment they are.
 */
import {
  type AnswerEnd,
  type BlockDelta,
  type BlockHead,
  type ContentBlock,
  frozenCopy,
  LLMError,
  type ProviderEvent,
  type ToolCallBlock,
  type Usage,
  usageProblem,
} from "amplifier-core";
import type { Turn } from "../turn/turn.ts";
import type { TextJoin } from "./text-join.ts";
import {
  interruptedBlock,
  isEmptyBlock,
  type OpenBlock,
  openBlock,
  streamedType,
  THINKING,
  wholeText,
} from "./open-block.ts";

/** Where an answer stands in its turn, and who takes its calls. */
export interface AnswerOptions {
  readonly iteration: number;
  /** The `block_index` of its first block. */
  readonly firstIndex: number;
  /** Ids of the calls before it in the same answer; its own are added. */
  readonly callIds: Set<string>;
  /** How its first text joins the text before it; null when there is none to join. Asked when that text begins. */
  readonly newJoin: () => TextJoin | null;
  /** A call begins: its place among the others is known from here on. */
  readonly onCallStart: (call: { readonly id: string; readonly name: string }) => void;
  /** A call is complete. */
  readonly onCall: (call: ToolCallBlock) => void;
}

/** Reads the events of one attempt at a model call. */
export class AnswerReader {
  readonly requestId = crypto.randomUUID();
  readonly #turn: Turn;
  readonly #iteration: number;
  /** Blocks of the iteration that came before this call: the wrap-up's go on where the answer before it ended. */
  readonly #firstIndex: number;
  readonly #options: AnswerOptions;
  readonly #open = new Map<number, OpenBlock>();
  readonly #blocks: ContentBlock[] = [];
  #last: OpenBlock | undefined;
  #lastIndex = -1;
  /** The block whose text joins that of an answer that was cut. */
  #joining: OpenBlock | undefined;
  #join: TextJoin | null | undefined;
  #joinFed = false;
  #heard = 0;
  #characters = 0;
  #closedThinking = false;
  #end: AnswerEnd | null = null;
  #usage: Usage | null = null;
  /** Blocks begun; the provider counts them from 0. */
  #started = 0;

  constructor(turn: Turn, options: AnswerOptions) {
    this.#turn = turn;
    this.#iteration = options.iteration;
    this.#firstIndex = options.firstIndex;
    this.#options = options;
  }

  /** Grows with everything that counts as content. */
  get heard(): number {
    return this.#heard;
  }

  /** So much the model has said, shown or not: also arguments that were cut, and what it says again. */
  get characters(): number {
    return this.#characters;
  }

  /** A thinking block has ended, and nothing has begun since. */
  get isAfterThinking(): boolean {
    return this.#closedThinking && this.#open.size === 0;
  }

  /** The answer's end; null while it is not whole. */
  get end(): AnswerEnd | null {
    return this.#end;
  }

  get usage(): Usage | null {
    return this.#usage;
  }

  /** Whether anything of the answer has come; a block that has said nothing yet is nothing. */
  get begun(): boolean {
    return this.#heard > 0;
  }

  /** The `block_index` that the next call of the same iteration begins with. */
  get nextIndex(): number {
    return this.#firstIndex + this.#started;
  }

  /** The blocks worth storing, in order: empty ones say nothing and some APIs refuse them. */
  get blocks(): readonly ContentBlock[] {
    return this.#blocks.filter((block) => block !== undefined && !isEmptyBlock(block));
  }

  /** Reads what one network read brought. A promise only when something has to be waited for; it then reads on by itself. */
  read(batch: readonly ProviderEvent[]): Promise<void> | undefined {
    if (this.#turn.hooks.has("llm:stream_block_delta")) return this.#readFrom(0, batch, undefined);
    for (let n = 0; n < batch.length; n++) {
      const event = batch[n] as ProviderEvent;
      const wait = event.type === "block_delta" ? this.#delta(event.index, event.delta) : this.#other(event);
      if (wait !== undefined) return this.#readFrom(n + 1, batch, wait);
    }
    return undefined;
  }

  async #readFrom(first: number, batch: readonly ProviderEvent[], wait: Promise<unknown> | undefined): Promise<void> {
    await wait;
    for (let n = first; n < batch.length; n++) {
      const event = batch[n] as ProviderEvent;
      if (event.type === "block_delta" && this.#turn.hooks.has("llm:stream_block_delta")) await this.#rawDelta(event);
      await (event.type === "block_delta" ? this.#delta(event.index, event.delta) : this.#other(event));
    }
  }

  /**
   * Closes what is still open as interrupted. Cut-off calls come back, so that each can be answered. With `showHeld` text
   * that was not clear yet is shown: nothing more will come that could make it clear.
   */
  async interrupt(showHeld: boolean): Promise<readonly ToolCallBlock[]> {
    const cut: ToolCallBlock[] = [];
    if (showHeld && this.#joining !== undefined) await this.#push(this.#joining, this.#join?.end() ?? "");
    for (const open of this.#open.values()) {
      await this.#turn.deltas.end(open, "drop");
      const block = interruptedBlock(open);
      if (block.type === "tool_call") cut.push(block);
      this.#blocks[open.index - this.#firstIndex] = block;
      const data = { iteration: this.#iteration, block_index: open.index, block, interrupted: true as const };
      await this.#turn.emit("content_block:end", data);
    }
    this.#open.clear();
    this.#find(-1);
    return cut;
  }

  #delta(index: number, delta: string): Promise<void> | undefined {
    const block = index === this.#lastIndex ? this.#last : this.#find(index);
    if (delta === "") return undefined;
    if (typeof delta !== "string" || block === undefined || !block.streams) throw badDelta(index, { block, delta });
    this.#heard++;
    this.#characters += delta.length;
    if (block === this.#joining) return this.#joinDelta(block, delta);
    return this.#turn.deltas.push(block, delta);
  }

  #joinDelta(block: OpenBlock, delta: string): Promise<void> | undefined {
    this.#joinFed = true;
    return this.#push(block, this.#join?.take(delta) ?? delta);
  }

  #push(block: OpenBlock, text: string): Promise<void> | undefined {
    return text === "" ? undefined : this.#turn.deltas.push(block, text);
  }

  // Deltas of one block come in a row: the block of the last one is nearly always the block of the next.
  #find(index: number): OpenBlock | undefined {
    this.#lastIndex = index;
    this.#last = this.#open.get(index);
    return this.#last;
  }

  async #rawDelta({ index, delta }: BlockDelta): Promise<void> {
    const block = this.#open.get(index);
    if (block === undefined || this.#turn.stopped) return;
    const raw = { ...this.#rawBlock(block), sequence: block.sequence++, text: delta };
    await this.#turn.hooks.emit("llm:stream_block_delta", raw, { signal: this.#turn.stop.signal });
  }

  #other(event: Exclude<ProviderEvent, { type: "block_delta" }>): Promise<void> | undefined {
    switch (event.type) {
      case "block_start":
        return this.#start(event.index, openBlock(this.#firstIndex + event.index, this.#withOwnId(event.block)));
      case "block_end":
        return this.#close(event.index, event.block);
      case "usage": {
        const problem = usageProblem(event.usage);
        if (problem !== null) throw outOfOrder(problem);
        this.#usage = event.usage;
        return undefined;
      }
      case "end":
        if (this.#open.size > 0)
          throw outOfOrder(`ended its answer while block ${[...this.#open.keys()].join()} was open`);
        this.#end = event;
        return undefined;
      case "warning":
        return this.#turn.emit("user:notification", { message: event.message, level: "warning", source: "provider" });
      default:
        throw outOfOrder(`sent an event of the unknown type ${JSON.stringify((event as { type: unknown }).type)}`);
    }
  }

  async #start(index: number, block: OpenBlock): Promise<void> {
    if (this.#end !== null || index !== this.#started)
      throw outOfOrder(`began block ${index} where ${this.#started} was next`);
    this.#started++;
    this.#closedThinking = false;
    this.#open.set(index, block);
    this.#find(index);
    const { head } = block;
    const continues = head.type === "text" && this.#joins(block);
    if (head.type === "tool_call") {
      this.#heard++;
      this.#options.onCallStart(head);
    }
    const call = head.type === "tool_call" ? { tool_call_id: head.id, name: head.name } : {};
    const data = {
      iteration: this.#iteration,
      block_index: block.index,
      block_type: head.type,
      ...call,
      ...(continues ? { continues: true as const } : {}),
    };
    await this.#turn.emit("content_block:start", data);
    if (!this.#turn.hooks.has("llm:stream_block_start") || streamedType(head) === undefined) return;
    const name = head.type === "tool_call" ? { name: head.name } : {};
    const raw = { ...this.#rawBlock(block), ...name };
    await this.#turn.hooks.emit("llm:stream_block_start", raw, { signal: this.#turn.stop.signal });
  }

  async #close(index: number, ended: ContentBlock): Promise<void> {
    const open = this.#open.get(index);
    if (open === undefined) throw outOfOrder(`ended block ${index}, which is not open`);
    const { head } = open;
    if (ended.type !== head.type)
      throw outOfOrder(`ended block ${index} as ${ended.type}, but began it as ${head.type}`);
    this.#heard++;
    this.#closedThinking = THINKING.has(head.type);
    await this.#push(open, this.#unshown(open, ended));
    // Shown before the block leaves the open ones: a stop in between must not lose it.
    await this.#turn.deltas.end(open, "show");
    const block = frozenCopy(ownBlock(open, ended, open === this.#joining));
    this.#open.delete(index);
    this.#find(index);
    this.#blocks[index] = block;
    if (this.#turn.hooks.has("llm:stream_block_end") && streamedType(open.head) !== undefined) {
      await this.#turn.hooks.emit("llm:stream_block_end", this.#rawBlock(open), { signal: this.#turn.stop.signal });
    }
    await this.#turn.emit("content_block:end", { iteration: this.#iteration, block_index: open.index, block });
    if (block.type === "tool_call") this.#options.onCall(block);
  }

  /** Whether a text goes on with the answer that was cut: only the first one may. */
  #joins(block: OpenBlock): boolean {
    if (this.#join !== undefined) return false;
    this.#join = this.#options.newJoin();
    if (this.#join === null) return false;
    this.#joining = block;
    return true;
  }

  /** What of a block that is whole the consumer has not seen: all of it, where its provider sends no deltas. */
  #unshown(open: OpenBlock, ended: ContentBlock): string {
    const isJoining = open === this.#joining;
    const rest = open.shown || open.heldCount > 0 || (isJoining && this.#joinFed) ? "" : wholeText(ended);
    this.#characters += rest.length;
    if (!isJoining || !this.#join) return rest;
    return `${rest === "" ? "" : this.#join.take(rest)}${this.#join.end()}`;
  }

  // Some servers repeat an id within one answer; results could then not be told apart.
  #withOwnId(head: BlockHead): BlockHead {
    if (head.type !== "tool_call") return head;
    let id = head.id;
    const { callIds } = this.#options;
    for (let n = 2; callIds.has(id); n++) id = `${head.id}_${n}`;
    callIds.add(id);
    return { ...head, id };
  }

  #rawBlock(block: OpenBlock): {
    readonly request_id: string;
    readonly block_index: number;
    readonly block_type: "text" | "thinking" | "tool_use";
  } {
    const type = block.head.type === "tool_call" ? "tool_use" : block.head.type;
    return {
      request_id: this.requestId,
      block_index: block.index,
      block_type: type as "text" | "thinking" | "tool_use",
    };
  }
}

// A text that joins another is what was shown of it.
function ownBlock({ head, text }: OpenBlock, ended: ContentBlock, joins: boolean): ContentBlock {
  if (ended.type === "tool_call" && head.type === "tool_call") return ownCall(ended, head);
  return joins && ended.type === "text" ? { ...ended, text } : ended;
}

// The id is the one the call began under; another tool than the one announced is never run.
function ownCall(ended: ToolCallBlock, head: { readonly id: string; readonly name: string }): ToolCallBlock {
  if (ended.name !== head.name) throw outOfOrder(`ended a call of "${ended.name}" that it began as "${head.name}"`);
  return { ...ended, id: head.id };
}

function badDelta(
  index: number,
  { block, delta }: { readonly block: OpenBlock | undefined; readonly delta: unknown },
): LLMError {
  if (block === undefined) return outOfOrder(`sent a delta for block ${index}, which is not open`);
  return outOfOrder(`sent ${typeof delta} as a delta of block ${index}, which is a ${block.head.type}`);
}

// A broken order may hide a broken answer, and nothing of it may pass for a whole one. Asking again would not help.
function outOfOrder(deed: string): LLMError {
  return new LLMError("StreamError", `The provider ${deed}; this is a mistake in its adapter.`, { retryable: false });
}
