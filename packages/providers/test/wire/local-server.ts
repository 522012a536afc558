/**
 * Owns a real HTTP server on a free loopback port for tests. It keeps every request it got, and each test says how it
 * answers; it is stopped when the test that started it ends.
 */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A request as the server saw it. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** Resolves when the connection's socket is closed. */
  readonly closed: Promise<void>;
  readonly socket: Socket;
}

/** Answers one request. */
export type Answer = (response: ServerResponse, request: SeenRequest) => void | Promise<void>;

/** A running server. */
export interface LocalServer {
  /** `http://127.0.0.1:<port>`, without a slash at its end. */
  readonly url: string;
  readonly port: number;
  readonly requests: readonly SeenRequest[];
  /** How many connections were ever opened. */
  readonly connections: () => number;
}

/** Starts a server that gives its `answers` in order, the last one again and again. Stopped when the test ends. */
export function startServer(...answers: Answer[]): Promise<LocalServer> {
  return serve(answers, { protocol: "http", onConnection: "connection", create: createServer });
}

/** The same over TLS, with a certificate of `fixtures/tls`. */
export function startSecureServer(certificate: "server" | "expired", ...answers: Answer[]): Promise<LocalServer> {
  const pem = readFileSync(new URL(`../fixtures/tls/${certificate}.pem`, import.meta.url));
  const create = (listener: RequestListener): Server => createSecureServer({ cert: pem, key: pem }, listener);
  return serve(answers, { protocol: "https", onConnection: "secureConnection", create });
}

async function serve(
  answers: readonly Answer[],
  {
    protocol,
    onConnection,
    create,
  }: {
    readonly protocol: string;
    readonly onConnection: string;
    readonly create: (listener: RequestListener) => Server;
  },
): Promise<LocalServer> {
  const requests: SeenRequest[] = [];
  const closed = new WeakMap<Socket, Promise<void>>();
  let connections = 0;
  const server = create((incoming, response) => {
    let body = "";
    incoming.setEncoding("utf8");
    incoming.on("data", (text: string) => (body += text));
    incoming.on("end", () => {
      const { socket } = incoming;
      const seen = {
        method: incoming.method ?? "",
        path: incoming.url ?? "",
        headers: incoming.headers,
        body,
        closed: closed.get(socket) ?? Promise.resolve(),
        socket,
      };
      const answer = answers[Math.min(requests.length, answers.length - 1)];
      requests.push(seen);
      if (answer === undefined) response.writeHead(599).end("unexpected request");
      else void answer(response, seen);
    });
  });
  server.on(onConnection, (socket: Socket) => {
    connections += 1;
    closed.set(socket, new Promise((resolve) => void socket.once("close", () => resolve())));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  onTestFinished(async () => {
    const stopped = once(server, "close");
    server.close();
    server.closeAllConnections();
    await stopped;
  });
  return { url: `${protocol}://127.0.0.1:${port}`, port, requests, connections: () => connections };
}

/** Answers 200 with a stream of events, one HTTP chunk an event, and ends it. */
export function sseAnswer(events: readonly string[]): Answer {
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const event of events) response.write(event);
    response.end();
  };
}

/** Answers with a status and a whole body; an object is sent as JSON. */
export function bodyAnswer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer {
  return (response) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const type = typeof body === "string" ? "text/html" : "application/json";
    response.writeHead(status, { "content-type": type, ...headers }).end(text);
  };
}
