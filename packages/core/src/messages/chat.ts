/**
 * Owns one call of a model: the request the loop hands to a provider and the response it adds up to.
 * Wire form is Amplifier's; a provider's adapter translates it and nothing else does.
 */
import type { JsonSchema } from "../schema/json-schema.ts";
import type { ContentBlock } from "./content-block.ts";
import type { Message } from "./message.ts";
import type { Usage } from "./usage.ts";

/** A tool as the model is told of it. Extra keys belong to native tools of a provider. */
export interface ToolSpec {
  readonly name: string;
  readonly description?: string;
  /** JSON Schema of the input object. */
  readonly parameters: JsonSchema;
}

/** A call of a tool by the model, its arguments parsed. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** Whether and which tool the model has to call. */
export type ToolChoice = "auto" | "none" | "required" | { readonly name: string };

/** The form the answer must have: free text, any JSON object, or JSON of a schema. */
export type ResponseFormat =
  | { readonly type: "text" }
  | { readonly type: "json_object" }
  | { readonly type: "json_schema"; readonly name?: string; readonly schema: JsonSchema; readonly strict?: boolean };

/** How hard the model should think. Values are passed on; what a model takes is its provider's business. */
export type ReasoningEffort = "none" | "minimal" | "low" | "medium" | "high" | "xhigh";

/** What the caller of one turn may set for its model calls. */
export interface CallOptions {
  readonly model?: string;
  readonly temperature?: number;
  /** Tokens the model may answer with. */
  readonly max_output_tokens?: number;
  readonly tool_choice?: ToolChoice;
  readonly response_format?: ResponseFormat;
}

/** One call of a model. Messages are in order of the conversation; a leading `system` message is the system prompt. */
export interface ChatRequest extends CallOptions {
  readonly messages: readonly Message[];
  readonly tools?: readonly ToolSpec[];
  readonly top_p?: number;
  readonly stop?: readonly string[];
  readonly reasoning_effort?: ReasoningEffort;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Why the model stopped. `pause`: it asks to be called again as is; `unknown`: a word its adapter does not know. */
export type FinishReason = "stop" | "length" | "tool_calls" | "content_filter" | "refusal" | "pause" | "unknown";

/** A whole answer of a model. */
export interface ChatResponse {
  readonly content: readonly ContentBlock[];
  readonly tool_calls?: readonly ToolCall[];
  readonly usage?: Usage;
  readonly finish_reason: FinishReason;
  readonly metadata?: Readonly<Record<string, unknown>>;
}
