/**
 * Owns making a provider that can only answer whole look like one that streams: each block of the answer is one delta.
 * Nothing pretends to be live: `getInfo().streams` is false, and events say `streamed: false`.
 */
import { AmplifierError } from "../errors/amplifier-error.ts";
import { LLMError } from "../errors/llm-error.ts";
import type { ChatRequest, ChatResponse, Degradation } from "../messages/chat.ts";
import type { ContentBlock, ToolCallBlock } from "../messages/content-block.ts";
import { ABORTED, untilAborted } from "../until-aborted.ts";
import type { BlockHead, Provider, ProviderEvent, ProviderWarning } from "./provider.ts";

/** A provider with Amplifier's `complete` instead of `stream`. */
export interface CompletingProvider extends Omit<Provider, "stream"> {
  /** Resolves with the whole answer. Aborting `signal` should end the call; it is not waited for. */
  complete(request: ChatRequest, options: { readonly signal: AbortSignal }): Promise<ChatResponse>;
}

/**
 * The provider itself if it streams, else a provider that asks its `complete`.
 * @throws AmplifierError `mount_failed` when it has neither
 */
export function adaptProvider(provider: Provider | CompletingProvider): Provider {
  if ("stream" in provider && typeof provider.stream === "function") return provider;
  const completing = provider as CompletingProvider;
  if (typeof completing.complete !== "function") {
    const message = `Provider "${completing.name}" has neither stream nor complete; it needs one of them.`;
    throw new AmplifierError("mount_failed", message, { data: { point: "providers", name: completing.name } });
  }
  return {
    name: completing.name,
    ...(completing.priority === undefined ? {} : { priority: completing.priority }),
    getInfo: () => ({ ...completing.getInfo(), streams: false }),
    listModels: () => completing.listModels(),
    stream: (request, options) => wholeAnswer(completing, { request, signal: options.signal }),
  };
}

async function* wholeAnswer(
  provider: CompletingProvider,
  { request, signal }: { readonly request: ChatRequest; readonly signal: AbortSignal },
): AsyncGenerator<readonly ProviderEvent[]> {
  signal.throwIfAborted();
  const response = await untilAborted(provider.complete(request, { signal }), signal);
  if (response === ABORTED) throw signal.reason;
  yield eventsOf(checked(response, provider.name));
}

function checked(response: ChatResponse, provider: string): ChatResponse {
  if (Array.isArray((response as Partial<ChatResponse> | null | undefined)?.content)) return response;
  const found = JSON.stringify(response)?.slice(0, 60) ?? typeof response;
  const message = `Provider "${provider}" answered ${found}; complete() must resolve with { content: [blocks], finish_reason }.`;
  throw new LLMError("LLMError", message, { provider });
}

function eventsOf(response: ChatResponse): readonly ProviderEvent[] {
  const blocks = [...response.content, ...callsBesideContent(response)];
  const callsTools = blocks.some(({ type }) => type === "tool_call");
  return [
    ...blocks.flatMap(blockEvents),
    ...(response.usage === undefined ? [] : [{ type: "usage" as const, usage: response.usage }]),
    ...(response.degradation === undefined ? [] : [degradationWarning(response.degradation)]),
    {
      type: "end",
      // Upstream's providers may leave it out.
      finish_reason: (response as Partial<ChatResponse>).finish_reason ?? (callsTools ? "tool_calls" : "stop"),
      ...(response.metadata === undefined ? {} : { metadata: response.metadata }),
    },
  ];
}

function degradationWarning({ requested, actual, reason }: Degradation): ProviderWarning {
  return { type: "warning", message: `Asked for ${requested}, the answer is ${actual}: ${reason}` };
}

// Upstream's providers may give a call as a block, in `tool_calls`, or both.
function callsBesideContent({ content, tool_calls = [] }: ChatResponse): readonly ToolCallBlock[] {
  const inContent = new Set(content.map((block) => (block.type === "tool_call" ? block.id : "")));
  return tool_calls
    .filter(({ id }) => !inContent.has(id))
    .map(({ id, name, arguments: input }) => ({ type: "tool_call", id, name, input }));
}

function blockEvents(block: ContentBlock, index: number): readonly ProviderEvent[] {
  const delta = deltaOf(block);
  return [
    { type: "block_start", index, block: headOf(block) },
    ...(delta === "" ? [] : [{ type: "block_delta" as const, index, delta }]),
    { type: "block_end", index, block },
  ];
}

function headOf(block: ContentBlock): BlockHead {
  return block.type === "tool_call" ? { type: "tool_call", id: block.id, name: block.name } : { type: block.type };
}

function deltaOf(block: ContentBlock): string {
  if (block.type === "text") return block.text;
  if (block.type === "thinking") return block.thinking;
  return block.type === "tool_call" ? JSON.stringify(block.input) : "";
}
