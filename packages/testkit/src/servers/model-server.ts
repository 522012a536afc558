/**
 * Owns a real HTTP server on a free loopback port that speaks one wire as strictly as the real API does: a request that
 * breaks a rule gets the API's 400 and uses up nothing of the script. Nothing is let pass in silence: a request without an
 * answer in the script gets a 500, and `close` rejects.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ProviderEvent } from "amplifier-core";
import { isObject, type JsonObject } from "./json.ts";
import type { HttpAnswer } from "./refusal.ts";
import { Script, type ScriptEntry, type ScriptFunction, type SeenRequest } from "./script.ts";
import { sendReply } from "./send-reply.ts";
import type { Wire } from "./wire.ts";

/** How a server is started. */
export interface ModelServerOptions {
  /** One entry for each valid request, in order; or one function for all of them. */
  readonly script: readonly ScriptEntry[] | ScriptFunction;
  /** What the list of models names; default: none. */
  readonly models?: readonly string[];
  /** Which models continue an assistant message that ends the conversation; default: those of the real API. */
  readonly takesPrefill?: (model: string) => boolean;
  /** Refused requests are what the test is about, so `close` does not reject because of them. */
  readonly expectsRefusals?: boolean;
}

/** A running server. */
export interface ModelServer {
  /** What a client takes as its base address. */
  readonly baseUrl: string;
  /** Every request for an answer so far, refused ones too. */
  readonly requests: readonly SeenRequest[];
  /** Appends to the script; not for a script that is a function. */
  add(...entries: readonly ScriptEntry[]): void;
  /**
   * Closes all connections and stops.
   * @throws Error naming every request that was not scripted or was refused, every unknown path, and every error of the
   * script's own functions.
   */
  close(): Promise<void>;
}

/** Starts a server for `wire`. Listens on 127.0.0.1 when it resolves. */
export async function startModelServer(wire: Wire, options: ModelServerOptions): Promise<ModelServer> {
  const server = new WireServer(wire, options);
  await server.listen();
  return server;
}

const KEYS = ["authorization", "x-api-key", "x-goog-api-key"];

class WireServer implements ModelServer {
  readonly requests: SeenRequest[] = [];
  readonly #wire: Wire;
  readonly #options: ModelServerOptions;
  readonly #script: Script;
  readonly #server: Server;
  readonly #unexpected: string[] = [];
  readonly #signedThinking = new Map<string, string>();

  constructor(wire: Wire, options: ModelServerOptions) {
    this.#wire = wire;
    this.#options = options;
    this.#script = new Script(options.script);
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}${this.#wire.basePath}`;
  }

  add(...entries: readonly ScriptEntry[]): void {
    this.#script.add(entries);
  }

  async listen(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
    if (this.#unexpected.length > 0) throw new Error(`The ${this.#wire.name} server: ${this.#unexpected.join(" ")}`);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A write to a client that has just gone fails; that it has gone is told by `closed`.
    response.on("error", () => undefined);
    try {
      await this.#route(request, response, await textOf(request));
    } catch (error) {
      // A client that leaves while it still sends is nobody's fault.
      if (request.destroyed && !request.complete) return;
      this.#fail(response, error instanceof Error ? error.message : String(error));
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse, text: string): Promise<void> {
    const { method = "", url = "" } = request;
    const path = url.split("?")[0] ?? "";
    const { basePath } = this.#wire;
    const asked = url.startsWith(basePath) ? this.#wire.asked(url.slice(basePath.length)) : null;
    if (method === "POST" && asked !== null) return this.#answer(request, response, { asked, text });
    switch (`${method} ${path}`) {
      case `GET ${this.#wire.basePath}${this.#wire.modelsPath}`:
        return send(response, { status: 200, body: this.#wire.models(this.#options.models ?? []) });
      default:
        this.#unexpected.push(`Nobody answers ${method} ${path}.`);
        return send(response, this.#wire.notFound(method, path));
    }
  }

  async #answer(
    request: IncomingMessage,
    response: ServerResponse,
    { asked, text }: { readonly asked: JsonObject; readonly text: string },
  ): Promise<void> {
    const refused = this.#wire.admit(request.headers);
    const body = parsed(text);
    const seen = this.#record(request, response, body && { ...asked, ...body });
    const [problem] = seen.problems;
    if (refused !== null) return this.#refuse(response, refused, seen.number);
    if (problem !== undefined) return this.#refuse(response, this.#wire.invalid(problem), seen.number);
    if (seen.body["stream"] !== true) {
      throw new Error(`Request ${seen.number} asks for no stream; this server only streams.`);
    }
    await this.#play(response, seen);
  }

  #record(request: IncomingMessage, response: ServerResponse, body: JsonObject | null): SeenRequest {
    const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !KEYS.includes(name)));
    const facts = {
      takesPrefill: this.#options.takesPrefill ?? ((model: string) => this.#wire.takesPrefill(model)),
      signedThinking: this.#signedThinking,
    };
    const seen: SeenRequest = {
      number: this.requests.length + 1,
      body: body ?? {},
      headers,
      problems: body === null ? [this.#wire.notJson] : this.#wire.problems(body, facts),
      closed: new Promise((resolve) => response.once("close", () => resolve({ whole: response.writableFinished }))),
    };
    this.requests.push(seen);
    return seen;
  }

  async #play(response: ServerResponse, seen: SeenRequest): Promise<void> {
    const entry = await this.#script.answerTo(seen);
    switch (entry.kind) {
      case "response":
        return send(response, entry);
      case "refusal": {
        const refusal = this.#wire.refuse(entry.of);
        return send(response, { ...refusal, headers: { ...refusal.headers, ...entry.headers } });
      }
      case "reply": {
        const encoder = this.#wire.encoder({ body: seen.body, usage: entry.usage });
        await sendReply(response, entry, {
          encoder,
          signal: leaving(response),
          onEvent: (event) => this.#remember(event),
        });
      }
    }
  }

  #remember(event: ProviderEvent): void {
    if (event.type !== "block_end" || event.block.type !== "thinking") return;
    if (event.block.signature !== undefined) this.#signedThinking.set(event.block.signature, event.block.thinking);
  }

  #refuse(response: ServerResponse, refusal: HttpAnswer, number: number): void {
    if (this.#options.expectsRefusals !== true) {
      this.#unexpected.push(`Request ${number} was refused with ${refusal.status} ${JSON.stringify(refusal.body)}.`);
    }
    send(response, refusal);
  }

  #fail(response: ServerResponse, message: string): void {
    this.#unexpected.push(message);
    if (response.headersSent) response.destroy();
    else send(response, this.#wire.failed(message));
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const part of request.setEncoding("utf8")) text += String(part);
  return text;
}

function parsed(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : null;
  } catch {
    return null;
  }
}

function leaving(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  if (response.destroyed) controller.abort();
  else response.once("close", () => controller.abort());
  return controller.signal;
}

function send(response: ServerResponse, { status, body, headers }: HttpAnswer): void {
  const isText = typeof body === "string";
  const type = isText ? "text/html; charset=utf-8" : "application/json";
  response.writeHead(status, { "content-type": type, ...headers }).end(isText ? body : JSON.stringify(body));
}
