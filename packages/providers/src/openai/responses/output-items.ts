/**
 * Owns the way from the items of the output to blocks. Each part of a message and each part of a reasoning summary is a
 * block of its own, so that people see it as it comes; every call is one; the reasoning item itself, and every item of a
 * kind that is not read here, is one that keeps it whole, to be handed back. Invariant: every started block ends.
 */
import type { ContentBlock, ProviderEvent } from "amplifier-core";
import { blockKindOf, hasParts, isCall, partOf, partsOf, type ItemOrigin, type ItemPart } from "./item-parts.ts";
import { OutputBlock } from "./output-block.ts";
import type { OutputItem, ResponsesEvent } from "./responses-wire.ts";

/** An item between its start and its end. */
interface OpenItem {
  readonly place: number;
  /** As it began, and in the end as it is. */
  item: OutputItem;
  /** Its parts that have begun, also those that have ended. */
  readonly blocks: Map<string, OutputBlock>;
  /** The index of the block that keeps it whole. */
  readonly keptAt: number | null;
}

/** The items of one answer. */
export class OutputItems {
  readonly #origin: ItemOrigin;
  readonly #open = new Map<number, OpenItem>();
  /** The block whose fragment came last: nearly always the one whose fragment comes next. */
  #current: OutputBlock | null = null;
  #blocks = 0;
  #calls = 0;
  #refused = false;
  #isEmpty = true;

  constructor(origin: ItemOrigin) {
    this.#origin = origin;
  }

  /** How many calls have begun. */
  get calls(): number {
    return this.#calls;
  }

  /** The model has refused to answer. */
  get refused(): boolean {
    return this.#refused;
  }

  /** No item has come. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** Takes a payload that is a fragment like the last ones; false when it has to be parsed. */
  append(payload: string, events: ProviderEvent[]): boolean {
    const block = this.#current;
    const fragment = block === null ? null : block.match(payload);
    if (block === null || fragment === null || fragment === "") return false;
    events.push({ type: "block_delta", index: block.index, delta: block.add(fragment) });
    return true;
  }

  /** Takes an event about an item or a part; false when it is about something else. */
  read(payload: string, event: ResponsesEvent, events: ProviderEvent[]): boolean {
    const { type, item = {}, output_index: place = 0 } = event;
    if (type === "response.output_item.added") this.#begin(place, item, events);
    else if (type === "response.output_item.done") this.end(place, item, events);
    else {
      const part = partOf(event);
      if (part === null) return false;
      const block = this.#blockOf(place, part, events);
      if (block !== null) this.#readPart(block, { payload, event, part }, events);
    }
    return true;
  }

  /** An item is whole: what of it has not been shown is shown now. */
  end(place: number, item: OutputItem, events: ProviderEvent[]): void {
    const open = this.#open.get(place) ?? this.#begin(place, item, events);
    open.item = item;
    for (const part of partsOf(item)) {
      const block = this.#blockOf(place, part, events);
      if (block !== null) this.#endBlock(block, { part, cut: item["status"] === "incomplete" }, events);
    }
    this.#close(open, { done: item, cut: false }, events);
    if (item.type === "reasoning" && isSealed(item)) this.#keepReasoning(item, events);
  }

  /** The answer is over. `cut`: more of it was still to come, so that an open call has no end. */
  endAll(cut: boolean, events: ProviderEvent[]): void {
    for (const open of this.#open.values()) this.#close(open, { done: null, cut }, events);
  }

  #begin(place: number, item: OutputItem, events: ProviderEvent[]): OpenItem {
    const before = this.#open.get(place);
    // Servers that number every item 0 end one by beginning the next.
    if (before !== undefined) this.#close(before, { done: null, cut: false }, events);
    this.#isEmpty = false;
    const open: OpenItem = { place, item, blocks: new Map(), keptAt: hasParts(item) ? null : this.#blocks++ };
    this.#open.set(place, open);
    if (open.keptAt !== null) events.push({ type: "block_start", index: open.keptAt, block: { type: "opaque" } });
    if (isCall(item)) for (const part of partsOf(item)) this.#blockOf(place, part, events);
    return open;
  }

  /** The block of a part, begun when it is not there yet; null when it has ended or is not shown. */
  #blockOf(place: number, { key, type }: ItemPart, events: ProviderEvent[]): OutputBlock | null {
    const open = this.#open.get(place) ?? this.#begin(place, { type: "message" }, events);
    const begun = open.blocks.get(key);
    if (begun !== undefined) return begun.ended ? null : begun;
    const kind = blockKindOf(open.item, type, this.#origin);
    if (kind === null) return null;
    if (type === "refusal") this.#refused = true;
    if (kind.type === "tool_call") this.#calls += 1;
    const block = new OutputBlock(this.#blocks++, kind);
    open.blocks.set(key, block);
    events.push({ type: "block_start", index: block.index, block: block.head });
    return block;
  }

  #readPart(
    block: OutputBlock,
    { payload, event, part }: { readonly payload: string; readonly event: ResponsesEvent; readonly part: ItemPart },
    events: ProviderEvent[],
  ): void {
    const { type = "", delta, annotation } = event;
    if (typeof delta === "string" && delta !== "") {
      block.learn(payload, event);
      this.#current = block;
      events.push({ type: "block_delta", index: block.index, delta: block.add(delta) });
    } else if (annotation !== undefined) block.cite(annotation);
    else if (type.endsWith("_part.done")) this.#endBlock(block, { part, cut: false }, events);
  }

  #endBlock(
    block: OutputBlock,
    { part, cut }: { readonly part: Pick<ItemPart, "text" | "annotations">; readonly cut: boolean },
    events: ProviderEvent[],
  ): void {
    if (this.#current === block) this.#current = null;
    const { index } = block;
    const { deltas, block: whole } = block.end(part, cut);
    for (const delta of deltas) events.push({ type: "block_delta", index, delta });
    events.push({ type: "block_end", index, block: whole });
  }

  #close(
    { place, item, blocks, keptAt }: OpenItem,
    { done, cut }: { readonly done: OutputItem | null; readonly cut: boolean },
    events: ProviderEvent[],
  ): void {
    this.#open.delete(place);
    for (const block of blocks.values()) if (!block.ended) this.#endBlock(block, { part: {}, cut }, events);
    if (keptAt === null) return;
    const data = done === null ? { data: item, interrupted: true as const } : { data: done };
    events.push({ type: "block_end", index: keptAt, block: { type: "opaque", ...data, ...this.#origin } });
  }

  /** Behind its summary, so that nothing is open while the model thinks on. */
  #keepReasoning({ content, summary, ...item }: OutputItem, events: ProviderEvent[]): void {
    const index = this.#blocks++;
    const block: ContentBlock = {
      ...item,
      type: "reasoning",
      content: Array.isArray(content) ? content : [],
      summary: Array.isArray(summary) ? summary : [],
      ...this.#origin,
    };
    events.push({ type: "block_start", index, block: { type: "reasoning" } });
    events.push({ type: "block_end", index, block });
  }
}

/** Whether reasoning has what the model needs to go on with it. A mere id is known to nobody: nothing is stored. */
function isSealed({ encrypted_content: sealed, content }: OutputItem): boolean {
  return (typeof sealed === "string" && sealed !== "") || (Array.isArray(content) && content.length > 0);
}
