/**
 * Owns the body of a Chat Completions call. Only fields somebody asked for are sent: many servers refuse what they do not
 * know.
 */
import type { ChatRequest, ReasoningEffort, ResponseFormat, ToolChoice, ToolSpec } from "amplifier-core";
import { toChatMessages } from "./chat-messages.ts";
import type { OpenAISettings } from "./openai-config.ts";

/**
 * OpenAI's models that take function tools on Chat Completions only with `reasoning_effort: "none"`, said or not said.
 * Left out are those that know no `none` (Astra, GPT-6.1): the server's own error says what to do there.
 */
const TOOLS_NEED_NO_REASONING = /^gpt-(5\.[4-9]|6-(sol|luna))(-|$)/;

/** Builds the body. `request` wins over `settings`. Plain JSON, ready to be written. */
export function toChatBody(request: ChatRequest, settings: OpenAISettings): Readonly<Record<string, unknown>> {
  const tools = request.tools ?? [];
  const model = request.model ?? settings.model;
  return withoutUndefined({
    model,
    messages: toChatMessages(request.messages),
    tools: tools.length > 0 ? tools.map(toTool) : undefined,
    tool_choice: tools.length > 0 && request.tool_choice !== undefined ? toToolChoice(request.tool_choice) : undefined,
    response_format: request.response_format === undefined ? undefined : toResponseFormat(request.response_format),
    temperature: request.temperature ?? settings.temperature,
    top_p: request.top_p,
    stop: request.stop,
    [settings.maxTokensField]: request.max_output_tokens ?? settings.maxOutputTokens,
    reasoning_effort: reasoningEffort(request.reasoning_effort ?? settings.reasoningEffort, {
      needsNone: settings.isOpenAI && tools.length > 0 && TOOLS_NEED_NO_REASONING.test(model),
    }),
    stream: true,
    stream_options: { include_usage: true },
  });
}

function reasoningEffort(
  effort: ReasoningEffort | undefined,
  { needsNone }: { needsNone: boolean },
): string | undefined {
  return needsNone ? "none" : effort;
}

function toTool(tool: ToolSpec): unknown {
  const { name, description, parameters } = tool;
  return { type: "function", function: withoutUndefined({ name, description, parameters }) };
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
