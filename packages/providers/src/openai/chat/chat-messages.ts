/**
 * Owns the way from our conversation to Chat Completions messages. What the API has no place for is left out: thinking
 * (only DeepSeek and Moonshot want theirs back) and opaque blocks of any provider.
 */
import { textOf, type ContentBlock, type ImageBlock, type Message, type ToolCallBlock } from "amplifier-core";
import { blocksOf } from "../../conversation.ts";
import { withSafeCalls } from "../../safe-calls.ts";

/** A part of a user's message. */
export type ChatPart =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "image_url"; readonly image_url: { readonly url: string } };

/** A call the assistant made; `arguments` is JSON text of an object. */
export interface ChatToolCall {
  readonly id: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: string };
}

/** One message as the API takes it. */
export type ChatMessage =
  | { readonly role: "system" | "developer"; readonly content: string }
  | { readonly role: "user"; readonly content: string | readonly ChatPart[] }
  | {
      readonly role: "assistant";
      readonly content: string | null;
      readonly reasoning_content?: string;
      readonly tool_calls?: readonly ChatToolCall[];
    }
  | { readonly role: "tool"; readonly tool_call_id: string; readonly content: string };

type UserMessage = Extract<ChatMessage, { role: "user" }>;

/** What OpenAI takes; ids may have any character, and some servers want theirs back as they gave them. */
const CALL_RULES = {
  id: { refused: /\p{Cc}/gu, maxLength: 40 },
  name: { refused: /[^a-zA-Z0-9_-]/g, maxLength: 64 },
};

/**
 * Translates a conversation, in order. Neighbouring user messages become one; messages left empty are skipped. With
 * `reasoningOf` every assistant message says what the provider of that name thought, or that it thought nothing.
 */
export function toChatMessages(
  messages: readonly Message[],
  options: { readonly reasoningOf?: string | undefined } = {},
): ChatMessage[] {
  const result: ChatMessage[] = [];
  const add = (next: ChatMessage): void => {
    const last = result.at(-1);
    if (last?.role === "user" && next.role === "user") result[result.length - 1] = joined(last, next);
    else result.push(next);
  };
  // A tool message takes text only, and nothing may stand between those of one answer: their images follow.
  let images: ChatPart[] = [];
  const addImages = (): void => {
    if (images.length > 0) add({ role: "user", content: images });
    images = [];
  };
  for (const message of withSafeCalls(messages, CALL_RULES)) {
    if (message.role === "tool") images.push(...imagesOf(message));
    else addImages();
    for (const next of toMessages(message, options.reasoningOf)) add(next);
  }
  addImages();
  return result;
}

function imagesOf({ tool_call_id: id, content }: Message): ChatPart[] {
  if (typeof content === "string") return [];
  return content.flatMap<ChatPart>((block) =>
    block.type === "image"
      ? [
          { type: "text", text: `Image in the result of call ${id}:` },
          { type: "image_url", image_url: { url: imageUrl(block) } },
        ]
      : [],
  );
}

function toMessages(message: Message, reasoningOf: string | undefined): ChatMessage[] {
  switch (message.role) {
    case "system":
    case "developer":
      return withText(textOf(message.content), (content) => ({
        role: message.role as "system" | "developer",
        content,
      }));
    case "assistant":
      return toAssistant(blocksOf(message), reasoningOf);
    case "tool":
    case "function":
      return [{ role: "tool", tool_call_id: message.tool_call_id ?? "", content: resultText(message.content) }];
    case "user":
      return toUser(blocksOf(message));
    default:
      message.role satisfies never;
      return [];
  }
}

function resultText(content: Message["content"]): string {
  const hasImage = typeof content !== "string" && content.some(({ type }) => type === "image");
  return textOf(content) || (hasImage ? "The result is an image, which follows." : "");
}

function toAssistant(blocks: readonly ContentBlock[], reasoningOf: string | undefined): ChatMessage[] {
  const content = textOf(blocks);
  const calls = blocks.filter((block) => block.type === "tool_call").map(toToolCall);
  if (content === "" && calls.length === 0) return [];
  return [
    {
      role: "assistant",
      content: content === "" ? null : content,
      ...(reasoningOf === undefined ? {} : { reasoning_content: reasoningIn(blocks, reasoningOf) }),
      ...(calls.length === 0 ? {} : { tool_calls: calls }),
    },
  ];
}

/** What was thought to its end by this provider. */
function reasoningIn(blocks: readonly ContentBlock[], provider: string): string {
  const own = blocks.filter(
    (block) => block.type === "thinking" && block.provider === provider && block.interrupted !== true,
  );
  return own.map((block) => (block.type === "thinking" ? block.thinking : "")).join("");
}

function toToolCall(block: ToolCallBlock): ChatToolCall {
  // Arguments that were no object, or were cut off, are not repeated: servers refuse what they cannot parse.
  const input = block.raw_arguments === undefined && block.interrupted !== true ? block.input : {};
  return { id: block.id, type: "function", function: { name: block.name, arguments: JSON.stringify(input) } };
}

function toUser(blocks: readonly ContentBlock[]): ChatMessage[] {
  const results: ChatMessage[] = [];
  const parts: ChatPart[] = [];
  for (const block of blocks) {
    if (block.type === "text" && block.text !== "") parts.push({ type: "text", text: block.text });
    else if (block.type === "image") parts.push({ type: "image_url", image_url: { url: imageUrl(block) } });
    else if (block.type === "tool_result") {
      const content = typeof block.output === "string" ? block.output : JSON.stringify(block.output ?? null);
      results.push({ role: "tool", tool_call_id: block.tool_call_id, content });
    }
  }
  const [only] = parts;
  if (only === undefined) return results;
  return [...results, { role: "user", content: parts.length === 1 && only.type === "text" ? only.text : parts }];
}

function imageUrl({ source }: ImageBlock): string {
  return source.type === "url" ? source.url : `data:${source.media_type};base64,${source.data}`;
}

/** Two messages of the user as one: text joined by a blank line, anything else as parts in order. */
function joined(first: UserMessage, second: UserMessage): UserMessage {
  if (typeof first.content === "string" && typeof second.content === "string") {
    return { role: "user", content: `${first.content}\n\n${second.content}` };
  }
  return { role: "user", content: [...partsOf(first.content), ...partsOf(second.content)] };
}

function partsOf(content: UserMessage["content"]): readonly ChatPart[] {
  return typeof content === "string" ? [{ type: "text", text: content }] : content;
}

function withText(text: string, make: (text: string) => ChatMessage): ChatMessage[] {
  return text === "" ? [] : [make(text)];
}
