/**
 * Owns the words of tool calls on a wire that restricts them: ids that another API gave, names that a model invented.
 * The stored conversation keeps them as they came; only what is sent differs, a call and its result alike.
 * Invariant: no two calls of the result share an id, and a conversation that goes on keeps the words it had.
 */
import { createHash } from "node:crypto";
import type { ContentBlock, Message, ToolCallBlock } from "amplifier-core";

/** What a word may be. */
export interface WordRule {
  /** Each character that may not be in it, with the flag `g`. */
  readonly refused: RegExp;
  /** Characters. */
  readonly maxLength: number;
}

/** What the words of calls may be. */
export interface CallRules {
  readonly id: WordRule;
  readonly name: WordRule;
}

/** The conversation with calls that the wire takes. Messages without any are the same objects. */
export function withSafeCalls(messages: readonly Message[], rules: CallRules): readonly Message[] {
  const words = new CallWords(rules);
  return messages.map((message) => safeMessage(message, words));
}

function safeMessage(message: Message, words: CallWords): Message {
  const { role, content, tool_call_id: stored } = message;
  if (stored !== undefined) {
    const id = words.answeredId(stored);
    return id === stored ? message : { ...message, tool_call_id: id };
  }
  if (role === "assistant") words.beginAnswer();
  if (typeof content === "string") return message;
  const safe = content.map((block) => safeBlock(block, words));
  return safe.every((block, index) => block === content[index]) ? message : { ...message, content: safe };
}

function safeBlock(block: ContentBlock, words: CallWords): ContentBlock {
  if (block.type === "tool_call") return words.call(block);
  if (block.type !== "tool_result") return block;
  const id = words.answeredId(block.tool_call_id);
  return id === block.tool_call_id ? block : { ...block, tool_call_id: id };
}

/** The ids given out so far, and which of them wait for their result. */
class CallWords {
  readonly #rules: CallRules;
  readonly #taken = new Set<string>();
  /** By stored id: servers that count their calls give the same one in every answer. */
  readonly #newest = new Map<string, string>();
  /** Of the newest answer, in order. */
  readonly #waiting = new Map<string, string[]>();

  constructor(rules: CallRules) {
    this.#rules = rules;
  }

  call(block: ToolCallBlock): ToolCallBlock {
    const id = this.#newId(block.id);
    this.#newest.set(block.id, id);
    this.#waiting.set(block.id, [...(this.#waiting.get(block.id) ?? []), id]);
    const name = safeWord(block.name, this.#rules.name);
    return id === block.id && name === block.name ? block : { ...block, id, name };
  }

  /** Results behind it are of its calls. */
  beginAnswer(): void {
    this.#waiting.clear();
  }

  /** The id of the call that a result answers: of calls that share one, the oldest that has no result yet. */
  answeredId(stored: string): string {
    const oldest = this.#waiting.get(stored)?.shift();
    return oldest ?? this.#newest.get(stored) ?? safeWord(stored, this.#rules.id);
  }

  #newId(stored: string): string {
    const rule = this.#rules.id;
    const word = safeWord(stored, rule);
    let id = word;
    for (let n = 2; this.#taken.has(id); n++) id = `${word.slice(0, rule.maxLength - `_${n}`.length)}_${n}`;
    this.#taken.add(id);
    return id;
  }
}

/** The hash keeps long words apart that begin alike. */
function safeWord(word: string, { refused, maxLength }: WordRule): string {
  const allowed = word.replace(refused, "_") || "unnamed";
  if (allowed.length <= maxLength) return allowed;
  const hash = createHash("sha256").update(word).digest("hex").slice(0, 8);
  return `${allowed.slice(0, maxLength - hash.length - 1)}_${hash}`;
}
