/**
 * Owns the Messages wire as Anthropic's servers send it, both ways: blocks to server-sent events (an `event:` line each,
 * and the white space the real ones are padded with), and one parsed payload to what a plain client makes of it.
 */
const MESSAGE = {
  model: "claude-sonnet-4-5-20250929",
  id: "msg_01QC4g3HwBThD4BaNtBckFDJ",
  type: "message",
  role: "assistant",
  content: [],
  stop_reason: null,
  stop_sequence: null,
  usage: { input_tokens: 12, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 },
};

/** Where requests go, behind the base address. */
export const path = "/v1/messages";

/** What a plain client sends. */
export const request = {
  model: MESSAGE.model,
  max_tokens: 64_000,
  stream: true,
  messages: [{ role: "user", content: "Go." }],
};

/** The events of one answer. `blocks`: `{ type: "text", pieces }` or `{ type: "tool", name, pieces }`, pieces lazily. */
export function* events(blocks) {
  let sent = 0;
  let hasTools = false;
  yield event({ type: "message_start", message: MESSAGE });
  for (const [index, block] of blocks.entries()) {
    const isText = block.type === "text";
    hasTools ||= !isText;
    const head = isText
      ? { type: "text", text: "" }
      : { type: "tool_use", id: `toolu_${index}bench`, name: block.name, input: {} };
    yield event({ type: "content_block_start", index, content_block: head });
    if (index === 0) yield event({ type: "ping" });
    for (const piece of block.pieces) {
      const delta = isText ? { type: "text_delta", text: piece } : { type: "input_json_delta", partial_json: piece };
      yield event({ type: "content_block_delta", index, delta }, (sent++ * 7) % 12);
    }
    yield event({ type: "content_block_stop", index });
  }
  const delta = { stop_reason: hasTools ? "tool_use" : "end_turn", stop_sequence: null };
  yield event({ type: "message_delta", delta, usage: { output_tokens: sent } });
  yield event({ type: "message_stop" });
}

function event(payload, padding = 0) {
  const json = JSON.stringify(payload);
  return `event: ${payload.type}\ndata: ${json.slice(0, -1)}${" ".repeat(padding)}}\n\n`;
}

/** Hands what one `data` payload says to the sink, as a short program of a user would. */
export function readPayload(data, sink) {
  const payload = JSON.parse(data);
  if (payload.type !== "content_block_delta") return;
  const { delta } = payload;
  if (delta.type === "text_delta") sink.text(delta.text);
  else if (delta.type === "input_json_delta") sink.toolInput(delta.partial_json);
}
