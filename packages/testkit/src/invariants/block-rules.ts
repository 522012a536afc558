/**
 * Owns the rules of content blocks: what a consumer renders is complete, in place, and the same as what it is told at the
 * block's end.
 */
import type { ContentBlock, Event, EventOf } from "amplifier-core";
import { at, type Finding, missing, perTurn, type Rule } from "./violation.ts";

interface Open {
  readonly start: EventOf<"content_block:start">;
  text: string;
}

type Judge = (open: Open, end: EventOf<"content_block:end">) => string | null;

/** Every `content_block:start` has its end; deltas and ends come only for open blocks. */
export const blocksArePaired: Rule = perTurn((turn) => {
  const findings: Finding[] = [];
  const left = walk(turn, (_open, finding) => finding !== null && findings.push(finding));
  return [
    ...findings,
    ...left.map(({ start }) =>
      missing(`block ${start.data.block_index} of iteration ${start.data.iteration} never ends`),
    ),
  ];
});

/** Blocks of a model call start with index 0, 1, 2 ..., or go on where the call before it in the same iteration ended. */
export const blocksStartInOrder: Rule = perTurn((turn) => {
  let next = 0;
  let first = true;
  let iteration = 0;
  return turn.flatMap((event) => {
    if (event.type === "provider:request") {
      first = true;
      if (event.data.iteration !== iteration) next = 0;
      iteration = event.data.iteration;
    }
    if (event.type !== "content_block:start") return [];
    const { block_index } = event.data;
    const fits = block_index === next || (first && block_index === 0);
    const expected = first ? 0 : next;
    next = block_index + 1;
    first = false;
    return fits ? [] : [at(event, `block ${block_index} starts where ${expected} was next`)];
  });
});

/** Start, deltas and end of a block agree on what it is, and a call on its id and name. */
export const blocksKeepTheirKind: Rule = perTurn((turn) => [
  ...judgeEnds(turn, ({ start }, { data: { block } }) => {
    if (block.type !== start.data.block_type) return `started as ${start.data.block_type}, ended as ${block.type}`;
    if (block.type !== "tool_call") return null;
    const { tool_call_id, name } = start.data;
    if (block.id === tool_call_id && block.name === name) return null;
    return `started as call ${tool_call_id} of ${name}, ended as ${block.id} of ${block.name}`;
  }),
  ...judgeDeltas(turn),
]);

/** The joined deltas of a block are the text of its end: text, thinking, or the JSON of a call's input. */
export const deltasAddUp: Rule = perTurn((turn) =>
  judgeEnds(turn, ({ text }, { data: { block } }) => {
    const said = textOfBlock(block);
    if (said === null) return null;
    const streamed = block.type === "tool_call" && block.raw_arguments === undefined ? normalised(text) : text;
    return streamed === said
      ? null
      : `deltas add up to ${JSON.stringify(streamed)}, the block says ${JSON.stringify(said)}`;
  }),
);

/** No delta is empty. */
export const deltasSaySomething: Rule = (events) =>
  events.flatMap((event) =>
    event.type === "content_block:delta" && event.data.delta === "" ? [at(event, "is empty")] : [],
  );

/** The event and its block agree on whether it was cut off. */
export const interruptedBlocksSaySo: Rule = (events) =>
  events.flatMap((event) => {
    if (event.type !== "content_block:end" || event.data.interrupted === event.data.block.interrupted) return [];
    return [at(event, "event and block differ in interrupted")];
  });

function judgeEnds(turn: readonly Event[], judge: Judge): readonly Finding[] {
  const findings: Finding[] = [];
  walk(turn, (open, finding, end) => {
    const wrong = open !== undefined && end !== undefined && finding === null ? judge(open, end) : null;
    if (wrong !== null && end !== undefined) findings.push(at(end, `block ${end.data.block_index}: ${wrong}`));
  });
  return findings;
}

/** Calls `visit` for each delta and end of a block, and returns the blocks left open. */
function walk(
  turn: readonly Event[],
  visit: (open: Open | undefined, finding: Finding | null, end?: EventOf<"content_block:end">) => void,
): readonly Open[] {
  const blocks = new Map<number, Open>();
  for (const event of turn) {
    if (event.type === "content_block:start") {
      const again = blocks.has(event.data.block_index);
      blocks.set(event.data.block_index, { start: event, text: "" });
      if (again) visit(undefined, at(event, `block ${event.data.block_index} is open already`));
    } else if (event.type === "content_block:delta" || event.type === "content_block:end") {
      const open = blocks.get(event.data.block_index);
      if (open === undefined) visit(undefined, at(event, `block ${event.data.block_index} is not open`));
      else if (event.type === "content_block:delta") open.text += event.data.delta;
      else {
        blocks.delete(event.data.block_index);
        const moved = event.data.iteration !== open.start.data.iteration;
        visit(open, moved ? at(event, `block ${event.data.block_index} ends in another iteration`) : null, event);
      }
    }
  }
  return [...blocks.values()];
}

function judgeDeltas(turn: readonly Event[]): readonly Finding[] {
  const starts = new Map<number, EventOf<"content_block:start">["data"]>();
  return turn.flatMap((event) => {
    if (event.type === "content_block:start") starts.set(event.data.block_index, event.data);
    if (event.type !== "content_block:delta") return [];
    const start = starts.get(event.data.block_index);
    const { block_type, tool_call_id, name } = event.data;
    if (start === undefined) return [];
    const same = start.block_type === block_type && start.tool_call_id === tool_call_id && start.name === name;
    return same ? [] : [at(event, `block ${event.data.block_index} started as something else`)];
  });
}

function textOfBlock(block: ContentBlock): string | null {
  if (block.type === "text") return block.text;
  if (block.type === "thinking") return block.thinking;
  if (block.type !== "tool_call" || block.interrupted) return null;
  return block.raw_arguments ?? JSON.stringify(block.input);
}

function normalised(json: string): string {
  if (json.trim() === "") return "{}";
  try {
    return JSON.stringify(JSON.parse(json));
  } catch {
    return json;
  }
}
