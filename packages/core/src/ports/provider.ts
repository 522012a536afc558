/**
 * Owns the port to a model. A provider translates one `ChatRequest` into its API's call and the API's stream into
 * `ProviderEvent`s; it keeps no conversation, runs no tools and, unless it says so, retries nothing.
 */
import type { ChatRequest, FinishReason } from "../messages/chat.ts";
import type { ContentBlock } from "../messages/content-block.ts";
import type { Usage } from "../messages/usage.ts";

/** What a provider is, known without asking anybody. */
export interface ProviderInfo {
  readonly id: string;
  /** For people: "Anthropic", "Local model". */
  readonly displayName: string;
  /** The model used when a request names none; null when the server decides. */
  readonly defaultModel: string | null;
  /** It retries by itself, so the loop gives it one attempt. */
  readonly retries?: boolean;
  /** Its first token may take as long as the turn may: a model on this machine, or one that always thinks first. */
  readonly slowStart?: boolean;
  /** Tools do not work with it; the loop sends none. */
  readonly tools?: boolean;
  /** False when answers come whole: `complete` adapted, marked `streamed: false` in events. */
  readonly streams?: boolean;
}

/** A model a provider offers. Token counts; prices in US dollars per million tokens as decimal strings. */
export interface ModelInfo {
  readonly id: string;
  readonly displayName?: string;
  readonly contextWindow?: number;
  readonly maxOutputTokens?: number;
  /** It continues an assistant message that ends the conversation. */
  readonly supportsPrefill?: boolean;
  readonly pricing?: { readonly input: string; readonly output: string };
}

/** What opens a block: enough to show it before its content comes. */
export type BlockHead =
  | { readonly type: "text" }
  | { readonly type: "thinking" }
  | { readonly type: "tool_call"; readonly id: string; readonly name: string }
  | { readonly type: Exclude<ContentBlock["type"], "text" | "thinking" | "tool_call"> };

/** `index` counts the answer's blocks from 0 in order of their start; several blocks may be open at once. */
export interface BlockStart {
  readonly type: "block_start";
  readonly index: number;
  readonly block: BlockHead;
}

/** A fragment as it came, never empty. For a tool call it is JSON text. Only text, thinking and tool_call have them. */
export interface BlockDelta {
  readonly type: "block_delta";
  readonly index: number;
  readonly delta: string;
}

/** The whole block, which may say more than its deltas did (signatures). A tool call may start to run now. */
export interface BlockEnd {
  readonly type: "block_end";
  readonly index: number;
  readonly block: ContentBlock;
}

/** Tokens so far; the last one counts. */
export interface UsageReport {
  readonly type: "usage";
  readonly usage: Usage;
}

/** The answer is whole: always the last event. `metadata` is stored with the message and handed back. */
export interface AnswerEnd {
  readonly type: "end";
  readonly finish_reason: FinishReason;
  readonly model?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Something the adapter had to ignore or mend; shown to people, not to the model. */
export interface ProviderWarning {
  readonly type: "warning";
  readonly message: string;
}

/** What a provider streams. Order: per block start, deltas, end; every started block ends before `end`. */
export type ProviderEvent = BlockStart | BlockDelta | BlockEnd | UsageReport | AnswerEnd | ProviderWarning;

/** A model behind some API, or in this process. */
export interface Provider {
  readonly name: string;
  /** Smaller is asked first; 100 when absent. */
  readonly priority?: number;
  getInfo(): ProviderInfo;
  listModels(): Promise<readonly ModelInfo[]>;
  /**
   * Streams one answer. Each yielded array holds all events that one network read completed. Ends with one `end` event
   * or throws an `LLMError`; a stream that stops without its finish is a `StreamError`, never a short answer. Aborting
   * `signal` closes the connection at once and makes the iteration throw.
   */
  stream(request: ChatRequest, options: { readonly signal: AbortSignal }): AsyncIterable<readonly ProviderEvent[]>;
}
