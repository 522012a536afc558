/**
 * Owns the body of a Responses call: which parameters are sent, and which this model would refuse. Nothing is stored at the
 * server, so reasoning comes sealed and goes back with the next call. What had to be left out is said in `warnings`.
 */
import type { ChatRequest, ReasoningEffort, ResponseFormat, ToolChoice, ToolSpec } from "amplifier-core";
import { splitConversation } from "../../conversation.ts";
import type { JsonObject } from "../../json/json-object.ts";
import type { OpenAISettings } from "../openai-config.ts";
import { toResponsesInput } from "./responses-input.ts";
import { nearestEffort, responsesTraits, type ResponsesTraits } from "./responses-traits.ts";

/** A call ready to be sent. */
export interface ResponsesRequest {
  readonly model: string;
  readonly body: JsonObject;
  readonly warnings: readonly string[];
  /** It asks for summaries of the model's reasoning. */
  readonly asksForSummary: boolean;
}

/** Translates a request; its own fields win over `settings`. */
export function toResponsesRequest(request: ChatRequest, settings: OpenAISettings): ResponsesRequest {
  const model = request.model ?? settings.model;
  const traits = responsesTraits(model, settings.isOpenAI);
  const { system, messages } = splitConversation(request.messages);
  const warnings: string[] = [];
  const reasoning = reasoningOf({ request, settings, traits, warnings });
  const body = {
    model,
    instructions: system === "" ? undefined : system,
    input: toResponsesInput(messages, { provider: settings.name, model }),
    ...toolFields(request),
    text: request.response_format && { format: toFormat(request.response_format) },
    reasoning,
    include: traits.reasons === true ? ["reasoning.encrypted_content"] : undefined,
    ...samplingFields({ request, settings, thinks: traits.reasons === true && reasoning?.effort !== "none", warnings }),
    max_output_tokens: request.max_output_tokens ?? settings.maxOutputTokens,
    prompt_cache_key: settings.isOpenAI ? request.conversation_id : undefined,
    store: false,
    stream: true,
  };
  if ((request.stop ?? []).length > 0) warnings.push("stop left out: the Responses API has none.");
  return { model, body, warnings, asksForSummary: reasoning?.summary !== undefined };
}

interface Parts {
  readonly request: ChatRequest;
  readonly settings: OpenAISettings;
  readonly warnings: string[];
}

/** Summaries are asked for: without them the stream would stand still while the model thinks. */
function reasoningOf({
  request,
  settings,
  traits,
  warnings,
}: Parts & { readonly traits: ResponsesTraits }):
  | { readonly effort?: ReasoningEffort; readonly summary?: string }
  | undefined {
  const wish = request.reasoning_effort ?? settings.reasoningEffort;
  if (traits.reasons === false) {
    if (wish !== undefined && wish !== "none")
      warnings.push(`reasoning_effort left out: ${request.model ?? settings.model} does not reason.`);
    return undefined;
  }
  const effort = wish === undefined ? {} : { effort: nearestEffort(traits, wish) };
  const isSilent = settings.reasoningSummary === "none" || traits.reasons !== true || effort.effort === "none";
  const summary = isSilent ? {} : { summary: settings.reasoningSummary };
  const reasoning = { ...effort, ...summary };
  return Object.keys(reasoning).length === 0 ? undefined : reasoning;
}

function samplingFields({ request, settings, thinks, warnings }: Parts & { readonly thinks: boolean }): JsonObject {
  const fields = { temperature: request.temperature ?? settings.temperature, top_p: request.top_p };
  if (!thinks) return fields;
  const names = Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (names.length > 0)
    warnings.push(`${names.join(" and ")} left out: ${request.model ?? settings.model} takes none while it reasons.`);
  return {};
}

function toolFields({ tools = [], tool_choice: choice }: ChatRequest): JsonObject {
  if (tools.length === 0) return {};
  return { tools: tools.map(toTool), tool_choice: choice === undefined ? undefined : toToolChoice(choice, tools) };
}

function toTool(tool: ToolSpec): JsonObject {
  if (tool.type === undefined) {
    const { name, description, parameters } = tool;
    // Unless told otherwise the API makes every parameter a required one.
    return { type: "function", name, description, parameters, strict: false };
  }
  const { name, ...native } = tool;
  // The API's own tools have no name, and it refuses one; custom tools are called by theirs.
  return NAMED.has(tool.type) ? { ...native, name } : native;
}

const NAMED: ReadonlySet<string> = new Set(["custom", "function", "namespace"]);

function toToolChoice(choice: ToolChoice, tools: readonly ToolSpec[]): unknown {
  if (typeof choice === "string") return choice;
  const type = tools.find(({ name }) => name === choice.name)?.type ?? "function";
  return NAMED.has(type) ? { type, name: choice.name } : { type };
}

function toFormat(format: ResponseFormat): JsonObject {
  if (format.type !== "json_schema") return { type: format.type };
  const { name = "answer", schema, strict } = format;
  return { type: "json_schema", name, schema, strict };
}
