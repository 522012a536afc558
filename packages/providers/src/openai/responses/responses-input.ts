/**
 * Owns the way from our conversation to the items of a Responses call. What this provider's model sealed (reasoning, the
 * work of the API's own tools) goes back as it came; what others sealed, and thoughts in clear text, are left out.
 * Messages and calls go without their ids: nothing is stored there, and an id would have to bring its reasoning along.
 */
import { textOf, type ContentBlock, type ImageBlock, type Message, type ToolCallBlock } from "amplifier-core";
import { blocksOf } from "../../conversation.ts";
import { isJsonObject, type JsonObject } from "../../json/json-object.ts";
import { withSafeCalls } from "../../safe-calls.ts";
import type { ItemOrigin } from "./item-parts.ts";

/** What the API takes: ids may have any character. */
const CALL_RULES = {
  id: { refused: /\p{Cc}/gu, maxLength: 64 },
  name: { refused: /[^a-zA-Z0-9_-]/g, maxLength: 64 },
};

/** Translates a conversation, in order, for the provider and model of `origin`. */
export function toResponsesInput(messages: readonly Message[], origin: ItemOrigin): JsonObject[] {
  const safe = withSafeCalls(messages, CALL_RULES);
  const conversation = new Conversation(safe, origin);
  return withoutLoneReasoning(answered(safe.flatMap((message) => conversation.itemsOf(message))));
}

class Conversation {
  readonly #origin: ItemOrigin;
  /** What the items of calls say beside the call itself, by the call's id. */
  readonly #calls: ReadonlyMap<string, JsonObject>;

  constructor(messages: readonly Message[], origin: ItemOrigin) {
    const calls = messages.flatMap(blocksOf).filter((block) => block.type === "tool_call");
    this.#origin = origin;
    this.#calls = new Map(calls.map((call) => [call.id, moreOf(call)]));
  }

  itemsOf(message: Message): JsonObject[] {
    const blocks = blocksOf(message);
    switch (message.role) {
      case "system":
      case "developer": {
        const content = textOf(message.content);
        return content === "" ? [] : [{ role: message.role, content }];
      }
      case "assistant":
        return withJoinedTexts(blocks).flatMap((block) => this.#answerItem(block));
      case "tool":
      case "function":
        return [this.#output(message.tool_call_id ?? "", partsOf(blocks))];
      case "user":
        return this.#userItems(blocks);
    }
  }

  #userItems(blocks: readonly ContentBlock[]): JsonObject[] {
    const results = blocks.flatMap<JsonObject>((block) => {
      if (block.type !== "tool_result") return [];
      const { tool_call_id: id, output } = block;
      const text = typeof output === "string" ? output : JSON.stringify(output ?? null);
      return this.#output(id, [{ type: "input_text", text }]);
    });
    const content = partsOf(blocks);
    return content.length === 0 ? results : [...results, { role: "user", content: plain(content) }];
  }

  #output(id: string, parts: readonly JsonObject[]): JsonObject {
    const { type, caller } = this.#calls.get(id) ?? {};
    return {
      type: type === "custom_tool_call" ? "custom_tool_call_output" : "function_call_output",
      call_id: id,
      output: plain(parts),
      ...(caller === undefined ? {} : { caller }),
    };
  }

  #answerItem(block: ContentBlock): JsonObject[] {
    switch (block.type) {
      case "text":
        return block.text === "" ? [] : [{ role: "assistant", content: block.text, ...phaseOf(block) }];
      case "tool_call":
        return [this.#callItem(block)];
      case "reasoning": {
        const { provider, model, visibility: _visibility, interrupted, content, ...item } = block;
        if (!this.#isOwn({ provider, model }) || interrupted === true) return [];
        return [{ ...item, ...(content.length === 0 ? {} : { content }) }];
      }
      case "opaque":
        return this.#isOwn(block) && block.interrupted !== true ? [block.data] : [];
      default:
        return [];
    }
  }

  #callItem({ id, name, input, raw_arguments: raw, interrupted }: ToolCallBlock): JsonObject {
    const more = this.#calls.get(id) ?? {};
    // Arguments that were no object, or were cut off, are not repeated.
    const said = raw === undefined && interrupted !== true ? input : {};
    const content =
      more["type"] === "custom_tool_call" ? { input: said["input"] ?? "" } : { arguments: JSON.stringify(said) };
    return { type: "function_call", ...more, call_id: id, name, ...content };
  }

  #isOwn({
    provider,
    model,
  }: {
    readonly provider?: string | undefined;
    readonly model?: string | undefined;
  }): boolean {
    return provider === this.#origin.provider && model === this.#origin.model;
  }
}

/** The text of an answer in one piece, however many blocks a model made of it. */
function withJoinedTexts(blocks: readonly ContentBlock[]): readonly ContentBlock[] {
  const result: ContentBlock[] = [];
  for (const block of blocks) {
    const last = result.at(-1);
    const goesOn = last?.type === "text" && block.type === "text" && phaseOf(last).phase === phaseOf(block).phase;
    if (goesOn) result[result.length - 1] = { ...last, text: last.text + block.text };
    else result.push(block);
  }
  return result;
}

/** What a model marked its text as, which it wants to have back: `commentary` or `final_answer`. */
function phaseOf(block: ContentBlock): { readonly phase?: unknown } {
  const { phase } = block as { readonly phase?: unknown };
  return phase === undefined ? {} : { phase };
}

function moreOf(block: ToolCallBlock): JsonObject {
  const { openai } = block as { readonly openai?: unknown };
  return isJsonObject(openai) ? openai : {};
}

function partsOf(blocks: readonly ContentBlock[]): JsonObject[] {
  return blocks.flatMap<JsonObject>((block) => {
    if (block.type === "text") return block.text === "" ? [] : [{ type: "input_text", text: block.text }];
    return block.type === "image" ? [{ type: "input_image", image_url: imageUrl(block), detail: "auto" }] : [];
  });
}

/** Text alone is sent as such: not every server takes a list. */
function plain(parts: readonly JsonObject[]): unknown {
  return parts.every(({ type }) => type === "input_text") ? parts.map(({ text }) => text).join("") : parts;
}

function imageUrl({ source }: ImageBlock): string {
  return source.type === "url" ? source.url : `data:${source.media_type};base64,${source.data}`;
}

/** Without calls that have no output: the API refuses them. Nobody here runs those of some of its own tools. */
function answered(items: readonly JsonObject[]): JsonObject[] {
  const outputs = items.filter(({ type }) => typeof type === "string" && type.endsWith("_output"));
  const ids = new Set(outputs.map((item) => item["call_id"]));
  return items.filter((item) => {
    const { type, call_id: id } = item;
    const asks = typeof id === "string" && typeof type === "string" && type.endsWith("_call");
    return !asks || ids.has(id);
  });
}

/** Without reasoning that nothing of its answer follows: the API refuses that too. */
function withoutLoneReasoning(items: readonly JsonObject[]): JsonObject[] {
  let isFollowed = false;
  return items
    .toReversed()
    .filter(({ type, role }) => {
      if (type === "reasoning") return isFollowed;
      isFollowed = role === "assistant" || (typeof type === "string" && !type.endsWith("_output"));
      return true;
    })
    .toReversed();
}
