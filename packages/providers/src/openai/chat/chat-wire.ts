/**
 * Owns the shape of what Chat Completions servers send, as far as we read it. Every field may be missing or null: the
 * servers differ, and fields we do not know are ignored. Source: OpenAI's API reference, and recorded streams.
 */

/** One payload of the stream. */
export interface ChatChunk {
  readonly id?: string | null;
  readonly model?: string | null;
  readonly object?: string | null;
  readonly system_fingerprint?: string | null;
  readonly choices?: readonly ChatChoice[] | null;
  readonly usage?: ChatUsage | null;
  /** Groq's place for the usage. */
  readonly x_groq?: { readonly usage?: ChatUsage | null } | null;
  readonly error?: unknown;
}

/** The one answer of a call; we never ask for several. */
export interface ChatChoice {
  readonly index?: number;
  readonly delta?: ChatDelta | null;
  readonly finish_reason?: string | null;
}

/** What one payload adds to the answer. */
export interface ChatDelta {
  readonly content?: string | readonly ContentPart[] | null;
  /** DeepSeek, xAI, vLLM, llama.cpp. */
  readonly reasoning_content?: string | null;
  /** Groq, OpenRouter, Ollama. */
  readonly reasoning?: string | null;
  readonly refusal?: string | null;
  readonly tool_calls?: readonly ToolCallFragment[] | null;
}

/** Mistral's form of content with reasoning in it. */
export interface ContentPart {
  readonly type?: string;
  readonly text?: string;
  readonly thinking?: string | readonly ContentPart[];
}

/** A piece of a tool call. `arguments` is JSON text; some servers send the object itself. */
export interface ToolCallFragment {
  readonly index?: number | null;
  readonly id?: string | null;
  readonly function?: { readonly name?: string | null; readonly arguments?: unknown } | null;
}

/** Token counts. */
export interface ChatUsage {
  readonly prompt_tokens?: number | null;
  readonly completion_tokens?: number | null;
  readonly total_tokens?: number | null;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number | null } | null;
  readonly completion_tokens_details?: { readonly reasoning_tokens?: number | null } | null;
  /** DeepSeek's older place for cached tokens. */
  readonly prompt_cache_hit_tokens?: number | null;
}
