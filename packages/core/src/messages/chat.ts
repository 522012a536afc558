/**
 * Owns one call of a model: the request the loop hands to a provider and the response it adds up to.
 * Wire form is Amplifier's; a provider's adapter translates it and nothing else does.
 */
import type { JsonSchema } from "../schema/json-schema.ts";
import type { ContentBlock } from "./content-block.ts";
import type { Message } from "./message.ts";
import type { Usage } from "./usage.ts";

/** A tool as the model is told of it: a function, or one of the provider's own kinds. */
export type ToolSpec = FunctionToolSpec | NativeToolSpec;

/** A function with the JSON Schema of its input object. */
export interface FunctionToolSpec {
  readonly name: string;
  readonly description?: string;
  readonly parameters: JsonSchema;
  readonly type?: undefined;
}

/** A tool of a kind that its provider defines; an adapter of that provider sends it as it is. */
export interface NativeToolSpec {
  readonly name: string;
  readonly type: string;
  readonly [field: string]: unknown;
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
  /** For providers that keep a conversation or a cache by its name. */
  readonly conversation_id?: string;
  /** Wish of somebody who wants the answer whole. The loop always streams. */
  readonly stream?: boolean;
  /** Seconds a provider may take. The loop has its own limits beside it. */
  readonly timeout?: number;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Why the model stopped. `pause`: it asks to be called again as is; `unknown`: a word its adapter does not know. */
export type FinishReason = "stop" | "length" | "tool_calls" | "content_filter" | "refusal" | "pause" | "unknown";

/** A provider could not do what was asked for and did something like it. */
export interface Degradation {
  readonly requested: string;
  readonly actual: string;
  readonly reason: string;
}

/** A whole answer of a model. */
export interface ChatResponse {
  readonly content: readonly ContentBlock[];
  readonly tool_calls?: readonly ToolCall[];
  readonly usage?: Usage;
  readonly degradation?: Degradation;
  readonly finish_reason: FinishReason;
  readonly metadata?: Readonly<Record<string, unknown>>;
}
