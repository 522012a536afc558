/**
 * A local server that speaks both wires (`/v1/chat/completions`, `/v1/messages`) from one script, and has a gate for tools:
 * each tool that starts calls `/started`, and may go on when the script lets it. It keeps the bodies it was sent.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Which API a request came through. */
export type Wire = "openai" | "anthropic";

/** One request for an answer; the script writes the answer with it. */
export class Exchange {
  readonly wire: Wire;
  readonly body: Record<string, unknown>;
  /** Resolves when the client closed the connection before the answer's end. */
  readonly closed: Promise<void>;
  readonly #response: ServerResponse;
  #index = -1;
  #open = false;

  constructor(wire: Wire, body: Record<string, unknown>, response: ServerResponse) {
    this.wire = wire;
    this.body = body;
    this.#response = response;
    this.closed = new Promise((resolve) => response.on("close", () => response.writableFinished || resolve()));
    response.writeHead(200, { "content-type": "text/event-stream" });
    if (wire === "anthropic")
      this.#send({ type: "message_start", message: { id: "m", model: "s", usage: { input_tokens: 1 } } });
  }

  /** Sends text, one event a piece. */
  text(...pieces: readonly string[]): this {
    if (this.wire === "openai") for (const content of pieces) this.#choice({ delta: { content } });
    else
      this.#block(
        { type: "text", text: "" },
        pieces.map((text) => ({ type: "text_delta", text })),
      );
    return this;
  }

  /** Sends thinking, one event a piece; it stays open for more. */
  thinking(...pieces: readonly string[]): this {
    if (this.wire === "openai") for (const reasoning_content of pieces) this.#choice({ delta: { reasoning_content } });
    else {
      const deltas = pieces.map((thinking) => ({ type: "thinking_delta", thinking }));
      this.#block({ type: "thinking", thinking: "" }, deltas);
    }
    return this;
  }

  /** Sends one whole tool call. On the Chat wire nothing says that it is whole but its own JSON. */
  call(id: string, name: string, input: object): this {
    const json = JSON.stringify(input);
    if (this.wire === "openai") {
      this.#index += 1;
      const head = { index: this.#index, id, type: "function", function: { name, arguments: json } };
      this.#choice({ delta: { tool_calls: [head] } });
    } else this.#block({ type: "tool_use", id, name, input: {} }, [{ type: "input_json_delta", partial_json: json }]);
    return this;
  }

  /** Ends the answer. */
  finish(reason: "stop" | "tool_calls"): void {
    if (this.wire === "openai") {
      this.#choice({ delta: {}, finish_reason: reason });
      this.#response.end("data: [DONE]\n\n");
      return;
    }
    this.#closeBlock();
    const stop_reason = reason === "stop" ? "end_turn" : "tool_use";
    this.#send({ type: "message_delta", delta: { stop_reason }, usage: { output_tokens: 2 } });
    this.#send({ type: "message_stop" });
    this.#response.end();
  }

  #block(content_block: object, deltas: readonly object[]): void {
    this.#closeBlock();
    this.#index += 1;
    this.#open = true;
    this.#send({ type: "content_block_start", index: this.#index, content_block });
    for (const delta of deltas) this.#send({ type: "content_block_delta", index: this.#index, delta });
    // A call is whole at its own stop, which comes before the message's end; text stays open for more.
    if ("name" in content_block) this.#closeBlock();
  }

  #closeBlock(): void {
    if (this.#open) this.#send({ type: "content_block_stop", index: this.#index });
    this.#open = false;
  }

  #choice(choice: object): void {
    this.#send({ id: "c", model: "s", choices: [{ index: 0, finish_reason: null, ...choice }] });
  }

  #send(event: object): void {
    const head = this.wire === "anthropic" ? `event: ${(event as { type: string }).type}\n` : "";
    this.#response.write(`${head}data: ${JSON.stringify(event)}\n\n`);
  }
}

/** A running server. */
export interface ModelServer {
  /** The environment that makes the command use it through one of its wires. */
  env(wire: Wire): Record<string, string>;
  readonly origin: string;
  readonly bodies: readonly Record<string, unknown>[];
  /** Resolves once `count` tools have called `/started`; they wait until `letGo` is called. */
  started(count: number): Promise<void>;
  letGo(): void;
  close(): Promise<void>;
}

/** Starts a server whose requests are answered by `script`, one step each; a request beyond the script gets a 400. */
export async function startModelServer(
  ...script: readonly ((exchange: Exchange) => void | Promise<void>)[]
): Promise<ModelServer> {
  const bodies: Record<string, unknown>[] = [];
  const waiting: ServerResponse[] = [];
  const watchers: { count: number; resolve: () => void }[] = [];
  let isOpen = false;
  const arrive = (response: ServerResponse): void => {
    if (isOpen) response.end();
    waiting.push(response);
    for (const watcher of watchers) if (waiting.length >= watcher.count) watcher.resolve();
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.url === "/started") return arrive(response);
    let text = "";
    for await (const part of request.setEncoding("utf8")) text += String(part);
    const step = script[bodies.length];
    const wire = request.url === "/v1/messages" ? "anthropic" : "openai";
    const body = JSON.parse(text) as Record<string, unknown>;
    bodies.push(body);
    if (step === undefined) response.writeHead(400).end("the script has no answer for this request");
    else await step(new Exchange(wire, body, response));
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin,
    bodies,
    env: (wire) =>
      wire === "openai"
        ? { OPENAI_BASE_URL: `${origin}/v1`, OPENAI_API_KEY: "test" }
        : { ANTHROPIC_BASE_URL: origin, ANTHROPIC_API_KEY: "test" },
    started: (count) =>
      new Promise((resolve) => {
        watchers.push({ count, resolve });
        if (waiting.length >= count) resolve();
      }),
    letGo: () => {
      isOpen = true;
      for (const response of waiting) response.end();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
