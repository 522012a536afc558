/**
 * Owns servers of tests that no HTTP library would be: one that answers with bytes as they are given, and none at all.
 */
import { createServer, type AddressInfo, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/**
 * Starts a server that answers the first bytes of each connection with `answer`, and then closes it unless it is to be
 * `kept`. Resolves with `http://127.0.0.1:<port>`. Stopped when the test ends.
 */
export async function startRawServer(answer: string, { kept = false } = {}): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("data", () => void (kept ? socket.write(answer) : socket.end(answer)));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A port where nothing listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  return port;
}
