/**
 * Owns the wire of `streamGenerateContent` as Google's servers send it, both ways: blocks to server-sent events (counts of
 * tokens in each of them), and one parsed payload to what a plain client makes of it.
 */
const HEAD = { modelVersion: "gemini-3.8-flash", responseId: "bH6LaZW8Fp_3nsEPqtaSwQ4" };
const THOUGHTS = 185;

/** Where requests go, behind the base address. */
export const path = "/v1beta/models/bench:streamGenerateContent?alt=sse";

/** What a plain client sends. */
export const request = { contents: [{ role: "user", parts: [{ text: "Go." }] }] };

/** The events of one answer. `blocks`: `{ type: "text", pieces }` or `{ type: "tool", name, pieces }`, pieces lazily. */
export function* events(blocks) {
  let sent = 0;
  for (const block of blocks) {
    if (block.type === "text") for (const text of block.pieces) yield event([{ text }], ++sent);
    // A call comes whole here, however it was made.
    else yield event([{ functionCall: { name: block.name, args: JSON.parse([...block.pieces].join("")) } }], ++sent);
  }
  yield event([{ text: "" }], sent, { finishReason: "STOP" });
}

function event(parts, sent, more = {}) {
  const usageMetadata = {
    promptTokenCount: 12,
    candidatesTokenCount: sent,
    totalTokenCount: sent + 12 + THOUGHTS,
    promptTokensDetails: [{ modality: "TEXT", tokenCount: 12 }],
    thoughtsTokenCount: THOUGHTS,
  };
  const candidates = [{ content: { parts, role: "model" }, ...more, index: 0 }];
  return `data: ${JSON.stringify({ candidates, usageMetadata, ...HEAD })}\r\n\r\n`;
}

/** Hands what one `data` payload says to the sink, as a short program of a user would. */
export function readPayload(data, sink) {
  for (const { text, functionCall } of JSON.parse(data).candidates?.[0]?.content?.parts ?? []) {
    if (text) sink.text(text);
    if (functionCall) sink.toolInput(JSON.stringify(functionCall.args));
  }
}
