/**
 * Owns a real HTTP proxy on a free loopback port for tests. Whatever host it is asked for is the server it was started for,
 * so that tests may use names that do not exist. It keeps what it was asked, and is stopped when the test ends.
 */
import { once } from "node:events";
import { createServer, request, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** What the proxy was asked for: `CONNECT api.test:443`, `POST http://api.test/v1/x`. */
export interface AskedProxy {
  readonly line: string;
  readonly headers: IncomingHttpHeaders;
}

/** How it answers instead of doing what it should. */
export interface ProxyAnswers {
  readonly onConnect?: (socket: Socket) => void;
  readonly onForward?: (response: ServerResponse) => void;
}

/** A running proxy. */
export interface LocalProxy {
  /** `127.0.0.1:<port>` */
  readonly address: string;
  readonly asked: readonly AskedProxy[];
  /** Resolves when the proxy has been asked, and its client's connection for that is closed. */
  readonly closed: () => Promise<void>;
}

/** Starts a proxy in front of the server on `port`. Stopped when the test ends. */
export async function startProxy(port: number, answers: ProxyAnswers = {}): Promise<LocalProxy> {
  const asked: AskedProxy[] = [];
  const sockets = new Set<Socket>();
  let firstClosed: () => void = () => undefined;
  const closed = new Promise<void>((resolve) => (firstClosed = resolve));
  const server = createServer((incoming, response) => {
    asked.push({ line: `${incoming.method} ${incoming.url}`, headers: incoming.headers });
    if (answers.onForward !== undefined) return answers.onForward(response);
    const { pathname, search } = new URL(incoming.url ?? "");
    const { method, headers } = incoming;
    const onward = request({ port, method, headers, host: "127.0.0.1", path: pathname + search }, (answer) => {
      response.writeHead(answer.statusCode ?? 0, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(onward);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", firstClosed);
  });
  server.on("connect", (incoming, socket: Socket) => {
    asked.push({ line: `CONNECT ${incoming.url}`, headers: incoming.headers });
    if (answers.onConnect !== undefined) {
      socket.resume().on("end", () => socket.end());
      return answers.onConnect(socket);
    }
    const onward = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      socket.pipe(onward).pipe(socket);
    });
    socket.on("error", () => undefined).on("close", () => onward.destroy());
    onward.on("error", () => undefined).on("close", () => socket.destroy());
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    const stopped = once(server, "close");
    server.close();
    for (const socket of sockets) socket.destroy();
    await stopped;
  });
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked, closed: () => closed };
}
