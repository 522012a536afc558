/**
 * Owns the connection: one request over node:http or node:https with sockets that are kept for the next call.
 * Why not fetch: each token is an HTTP chunk of its own, and fetch pays 2-4 us for each; this path pays a third.
 * It follows no redirect, knows no timeout and no signal: the caller calls `destroy`.
 */
import { Agent as HttpAgent, request as httpRequest, type ClientRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { HttpRequest } from "./http-request.ts";
import { networkError } from "./network-error.ts";

// An idle socket does not keep the process alive; the agent honours the server's own Keep-Alive limit.
const httpAgent = new HttpAgent({ keepAlive: true });
const httpsAgent = new HttpsAgent({ keepAlive: true });

/** A request under way. */
export interface SentRequest {
  /** Resolves with the answer's head, whatever its status. Rejects with an `LLMError`. */
  readonly response: Promise<IncomingMessage>;
  /** Closes the socket, synchronously. No effect once the answer was read to its end. */
  destroy(): void;
}

/** Sends a request; `body` null is a GET, else a POST. */
export function sendRequest(request: HttpRequest, body: string | null): SentRequest {
  let current: ClientRequest | null = null;
  let destroyed = false;
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    const start = (fresh: boolean): void => {
      const sent = createRequest(request, body, fresh);
      current = sent;
      sent.once("response", resolve);
      sent.on("error", (error) => {
        // The server may have closed a kept socket just as we wrote to it: that request was never read, so it is sent
        // again, once, on a socket of its own. Any later error finds the promise settled.
        if (!fresh && !destroyed && sent.reusedSocket && isReset(error)) start(true);
        else reject(networkError(error, request));
      });
      sent.end(body ?? undefined);
    };
    try {
      start(false);
    } catch (error) {
      reject(networkError(error, request));
    }
  });
  return {
    response,
    destroy: () => {
      destroyed = true;
      current?.destroy();
    },
  };
}

function createRequest(request: HttpRequest, body: string | null, fresh: boolean): ClientRequest {
  const url = new URL(request.url);
  const secure = url.protocol === "https:";
  const headers: Record<string, string | number> = {
    accept: "text/event-stream, application/json",
    "accept-encoding": "identity",
    ...(body === null ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
    ...request.headers,
  };
  return (secure ? httpsRequest : httpRequest)(url, {
    method: body === null ? "GET" : "POST",
    headers,
    agent: fresh ? false : secure ? httpsAgent : httpAgent,
  });
}

function isReset(error: Error): boolean {
  const { code } = error as { code?: unknown };
  return code === "ECONNRESET" || code === "EPIPE";
}
