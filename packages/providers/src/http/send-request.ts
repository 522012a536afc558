/**
 * Owns one request over node:http or node:https, up to the head of its answer.
 * Why not fetch: each token is an HTTP chunk of its own, and fetch pays 2-4 us for each; this path pays a third.
 * It follows no redirect, knows no timeout and no signal: the caller calls `destroy`.
 */
import type { Agent, ClientRequest, IncomingMessage } from "node:http";
import type { HttpRequest } from "./http-request.ts";
import { codeOf, networkError } from "./network-error.ts";
import { wasNeverRead } from "./never-read.ts";
import { ProxyFailure } from "./proxy-failure.ts";
import { routeTo, type Route } from "./route-to.ts";

/** A request under way. */
export interface SentRequest {
  /** Resolves with the answer's head, whatever its status. Rejects with an `LLMError`. */
  readonly response: Promise<IncomingMessage>;
  /** Closes the socket, synchronously. No effect once the answer was read to its end. */
  destroy(): void;
}

/** Sends a request; `body` null is a GET, else a POST. */
export function sendRequest(request: HttpRequest, body: string | null): SentRequest {
  return new Call(request, body);
}

class Call implements SentRequest {
  readonly response: Promise<IncomingMessage>;
  readonly #request: HttpRequest;
  readonly #body: string | null;
  #route: Route | null = null;
  #sent: ClientRequest | null = null;
  #destroyed = false;

  constructor(request: HttpRequest, body: string | null) {
    this.#request = request;
    this.#body = body;
    this.response = this.#respond();
  }

  destroy(): void {
    this.#destroyed = true;
    this.#sent?.destroy();
    this.#route?.giveUp();
  }

  async #respond(): Promise<IncomingMessage> {
    try {
      const route = await routeTo(this.#request);
      this.#route = route;
      if (this.#destroyed) throw new Error("it was given up before it was sent");
      return await this.#attempt(route, route.agent);
    } catch (error) {
      throw networkError(error, this.#request);
    }
  }

  #attempt(route: Route, agent: Agent | false): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const sent = createRequest(this.#request, { body: this.#body, route, agent });
      const sentAt = performance.now();
      let heard = false;
      this.#sent = sent;
      sent.once("socket", (socket) => {
        if (sent.reusedSocket) socket.once("data", () => (heard = true));
      });
      sent.once("response", resolve);
      // Any error after the answer's head finds the promise settled.
      sent.on("error", (error) => {
        const elapsedMs = performance.now() - sentAt;
        const code = codeOf(error);
        if (!this.#destroyed && wasNeverRead({ reused: sent.reusedSocket, heard, elapsedMs, code })) {
          resolve(this.#attempt(route, route.freshAgent));
        } else {
          reject(route.hop === null ? error : new ProxyFailure(route.hop, code ?? error.message, { cause: error }));
        }
      });
      sent.end(this.#body ?? undefined);
    });
  }
}

function createRequest(
  request: HttpRequest,
  { body, route, agent }: { readonly body: string | null; readonly route: Route; readonly agent: Agent | false },
): ClientRequest {
  return route.open(new URL(request.url), {
    ...route.options,
    method: body === null ? "GET" : "POST",
    headers: {
      accept: "text/event-stream, application/json",
      // To decompress costs more than what it saves on the way; a server that compresses all the same is understood.
      "accept-encoding": "identity",
      ...(body === null ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
      ...route.headers,
      ...request.headers,
    },
    agent,
  });
}
