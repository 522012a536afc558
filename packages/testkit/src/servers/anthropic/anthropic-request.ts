/**
 * Owns the shape in which the rules of the Messages API see a request: turns instead of messages, since the API joins
 * neighbours of one role, and every block with its path.
 */
import { type JsonObject, listOf, isObject, objectsOf } from "../json.ts";
import type { ServerFacts } from "../wire.ts";

/** A block of a message, and where it stands: `messages.1.content.0`. */
export interface PlacedBlock {
  readonly path: string;
  readonly type: string;
  readonly block: JsonObject;
}

/** Neighbouring messages of one role. */
export interface Turn {
  readonly role: unknown;
  /** The first of its messages: `messages.1`. */
  readonly path: string;
  readonly blocks: readonly PlacedBlock[];
}

/** A request as the rules see it. */
export interface AnthropicRequest {
  readonly body: JsonObject;
  readonly facts: ServerFacts;
  readonly messages: readonly JsonObject[];
  readonly turns: readonly Turn[];
  readonly tools: readonly JsonObject[];
  /** Thinking is on: `enabled` with a budget, or `adaptive`. */
  readonly thinks: boolean;
}

/** Reads a body of any shape. */
export function readAnthropicRequest(body: JsonObject, facts: ServerFacts): AnthropicRequest {
  const messages = objectsOf(body["messages"]);
  const thinking = isObject(body["thinking"]) ? body["thinking"]["type"] : undefined;
  return {
    body,
    facts,
    messages,
    turns: turnsIn(messages),
    tools: objectsOf(body["tools"]),
    thinks: thinking === "enabled" || thinking === "adaptive",
  };
}

/** The blocks of a turn of this type. */
export function blocksOf(turn: Turn | undefined, ...types: readonly string[]): readonly PlacedBlock[] {
  return turn?.blocks.filter(({ type }) => types.includes(type)) ?? [];
}

function turnsIn(messages: readonly JsonObject[]): readonly Turn[] {
  const turns: { role: unknown; path: string; blocks: PlacedBlock[] }[] = [];
  for (const [index, message] of messages.entries()) {
    const path = `messages.${index}`;
    const blocks = placed(message["content"], path);
    const last = turns.at(-1);
    if (last !== undefined && last.role === message["role"]) last.blocks.push(...blocks);
    else turns.push({ role: message["role"], path, blocks });
  }
  return turns;
}

function placed(content: unknown, path: string): PlacedBlock[] {
  if (content === "") return [];
  const blocks = typeof content === "string" ? [{ type: "text", text: content }] : listOf(content);
  return blocks.map((value, index) => {
    const block = isObject(value) ? value : {};
    return { path: `${path}.content.${index}`, type: String(block["type"]), block };
  });
}
