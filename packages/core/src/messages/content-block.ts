/**
 * Owns the content blocks a message is made of, in Amplifier's wire form (snake_case, discriminated by `type`).
 * Blocks are plain JSON and never change once they are stored; unknown extra fields are kept by whoever passes them on.
 */

/** Who may see a block; absent means everybody. Source: Amplifier's message models. */
export type Visibility = "internal" | "developer" | "user";

interface BlockFields {
  readonly visibility?: Visibility;
  /** The block was cut off by a stop or a broken stream: what is here is what had come. */
  readonly interrupted?: true;
}

/** Where an opaque value came from: only an adapter of the same provider and model may send it back. */
export interface Origin {
  readonly provider?: string;
  readonly model?: string;
}

/** Text the user or the model wrote. */
export interface TextBlock extends BlockFields {
  readonly type: "text";
  readonly text: string;
}

/** The model's reasoning in clear text; `signature` is what its API needs to take the block back. */
export interface ThinkingBlock extends BlockFields, Origin {
  readonly type: "thinking";
  readonly thinking: string;
  readonly signature?: string;
  /** What else its provider needs to take it back, in the provider's own form. */
  readonly content?: readonly unknown[];
}

/** Reasoning its provider has encrypted whole. */
export interface RedactedThinkingBlock extends BlockFields, Origin {
  readonly type: "redacted_thinking";
  readonly data: string;
}

/** The model asks for a tool. `input` is the parsed JSON object; an interrupted call has `{}`. */
export interface ToolCallBlock extends BlockFields {
  readonly type: "tool_call";
  readonly id: string;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** The argument text as it came, only when it was not a JSON object: the call is then never run. */
  readonly raw_arguments?: string;
}

/** A tool's result inside a message of another role (stored tool messages carry their text instead). */
export interface ToolResultBlock extends BlockFields {
  readonly type: "tool_result";
  readonly tool_call_id: string;
  readonly output: unknown;
}

/** Where the bytes of an image are: inline base64 with a media type, or a URL the provider fetches. */
export type ImageSource =
  | { readonly type: "base64"; readonly media_type: string; readonly data: string }
  | { readonly type: "url"; readonly url: string };

/** An image for the model to look at. */
export interface ImageBlock extends BlockFields {
  readonly type: "image";
  readonly source: ImageSource;
}

/** Reasoning items of the OpenAI family: text parts and summaries, in order. */
export interface ReasoningBlock extends BlockFields, Origin {
  readonly type: "reasoning";
  readonly content: readonly unknown[];
  readonly summary: readonly unknown[];
}

/** Anything else a provider sent and wants back untouched (a server tool's call, a compaction item ...). */
export interface OpaqueBlock extends BlockFields, Origin {
  readonly type: "opaque";
  readonly data: Readonly<Record<string, unknown>>;
}

/** One block of a message. */
export type ContentBlock =
  | TextBlock
  | ThinkingBlock
  | RedactedThinkingBlock
  | ToolCallBlock
  | ToolResultBlock
  | ImageBlock
  | ReasoningBlock
  | OpaqueBlock;

/** What a user may send: one string, or blocks (text and images) in reading order. */
export type Prompt = string | readonly ContentBlock[];

/** Whether a prompt says nothing: blank text, no blocks, or blocks of blank text only. Anything that is no prompt is empty. */
export function isEmptyPrompt(prompt: Prompt): boolean {
  if (typeof prompt === "string") return prompt.trim() === "";
  return (
    !Array.isArray(prompt) || prompt.every((block: ContentBlock) => block.type === "text" && block.text.trim() === "")
  );
}

/** The text of all text blocks, joined without a separator, as a consumer that prints deltas sees it. */
export function textOf(content: Prompt): string {
  if (typeof content === "string") return content;
  let text = "";
  for (const block of content) if (block.type === "text") text += block.text;
  return text;
}
