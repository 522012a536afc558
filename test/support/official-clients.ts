/**
 * What the vendors' own clients make of an answer, in one form with ours. Each asks the same question, streamed, and lets
 * its client add the answer up where it can; the words of stop reasons are translated by hand, from the vendors' pages.
 */
import Anthropic from "@anthropic-ai/sdk";
import { FinishReason, type FunctionCall, GoogleGenAI, type GenerateContentResponse } from "@google/genai";
import { collect, type ChatRequest, type ContentBlock, type Provider } from "amplifier-core";
import OpenAI from "openai";

/** An answer as its reader sees it. */
export interface SeenAnswer {
  readonly text: string;
  readonly thinking: string;
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: unknown }[];
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly stop: string;
}

const PROMPT = "How is the weather?";
const PARAMETERS = { type: "object" as const, properties: {} };
const TOOL = { name: "weather", description: "Tells the weather", parameters: PARAMETERS };
const KEY = "test";
// The first failure is what the test has to see.
const ONCE = { maxRetries: 0 };

/** What our provider makes of it. */
export async function askOurs(provider: Provider, model: string): Promise<SeenAnswer> {
  const request: ChatRequest = { model, messages: [{ role: "user", content: PROMPT }], tools: [TOOL] };
  const answer = await collect(provider.stream(request, { signal: new AbortController().signal }));
  return {
    text: joined(answer.content, (block) => (block.type === "text" ? block.text : "")),
    thinking: joined(answer.content, thoughtIn),
    calls: (answer.tool_calls ?? []).map(({ id, name, arguments: input }) => ({ id, name, input })),
    inputTokens: answer.usage?.input_tokens ?? Number.NaN,
    outputTokens: answer.usage?.output_tokens ?? Number.NaN,
    stop: answer.finish_reason,
  };
}

/** OpenAI's client, Chat Completions. `reasoning_content` is no field of OpenAI's, so it is read from the chunks. */
export async function askChat(baseURL: string, model: string): Promise<SeenAnswer> {
  const stream = new OpenAI({ baseURL, apiKey: KEY, ...ONCE }).chat.completions.stream({
    model,
    messages: [{ role: "user", content: PROMPT }],
    tools: [{ type: "function", function: TOOL }],
    stream_options: { include_usage: true },
  });
  let thinking = "";
  stream.on("chunk", ({ choices: [choice] }) => {
    const { reasoning_content = "" } = (choice?.delta ?? {}) as { reasoning_content?: string };
    thinking += reasoning_content;
  });
  const { choices, usage } = await stream.finalChatCompletion();
  const [choice] = choices;
  const calls = (choice?.message.tool_calls ?? []).flatMap((call) => (call.type === "function" ? [call] : []));
  return {
    text: choice?.message.content ?? "",
    thinking,
    calls: calls.map(({ id, function: { name, arguments: json } }) => ({ id, name, input: inputIn(json) })),
    inputTokens: usage?.prompt_tokens ?? Number.NaN,
    outputTokens: usage?.completion_tokens ?? Number.NaN,
    stop: choice?.finish_reason ?? "none",
  };
}

/** OpenAI's client, Responses. */
export async function askResponses(baseURL: string, model: string): Promise<SeenAnswer> {
  const stream = new OpenAI({ baseURL, apiKey: KEY, ...ONCE }).responses.stream({
    model,
    input: PROMPT,
    tools: [{ type: "function", ...TOOL, strict: false }],
  });
  const { output, output_text, usage, status, incomplete_details } = await stream.finalResponse();
  const calls = output.flatMap((item) => (item.type === "function_call" ? [item] : []));
  const whole = calls.length > 0 ? "tool_calls" : "stop";
  const cut = incomplete_details?.reason === "max_output_tokens" ? "length" : "content_filter";
  return {
    text: output_text,
    thinking: joined(output, (item) =>
      item.type === "reasoning" ? item.summary.map(({ text }) => text).join("") : "",
    ),
    calls: calls.map(({ call_id, name, arguments: json }) => ({ id: call_id, name, input: inputIn(json) })),
    inputTokens: usage?.input_tokens ?? Number.NaN,
    outputTokens: usage?.output_tokens ?? Number.NaN,
    stop: status === "completed" ? whole : cut,
  };
}

const ANTHROPIC_STOPS: Readonly<Record<string, string>> = {
  end_turn: "stop",
  max_tokens: "length",
  tool_use: "tool_calls",
};

/** Anthropic's client. */
export async function askAnthropic(baseURL: string, model: string): Promise<SeenAnswer> {
  const stream = new Anthropic({ baseURL, apiKey: KEY, ...ONCE }).messages.stream({
    model,
    max_tokens: 1000,
    messages: [{ role: "user", content: PROMPT }],
    tools: [{ name: TOOL.name, description: TOOL.description, input_schema: PARAMETERS }],
  });
  const { content, usage, stop_reason } = await stream.finalMessage();
  return {
    text: joined(content, (block) => (block.type === "text" ? block.text : "")),
    thinking: joined(content, (block) => (block.type === "thinking" ? block.thinking : "")),
    calls: content.flatMap((block) =>
      block.type === "tool_use" ? [{ id: block.id, name: block.name, input: block.input }] : [],
    ),
    inputTokens: usage.input_tokens + (usage.cache_read_input_tokens ?? 0),
    outputTokens: usage.output_tokens,
    stop: ANTHROPIC_STOPS[stop_reason ?? ""] ?? String(stop_reason),
  };
}

/** Google's client, which hands on chunks and adds nothing up. A call needs no id there. */
export async function askGemini(baseUrl: string, model: string): Promise<SeenAnswer> {
  const chunks = await new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl } }).models.generateContentStream({
    model,
    contents: PROMPT,
    config: {
      tools: [
        {
          functionDeclarations: [{ name: TOOL.name, description: TOOL.description, parametersJsonSchema: PARAMETERS }],
        },
      ],
    },
  });
  const seen: GenerateContentResponse[] = [];
  for await (const chunk of chunks) seen.push(chunk);
  const parts = seen.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []);
  const calls = parts.flatMap(({ functionCall }): FunctionCall[] => (functionCall === undefined ? [] : [functionCall]));
  const { promptTokenCount, candidatesTokenCount = 0, thoughtsTokenCount = 0 } = seen.at(-1)?.usageMetadata ?? {};
  const stop = seen.at(-1)?.candidates?.[0]?.finishReason;
  const whole = calls.length > 0 ? "tool_calls" : "stop";
  return {
    text: joined(parts, ({ text = "", thought }) => (thought === true ? "" : text)),
    thinking: joined(parts, ({ text = "", thought }) => (thought === true ? text : "")),
    calls: calls.map(({ id = "", name = "", args = {} }) => ({ id, name, input: args })),
    inputTokens: promptTokenCount ?? Number.NaN,
    outputTokens: candidatesTokenCount + thoughtsTokenCount,
    stop: stop === FinishReason.MAX_TOKENS ? "length" : whole,
  };
}

function thoughtIn(block: ContentBlock): string {
  return block.type === "thinking" ? block.thinking : "";
}

/** Arguments that were cut off are none: the call is never run. */
function inputIn(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return {};
  }
}

function joined<T>(items: readonly T[], textIn: (item: T) => string): string {
  return items.map(textIn).join("");
}
