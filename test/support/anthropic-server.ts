/**
 * A local server that speaks the Messages API well enough for a whole turn: it plays scripted answers in order, keeps the
 * bodies it was sent, and fails the test on a request it has no answer for.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** One content block of a scripted answer. */
export type ScriptedBlock = { text: string[] } | { tool: { id: string; name: string; input: object } };

/** A running server: its base URL, the request bodies so far, and how to end it. */
export interface AnthropicServer {
  readonly url: string;
  readonly bodies: Record<string, unknown>[];
  close(): Promise<void>;
}

/** Starts a server on a free port of loopback that plays `answers`. */
export async function startAnthropicServer(answers: readonly (readonly ScriptedBlock[])[]): Promise<AnthropicServer> {
  const bodies: Record<string, unknown>[] = [];
  const server: Server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const answer = answers[bodies.length];
      bodies.push(JSON.parse(body) as Record<string, unknown>);
      if (answer === undefined || request.url !== "/v1/messages") {
        response.writeHead(500).end(`no answer scripted for request ${bodies.length} to ${request.url}`);
        return;
      }
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(
        wire(answer)
          .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
          .join(""),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, bodies, close };
}

function wire(answer: readonly ScriptedBlock[]): { type: string }[] {
  const usage = { input_tokens: 10, output_tokens: 1 };
  const message = { id: "msg_1", type: "message", role: "assistant", model: "scripted", content: [], usage };
  const stopped = answer.some((block) => "tool" in block) ? "tool_use" : "end_turn";
  return [
    { type: "message_start", message },
    ...answer.flatMap(blockEvents),
    { type: "message_delta", delta: { stop_reason: stopped, stop_sequence: null }, usage: { output_tokens: 5 } },
    { type: "message_stop" },
  ] as { type: string }[];
}

function blockEvents(block: ScriptedBlock, index: number): object[] {
  const deltas =
    "text" in block
      ? block.text.map((text) => ({ type: "text_delta", text }))
      : [{ type: "input_json_delta", partial_json: JSON.stringify(block.tool.input) }];
  const { id, name } = "tool" in block ? block.tool : { id: "", name: "" };
  const content_block = "text" in block ? { type: "text", text: "" } : { type: "tool_use", id, name, input: {} };
  return [
    { type: "content_block_start", index, content_block },
    ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
    { type: "content_block_stop", index },
  ];
}
