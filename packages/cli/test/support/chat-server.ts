/**
 * Owns a server that speaks the OpenAI Chat Completions stream from a script: one step a request, and lists one
 * model as Ollama does. A request that the script does not foresee gets an error, and `unexpected` tells the test.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request's body, as far as tests look at it. */
export interface ChatBody {
  readonly model?: string;
  readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  readonly tools?: readonly { readonly function: { readonly name: string } }[];
}

/** What a step answers with. */
export class Reply {
  readonly #response: ServerResponse;
  /** Resolves when the client has closed the connection before the answer's end. */
  readonly closed: Promise<void>;

  constructor(response: ServerResponse) {
    this.#response = response;
    this.closed = new Promise((resolve) => {
      response.on("close", () => {
        if (!response.writableFinished) resolve();
      });
    });
  }

  /** Sends pieces of text, one event each. */
  text(...pieces: readonly string[]): this {
    for (const content of pieces) this.#choice({ delta: { content } });
    return this;
  }

  /** Sends one whole tool call. */
  toolCall(id: string, name: string, input: unknown): this {
    const call = { index: 0, id, type: "function", function: { name, arguments: JSON.stringify(input) } };
    this.#choice({ delta: { tool_calls: [call] } });
    return this;
  }

  /** Ends the answer. */
  finish(reason: "stop" | "tool_calls" | "length" | "content_filter" = "stop"): void {
    this.#choice({ delta: {}, finish_reason: reason });
    this.#send({ choices: [], usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 } });
    this.#response.end("data: [DONE]\n\n");
  }

  /** Answers with an error instead of a stream. */
  fail(status: number, body: string): void {
    this.#response.writeHead(status, { "content-type": "application/json" }).end(body);
  }

  #choice(choice: object): void {
    this.#send({ choices: [{ index: 0, finish_reason: null, ...choice }] });
  }

  #send(chunk: object): void {
    if (!this.#response.headersSent) this.#response.writeHead(200, { "content-type": "text/event-stream" });
    const head = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1, model: "scripted-1" };
    this.#response.write(`data: ${JSON.stringify({ ...head, ...chunk })}\n\n`);
  }
}

/** What an Ollama with one model answers when it is asked what it has. */
const OLLAMA_TAGS = JSON.stringify({ models: [{ name: "tiny:1b", capabilities: ["completion"] }] });

/** One answer of the script. */
export type Step = (reply: Reply, body: ChatBody) => void | Promise<void>;

/** A running server. */
export interface ChatServer {
  /** For `OPENAI_BASE_URL`. */
  readonly baseUrl: string;
  /** The environment that makes the command use it. */
  readonly env: Readonly<Record<string, string>>;
  /** The bodies of all requests, in order. */
  readonly bodies: readonly ChatBody[];
  /** What the script did not foresee. */
  readonly unexpected: readonly string[];
  close(): Promise<void>;
}

/** Starts a server with a script. */
export async function chatServer(...steps: readonly Step[]): Promise<ChatServer> {
  const bodies: ChatBody[] = [];
  const unexpected: string[] = [];
  const server = createServer((request, response) => {
    void answer({ request, response, bodies, unexpected, steps });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const baseUrl = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/v1`;
  const env = { OPENAI_BASE_URL: baseUrl, OPENAI_API_KEY: "test-key" };
  return { baseUrl, env, bodies, unexpected, close: () => closed(server) };
}

async function answer(exchange: {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly bodies: ChatBody[];
  readonly unexpected: string[];
  readonly steps: readonly Step[];
}): Promise<void> {
  const { request, response, bodies, unexpected, steps } = exchange;
  let text = "";
  for await (const part of request.setEncoding("utf8")) text += String(part);
  if (request.url === "/api/tags") return void response.end(OLLAMA_TAGS);
  const reply = new Reply(response);
  const step = steps[bodies.length];
  if (request.url !== "/v1/chat/completions" || step === undefined) {
    unexpected.push(`${String(request.method)} ${String(request.url)} ${text}`);
    reply.fail(400, JSON.stringify({ error: { message: "the script foresees no such request" } }));
    return;
  }
  const body = JSON.parse(text) as ChatBody;
  bodies.push(body);
  await step(reply, body);
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
