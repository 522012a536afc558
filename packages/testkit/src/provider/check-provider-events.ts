/**
 * Owns the rules of the provider port as a check: what a provider streams, in which order. Used by the scripted provider
 * on itself and by whoever tests a provider.
 */
import type { BlockEnd, BlockHead, ProviderEvent, ToolCallBlock } from "amplifier-core";

interface Open {
  readonly head: BlockHead;
  text: string;
}

/**
 * Makes a check for one answer; give it each event in order.
 * It throws TypeError when an event comes where it may not: index not counted from 0, a delta or an end of a block that is
 * not open, an empty delta, a delta of a block that has none, a block that says something else than its deltas, an end of the answer with open blocks,
 * anything behind the end.
 */
export function checkProviderEvents(): (event: ProviderEvent) => void {
  const open = new Map<number, Open>();
  let started = 0;
  let ended = false;
  return (event) => {
    if (ended) throw new TypeError(`"${event.type}" came after the answer's end.`);
    switch (event.type) {
      case "block_start":
        if (event.index !== started) throw new TypeError(`Block ${event.index} started where ${started} was next.`);
        started++;
        open.set(event.index, { head: event.block, text: "" });
        return;
      case "block_delta":
        if (event.delta === "") throw new TypeError(`Block ${event.index} got an empty delta.`);
        checkStreamed(openOf(open, event.index, "a delta"), event.index).text += event.delta;
        return;
      case "block_end":
        checkEnd(openOf(open, event.index, "an end"), event);
        open.delete(event.index);
        return;
      case "end":
        if (open.size > 0) throw new TypeError(`The answer ended with block ${[...open.keys()].join(", ")} open.`);
        ended = true;
        return;
      case "usage":
      case "warning":
        return;
    }
  };
}

function openOf(open: ReadonlyMap<number, Open>, index: number, what: string): Open {
  const block = open.get(index);
  if (block === undefined) throw new TypeError(`Block ${index} got ${what}, but is not open.`);
  return block;
}

function checkStreamed(block: Open, index: number): Open {
  if (["text", "thinking", "tool_call"].includes(block.head.type)) return block;
  throw new TypeError(`Block ${index} is ${block.head.type} and got a delta; only text, thinking and calls have them.`);
}

function checkEnd({ head, text }: Open, { block, index }: BlockEnd): void {
  if (block.type !== head.type)
    throw new TypeError(`Block ${index} started as ${head.type} and ended as ${block.type}.`);
  if (block.type === "text" && block.text !== text) throw mismatch(index, text, block.text);
  if (block.type === "thinking" && block.thinking !== text) throw mismatch(index, text, block.thinking);
  if (block.type !== "tool_call" || head.type !== "tool_call") return;
  if (block.id !== head.id || block.name !== head.name) {
    throw new TypeError(
      `Block ${index} started as call ${head.id} of ${head.name} and ended as ${block.id} of ${block.name}.`,
    );
  }
  checkArguments(index, text, block);
}

function checkArguments(index: number, text: string, block: ToolCallBlock): void {
  const said = block.raw_arguments ?? JSON.stringify(block.input);
  const streamed = block.raw_arguments === undefined ? normalised(text, index) : text;
  if (said !== streamed) throw mismatch(index, text, said);
}

function normalised(json: string, index: number): string {
  if (json === "") return "{}";
  try {
    return JSON.stringify(JSON.parse(json));
  } catch {
    throw new TypeError(`Block ${index} has arguments that are no JSON and no raw_arguments: ${json}`);
  }
}

function mismatch(index: number, streamed: string, said: string): TypeError {
  return new TypeError(`Block ${index} streamed ${JSON.stringify(streamed)} and ended as ${JSON.stringify(said)}.`);
}
