/**
 * Owns the Responses wire as OpenAI's servers send it, both ways: blocks to server-sent events (an `event:` line each, the
 * random `obfuscation`, the whole answer once more at its end), and one parsed payload to what a plain client makes of it.
 */
const RESPONSE = {
  id: "resp_68c1e2f0a1b481a0b1bench",
  object: "response",
  created_at: 1_793_000_000,
  status: "in_progress",
  error: null,
  incomplete_details: null,
  model: "gpt-6-sol",
  output: [],
  usage: null,
};
const PADDING = "Qup1BsQ3yhjoJbEF";

/** Where requests go, behind the base address without `/v1`. */
export const path = "/v1/responses";

/** What a plain client sends. */
export const request = { model: RESPONSE.model, stream: true, input: "Go." };

/** The events of one answer. `blocks`: `{ type: "text", pieces }` or `{ type: "tool", name, pieces }`, pieces lazily. */
export function* events(blocks) {
  let sequence_number = 0;
  const event = (type, fields) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence_number++, ...fields })}\n\n`;
  const output = [];
  yield event("response.created", { response: RESPONSE });
  yield event("response.in_progress", { response: RESPONSE });
  for (const block of blocks) {
    const item = yield* (block.type === "text" ? message : call)(block, { event, output_index: output.length });
    output.push(item);
  }
  const usage = { input_tokens: 12, output_tokens: sequence_number, total_tokens: sequence_number + 12 };
  yield event("response.completed", { response: { ...RESPONSE, status: "completed", output, usage } });
}

function* message({ pieces }, { event, output_index }) {
  const item = {
    id: `msg_${output_index}bench`,
    type: "message",
    status: "in_progress",
    content: [],
    role: "assistant",
  };
  const part = { type: "output_text", annotations: [], logprobs: [], text: "" };
  const place = { item_id: item.id, output_index, content_index: 0 };
  yield event("response.output_item.added", { output_index, item });
  yield event("response.content_part.added", { ...place, part });
  let text = "";
  let sent = 0;
  for (const delta of pieces) {
    text += delta;
    const obfuscation = PADDING.slice((sent++ * 7) % 12);
    yield event("response.output_text.delta", { ...place, delta, logprobs: [], obfuscation });
  }
  yield event("response.output_text.done", { ...place, text, logprobs: [] });
  yield event("response.content_part.done", { ...place, part: { ...part, text } });
  const done = { ...item, status: "completed", content: [{ ...part, text }] };
  yield event("response.output_item.done", { output_index, item: done });
  return done;
}

function* call({ name, pieces }, { event, output_index }) {
  const id = `fc_${output_index}bench`;
  const item = {
    id,
    type: "function_call",
    status: "in_progress",
    arguments: "",
    call_id: `call_${output_index}`,
    name,
  };
  const place = { item_id: id, output_index };
  yield event("response.output_item.added", { output_index, item });
  let json = "";
  for (const delta of pieces) {
    json += delta;
    yield event("response.function_call_arguments.delta", { ...place, delta, obfuscation: PADDING });
  }
  yield event("response.function_call_arguments.done", { ...place, arguments: json });
  const done = { ...item, status: "completed", arguments: json };
  yield event("response.output_item.done", { output_index, item: done });
  return done;
}

/** Hands what one `data` payload says to the sink, as a short program of a user would. */
export function readPayload(data, sink) {
  const { type, delta } = JSON.parse(data);
  if (type === "response.output_text.delta") sink.text(delta);
  else if (type === "response.function_call_arguments.delta") sink.toolInput(delta);
}
