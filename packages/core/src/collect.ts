/**
 * Owns the way from a provider's stream to a whole answer, written once: `complete` is `collect(stream())`.
 */
import type { ChatResponse, ToolCall } from "./messages/chat.ts";
import type { ContentBlock } from "./messages/content-block.ts";
import type { Usage } from "./messages/usage.ts";
import type { AnswerEnd, ProviderEvent } from "./ports/provider.ts";
import { LLMError } from "./errors/llm-error.ts";

/**
 * Drains a provider's stream into a response. Blocks are in order of their index.
 * @throws LLMError whatever the stream throws; `StreamError` when it ends without its `end` event.
 */
export async function collect(stream: AsyncIterable<readonly ProviderEvent[]>): Promise<ChatResponse> {
  const blocks: ContentBlock[] = [];
  let usage: Usage | undefined;
  let end: AnswerEnd | undefined;
  for await (const batch of stream) {
    for (const event of batch) {
      if (event.type === "block_end") blocks[event.index] = event.block;
      else if (event.type === "usage") usage = event.usage;
      else if (event.type === "end") end = event;
    }
  }
  if (end === undefined)
    throw new LLMError("StreamError", "The model's stream stopped before its answer was finished.");
  const content = blocks.filter((block) => block !== undefined);
  const toolCalls = content.flatMap<ToolCall>((block) =>
    block.type === "tool_call" ? [{ id: block.id, name: block.name, arguments: block.input }] : [],
  );
  return {
    content,
    finish_reason: end.finish_reason,
    ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
    ...(usage === undefined ? {} : { usage }),
    ...(end.metadata === undefined ? {} : { metadata: end.metadata }),
  };
}
