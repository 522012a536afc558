/**
 * Owns the body of a `POST /v1/messages`: which parameters are sent, and which this model would refuse. What had to be
 * left out is said in `warnings`; what the API has no form for at all is a `ConfigurationError`.
 */
import { LLMError, type ChatRequest, type ReasoningEffort, type ToolChoice, type ToolSpec } from "amplifier-core";
import { isJsonObject, type JsonObject } from "../json/json-object.ts";
import { type CacheLife, withCacheBreakpoints } from "./cache-breakpoints.ts";
import { modelTraits, type ModelTraits } from "./model-traits.ts";
import { thinkingSettings, type ThinkingSettings } from "./thinking-settings.ts";
import { toWireMessages, type WireMessage } from "./to-wire-messages.ts";
import { ANTHROPIC, isThinking } from "./wire.ts";

/** What a plan sets for every call; a request's own fields win. */
export interface RequestDefaults {
  readonly model: string;
  readonly max_output_tokens?: number;
  readonly temperature?: number;
  readonly reasoning_effort?: ReasoningEffort;
  /** Tokens, for models that take a budget. */
  readonly thinking_budget?: number;
  /** How long the prompt is cached; absent: it is not. */
  readonly cache_life?: CacheLife;
  /** Tool input comes as it is made, and unchecked. */
  readonly eager_tool_input?: boolean;
}

/** A call ready to be sent. `betas` are names for the `anthropic-beta` header. */
export interface WireRequest {
  readonly model: string;
  readonly body: JsonObject;
  readonly betas: readonly string[];
  readonly warnings: readonly string[];
}

/** The most that is asked for unless somebody says so; the models' own limits are up to 128,000. */
const DEFAULT_MAX_TOKENS = 64_000;

/** Lets the API drop thinking whose past has changed (an ephemeral injection, a compaction) instead of refusing it. */
const DROP_UNBOUND_THINKING = {
  beta: "thinking-binding-controls-2026-08-01",
  setting: { block_binding: { prefix_mismatch_behavior: "drop_block" } },
};

/**
 * Translates a request.
 * @throws LLMError `ConfigurationError` for `response_format: json_object`, which this API does not have.
 */
export function toWireRequest(request: ChatRequest, defaults: RequestDefaults): WireRequest {
  const model = request.model ?? defaults.model;
  const traits = modelTraits(model);
  const { system, messages } = toWireMessages(request.messages, model);
  const maxTokens =
    request.max_output_tokens ?? defaults.max_output_tokens ?? Math.min(traits.maxOutputTokens, DEFAULT_MAX_TOKENS);
  const wish = {
    effort: request.reasoning_effort ?? defaults.reasoning_effort,
    budget: defaults.thinking_budget,
    maxTokens,
  };
  const settings = mayThink(traits, request, messages) ? thinkingSettings(traits, wish) : {};
  const binding = bindingFor(traits, settings, messages);
  const warnings: string[] = [];
  const body = {
    model,
    max_tokens: maxTokens,
    stream: true,
    ...(system === "" ? {} : { system }),
    messages,
    ...toolFields(request, defaults.eager_tool_input === true),
    ...(settings.thinking === undefined ? {} : { thinking: { ...settings.thinking, ...binding?.setting } }),
    ...outputConfig(request, settings, model),
    ...samplingFields({ request, defaults, traits, thinks: settings.thinking?.["type"] === "enabled", warnings }),
    ...otherFields(request),
  };
  const marked = defaults.cache_life === undefined ? body : withCacheBreakpoints(body, defaults.cache_life);
  return { model, body: marked, betas: binding === null ? [] : [binding.beta], warnings };
}

/**
 * Budgeted thinking has two conditions that an ordinary conversation can break: no forced tool, and in the middle of a
 * round of tools the answer that called them begins with its thinking (which another model's answer does not).
 */
function mayThink(traits: ModelTraits, request: ChatRequest, messages: readonly WireMessage[]): boolean {
  if (traits.thinking !== "budget") return true;
  const choice = request.tool_choice;
  if (choice === "required" || typeof choice === "object") return false;
  const [answer, results] = messages.slice(-2);
  if (answer?.role !== "assistant" || results?.content[0]?.["type"] !== "tool_result") return true;
  return isThinking(answer.content[0]);
}

function bindingFor(
  traits: ModelTraits,
  { thinking }: ThinkingSettings,
  messages: readonly WireMessage[],
): typeof DROP_UNBOUND_THINKING | null {
  if (!traits.boundThinking || thinking?.["type"] !== "adaptive") return null;
  return messages.some((message) => message.content.some(isThinking)) ? DROP_UNBOUND_THINKING : null;
}

function toolFields(
  { tools, tool_choice: choice }: ChatRequest,
  isEager: boolean,
): { readonly tools?: readonly JsonObject[]; readonly tool_choice?: JsonObject } {
  if (tools === undefined || tools.length === 0) return {};
  return {
    tools: tools.map((tool) => toWireTool(tool, isEager)),
    ...(choice === undefined ? {} : { tool_choice: toWireToolChoice(choice) }),
  };
}

/** Tools of the API itself have a `type` and go as they are. */
function toWireTool(tool: ToolSpec, isEager: boolean): JsonObject {
  if (tool.type !== undefined) return tool;
  const { name, description, parameters } = tool;
  return {
    name,
    ...(description === undefined ? {} : { description }),
    input_schema: parameters.type === undefined ? { type: "object", ...parameters } : parameters,
    ...(isEager ? { eager_input_streaming: true } : {}),
  };
}

function toWireToolChoice(choice: ToolChoice): JsonObject {
  if (typeof choice === "object") return { type: "tool", name: choice.name };
  return { type: choice === "required" ? "any" : choice };
}

function outputConfig(
  { response_format: format }: ChatRequest,
  { effort }: ThinkingSettings,
  model: string,
): JsonObject {
  if (format?.type === "json_object") {
    const message =
      'response_format is {"type":"json_object"}, which the Messages API does not have: give a schema ({"type":"json_schema", "schema": ...}).';
    throw new LLMError("ConfigurationError", message, { provider: ANTHROPIC, model });
  }
  const schema = format?.type === "json_schema" ? format.schema : undefined;
  if (effort === undefined && schema === undefined) return {};
  return {
    output_config: {
      ...(effort === undefined ? {} : { effort }),
      ...(schema === undefined ? {} : { format: { type: "json_schema", schema } }),
    },
  };
}

function samplingFields(given: {
  readonly request: ChatRequest;
  readonly defaults: RequestDefaults;
  readonly traits: ModelTraits;
  readonly thinks: boolean;
  readonly warnings: string[];
}): JsonObject {
  const { request, defaults, traits, thinks, warnings } = given;
  const temperature = request.temperature ?? defaults.temperature;
  const wanted = { ...(temperature === undefined ? {} : { temperature }), ...topP(request) };
  const names = Object.keys(wanted);
  if (names.length === 0 || (traits.sampling && !thinks)) return wanted;
  const why = thinks ? "takes none while it thinks" : "takes none";
  warnings.push(`${names.join(" and ")} left out: ${request.model ?? defaults.model} ${why}.`);
  return {};
}

function topP({ top_p }: ChatRequest): JsonObject {
  return top_p === undefined ? {} : { top_p };
}

function otherFields({ stop, metadata, messages }: ChatRequest): JsonObject {
  const user = metadata?.["user_id"];
  const container = containerOf(messages);
  return {
    ...(stop === undefined || stop.length === 0 ? {} : { stop_sequences: stop }),
    ...(typeof user === "string" ? { metadata: { user_id: user } } : {}),
    ...(container === undefined ? {} : { container }),
  };
}

/** The place where the model's own code runs, as its last answer named it: unfinished code goes on there. */
function containerOf(messages: ChatRequest["messages"]): string | undefined {
  const answer = messages.findLast((message) => message.role === "assistant");
  const ours = answer?.metadata?.[ANTHROPIC];
  const container = isJsonObject(ours) ? ours["container"] : undefined;
  const id = isJsonObject(container) ? container["id"] : undefined;
  return typeof id === "string" ? id : undefined;
}
