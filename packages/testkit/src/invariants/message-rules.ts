/**
 * Owns the rules of the stored conversation: after each turn every provider takes it.
 */
import type { ContentBlock, Event, Message } from "amplifier-core";
import { at, type Finding, missing, type Rule, turnsOf } from "./violation.ts";

/** What is wrong with a conversation, as sentences; empty when every provider takes it. */
export function checkConversation(messages: readonly Message[]): readonly string[] {
  const follow = new Conversation();
  return [...messages.flatMap((message) => follow.next(message)), ...follow.end()];
}

/** Each stored call has its result, behind its message, in the order of the calls, before anything else is said. */
export const callsHaveStoredResults: Rule = (events) =>
  turnsOf(events).flatMap((turn) => {
    const follow = new Conversation();
    const findings = turn.flatMap<Finding>((event) =>
      event.type === "context:message" ? follow.next(event.data.message).map((wrong) => at(event, wrong)) : [],
    );
    return [...findings, ...follow.end().map(missing)];
  });

/** A stored answer holds the blocks that were shown, and what was shown is stored. */
export const storedAnswersWereShown: Rule = (events) => turnsOf(events).flatMap(judgeAnswers);

function judgeAnswers(turn: readonly Event[]): readonly Finding[] {
  const shown = new ShownAnswer();
  return turn.flatMap((event) => {
    if (event.type === "provider:request" && !event.data.again) {
      const left = shown.take();
      return left.length > 0 ? [at(event, "comes before the last answer was stored")] : [];
    }
    if (event.type !== "context:message" || event.data.message.role !== "assistant") {
      shown.next(event);
      return [];
    }
    const blocks = shown.take();
    return blocks.length === 0
      ? []
      : judgeStored(
          event,
          blocks.map((block) => JSON.stringify(block)),
        );
  });
}

/** Follows the blocks of one answer as they are shown. */
class ShownAnswer {
  #blocks: readonly ContentBlock[] = [];
  readonly #continuing = new Set<number>();
  #isAskedAgain = false;

  next(event: Event): void {
    if (event.type === "provider:request") this.#isAskedAgain = true;
    if (event.type === "content_block:start" && event.data.continues) this.#continuing.add(event.data.block_index);
    if (event.type === "content_block:end" && !SAYS_NOTHING.test(JSON.stringify(event.data.block))) {
      this.#blocks = withShown(this.#blocks, event.data.block, this.#continuing.delete(event.data.block_index));
    }
    if (event.type === "provider:response" || (this.#isAskedAgain && isSomethingElse(event)))
      this.#blocks = withWholeText(this.#blocks);
  }

  /** What was shown since the last time. */
  take(): readonly ContentBlock[] {
    const blocks = this.#blocks;
    this.#blocks = [];
    this.#continuing.clear();
    this.#isAskedAgain = false;
    return blocks;
  }
}

// Whoever goes on with another block has nothing to add to the text.
function isSomethingElse(event: Event): boolean {
  return event.type === "content_block:end" && !GOES_ON.has(event.data.block.type);
}

const GOES_ON: ReadonlySet<ContentBlock["type"]> = new Set(["text", "thinking", "redacted_thinking", "reasoning"]);

// A text that goes on with the one before it is stored as one with it.
function withShown(shown: readonly ContentBlock[], block: ContentBlock, continues: boolean): ContentBlock[] {
  const at = shown.findLastIndex(({ type }) => type === "text");
  const last = shown[at];
  if (!continues || last?.type !== "text" || block.type !== "text") return [...shown, block];
  const { interrupted: _, ...whole } = { ...last, ...block };
  const joined = {
    ...whole,
    text: last.text + block.text,
    ...(block.interrupted ? { interrupted: true as const } : {}),
  };
  return shown.with(at, joined);
}

// Whatever goes on with a text that was cut makes it whole, also when it says no more.
function withWholeText(shown: readonly ContentBlock[]): ContentBlock[] {
  const at = shown.findLastIndex(({ type }) => type === "text");
  const last = shown[at];
  if (last === undefined) return [...shown];
  const { interrupted: _, ...whole } = last;
  return shown.with(at, whole);
}

function judgeStored(event: Extract<Event, { type: "context:message" }>, shown: readonly string[]): readonly Finding[] {
  const { content } = event.data.message;
  if (typeof content === "string") return [at(event, "an assistant message holds text, not blocks")];
  const stored = content.map((block) => JSON.stringify(block));
  const strange = stored
    .filter((block) => !shown.includes(block))
    .map((block) => `stores ${block}, which was not shown`);
  const lost = shown.filter((block) => !stored.includes(block));
  return [...strange, ...lost.map((block) => `does not store ${block}, which was shown`)].map((wrong) =>
    at(event, wrong),
  );
}

// Empty blocks are shown and not stored: some APIs refuse them.
const SAYS_NOTHING = /^\{"type":"(?:text","text|thinking","thinking)":""(?:,"interrupted":true)?\}$/u;

/** Follows a conversation message by message. */
class Conversation {
  #open: string[] = [];

  next(message: Message): readonly string[] {
    if (message.role === "tool") return this.#result(message.tool_call_id);
    const open = this.end();
    this.#open = [];
    if (message.role !== "assistant") return open;
    if (message.content.length === 0) return [...open, "an assistant message is empty"];
    if (typeof message.content === "string") return open;
    this.#open = message.content.flatMap((block) => (block.type === "tool_call" ? [block.id] : []));
    const twice = this.#open.filter((id, index) => this.#open.indexOf(id) !== index);
    return [...open, ...twice.map((id) => `an assistant message has two calls ${id}`)];
  }

  /** The calls that have no result yet. */
  end(): readonly string[] {
    return this.#open.map((id) => `call ${id} has no result behind its message`);
  }

  #result(id: string | undefined): readonly string[] {
    const [expected, ...rest] = this.#open;
    if (expected === undefined) return [`a result of ${id ?? "no call"} answers nothing`];
    if (id === expected) {
      this.#open = rest;
      return [];
    }
    this.#open = this.#open.filter((other) => other !== id);
    return [`a result of ${id ?? "no call"} comes where ${expected} was next`];
  }
}
