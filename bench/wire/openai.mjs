/**
 * Owns the Chat Completions wire as OpenAI's servers send it, both ways: blocks to server-sent events (every field the
 * real chunks have, the random `obfuscation` too), and one parsed payload to what a plain client makes of it.
 */
const CHUNK = {
  id: "chatcmpl-D8Z5oo6uDh67AD85p73ksdT1KxhE0",
  object: "chat.completion.chunk",
  created: 1_770_933_892,
  model: "gpt-4.1-nano-2025-04-14",
  service_tier: "default",
  system_fingerprint: "fp_de604bd877",
};
const PADDING = "Qup1BsQ3yhjoJbEF";

/** Where requests go, behind the base address without `/v1`. */
export const path = "/v1/chat/completions";

/** What a plain client sends. */
export const request = {
  model: CHUNK.model,
  stream: true,
  stream_options: { include_usage: true },
  messages: [{ role: "user", content: "Go." }],
};

/** The events of one answer. `blocks`: `{ type: "text", pieces }` or `{ type: "tool", name, pieces }`, pieces lazily. */
export function* events(blocks) {
  let tools = 0;
  let sent = 0;
  const chunk = (delta) => event({ delta, finish_reason: null }, sent++);
  yield chunk({ role: "assistant", content: "", refusal: null });
  for (const block of blocks) {
    if (block.type === "text") {
      for (const piece of block.pieces) yield chunk({ content: piece });
      continue;
    }
    const index = tools++;
    const head = { index, id: `call_${index}bench`, type: "function", function: { name: block.name, arguments: "" } };
    yield chunk({ tool_calls: [head] });
    for (const piece of block.pieces) yield chunk({ tool_calls: [{ index, function: { arguments: piece } }] });
  }
  yield event({ delta: {}, finish_reason: tools > 0 ? "tool_calls" : "stop" }, sent);
  const usage = { prompt_tokens: 12, completion_tokens: sent, total_tokens: sent + 12 };
  yield `data: ${JSON.stringify({ ...CHUNK, choices: [], usage, obfuscation: "" })}\n\n`;
  yield "data: [DONE]\n\n";
}

function event(choice, sent) {
  const { delta, finish_reason } = choice;
  const choices = [{ index: 0, delta, logprobs: null, finish_reason }];
  const obfuscation = PADDING.slice((sent * 7) % 12);
  return `data: ${JSON.stringify({ ...CHUNK, choices, usage: null, obfuscation })}\n\n`;
}

/** Hands what one `data` payload says to the sink, as a short program of a user would. */
export function readPayload(data, sink) {
  if (data === "[DONE]") return;
  const delta = JSON.parse(data).choices[0]?.delta;
  if (delta === undefined) return;
  if (delta.content) sink.text(delta.content);
  for (const call of delta.tool_calls ?? []) if (call.function.arguments) sink.toolInput(call.function.arguments);
}
