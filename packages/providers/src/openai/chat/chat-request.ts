/**
 * Owns the body of a Chat Completions call. Only fields somebody asked for are sent: many servers refuse what they do not
 * know.
 */
import type {
  ChatRequest,
  NativeToolSpec,
  ReasoningEffort,
  ResponseFormat,
  ToolChoice,
  ToolSpec,
} from "amplifier-core";
import { toChatMessages } from "./chat-messages.ts";
import type { OpenAISettings } from "../openai-config.ts";

/**
 * OpenAI's models that take function tools on Chat Completions only with `reasoning_effort: "none"`, said or not said.
 * Left out are those that know no `none` (Astra, GPT-6.1): the server's own error says what to do there.
 */
const TOOLS_NEED_NO_REASONING = /^gpt-(5\.[4-9]|6-(sol|luna))(-|$)/;

/** Builds the body. `request` wins over `settings`. Plain JSON, ready to be written. */
export function toChatBody(request: ChatRequest, settings: OpenAISettings): Readonly<Record<string, unknown>> {
  const reasoningOf = settings.returnReasoning ? settings.name : undefined;
  return withoutUndefined({
    model: request.model ?? settings.model,
    messages: toChatMessages(request.messages, { reasoningOf }),
    ...toolFields(request),
    response_format: request.response_format && toResponseFormat(request.response_format),
    temperature: request.temperature ?? settings.temperature,
    top_p: request.top_p,
    stop: request.stop,
    [settings.maxTokensField]: request.max_output_tokens ?? settings.maxOutputTokens,
    reasoning_effort: refusesReasoning(request, settings) ? "none" : wantedEffort(request, settings),
    stream: true,
    stream_options: { include_usage: true },
  });
}

/** What to tell people about a request that cannot be sent as it was asked for; null when it can. */
export function requestWarning(request: ChatRequest, settings: OpenAISettings): string | null {
  const effort = wantedEffort(request, settings) ?? "none";
  if (effort === "none" || !refusesReasoning(request, settings)) return null;
  const model = request.model ?? settings.model;
  return `${model} takes tools on Chat Completions only without reasoning: reasoning_effort ${effort} was not sent.`;
}

function wantedEffort(request: ChatRequest, settings: OpenAISettings): ReasoningEffort | undefined {
  return request.reasoning_effort ?? settings.reasoningEffort;
}

function refusesReasoning(request: ChatRequest, settings: OpenAISettings): boolean {
  const hasTools = (request.tools ?? []).length > 0;
  return settings.isOpenAI && hasTools && TOOLS_NEED_NO_REASONING.test(request.model ?? settings.model);
}

function toolFields({ tools, tool_choice: choice }: ChatRequest): Readonly<Record<string, unknown>> {
  if (tools === undefined || tools.length === 0) return {};
  return { tools: tools.map(toTool), tool_choice: choice === undefined ? undefined : toToolChoice(choice) };
}

function toTool(tool: ToolSpec): unknown {
  if (tool.type !== undefined) return toNativeTool(tool);
  const { name, description, parameters } = tool;
  return { type: "function", function: withoutUndefined({ name, description, parameters }) };
}

// The API's own tools have their name inside, under their type.
function toNativeTool({ name: _name, ...native }: NativeToolSpec): unknown {
  return native;
}

function toToolChoice(choice: ToolChoice): unknown {
  return typeof choice === "string" ? choice : { type: "function", function: { name: choice.name } };
}

function toResponseFormat(format: ResponseFormat): unknown {
  if (format.type !== "json_schema") return { type: format.type };
  const { name = "answer", schema, strict } = format;
  return { type: "json_schema", json_schema: withoutUndefined({ name, schema, strict }) };
}

function withoutUndefined(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
