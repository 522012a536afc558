/** The transport against real servers: batches, back-pressure, aborts, sockets kept and sockets closed. */
import { getEventListeners, once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { isLLMError } from "amplifier-core";
import { expect, onTestFinished, test, vi } from "vitest";
import { postSse, type PayloadStream } from "../../src/http/post-sse.ts";
import { bodyAnswer, sseAnswer, startServer, type Answer } from "../wire/local-server.ts";
import { freePort } from "../wire/raw-server.ts";

const never = new AbortController().signal;

function post(url: string, signal: AbortSignal = never): PayloadStream {
  return postSse(
    { url: `${url}/v1/x`, headers: { authorization: "Bearer sk-secret" }, body: "{}", provider: "test", model: "m" },
    { signal },
  );
}

async function drain(stream: PayloadStream): Promise<string[]> {
  const payloads: string[] = [];
  for await (const batch of stream) payloads.push(...batch);
  return payloads;
}

/** Waits for turns of the event loop. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => void setImmediate(resolve));
}

/** Sends one event and then nothing, with the connection open. */
const stall: Answer = (response) => {
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write("data: first\n\n");
};

test("the payloads of a body come in order and the iteration ends with it", async () => {
  const server = await startServer(sseAnswer(["data: a\n\n", "event: x\ndata: b\n\n", ": ping\n\n", "data: c\n\n"]));
  expect(await drain(post(server.url))).toEqual(["a", "b", "c"]);
  expect(server.requests[0]).toMatchObject({ method: "POST", path: "/v1/x", body: "{}" });
  expect(server.requests[0]?.headers["accept-encoding"]).toBe("identity");
});

test("nothing is sent before the first next()", async () => {
  const server = await startServer(sseAnswer([]));
  const stream = post(server.url);
  await stream.return();
  expect(await stream.next()).toEqual({ done: true, value: undefined });
  expect(server.requests).toEqual([]);
});

test("events that arrive in one network read come in one array", async () => {
  const events = Array.from({ length: 100 }, (_, index) => `data: ${index}\n\n`);
  const chunked = events.map((event) => `${event.length.toString(16)}\r\n${event}\r\n`).join("");
  const server = createServer((socket) => {
    socket.once("data", () => {
      const head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
      socket.end(`${head}${chunked}0\r\n\r\n`);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { value } = await post(`http://127.0.0.1:${(server.address() as AddressInfo).port}`).next();
  expect(value).toHaveLength(100);
});

test("an event is delivered while the body is still open", async () => {
  const server = await startServer(stall);
  const stream = post(server.url);
  expect(await stream.next()).toEqual({ done: false, value: ["first"] });
  await stream.return();
});

test("the socket of a finished answer is used again", async () => {
  const server = await startServer(sseAnswer(["data: a\n\n"]));
  for (let count = 0; count < 5; count++) await drain(post(server.url));
  expect(server.requests).toHaveLength(5);
  expect(server.connections()).toBe(1);
});

test("a released answer gives its socket back when the body ends, and delivers nothing more", async () => {
  const server = await startServer(sseAnswer(["data: a\n\n", "data: b\n\n"]));
  for (let count = 0; count < 3; count++) {
    const stream = post(server.url);
    expect((await stream.next()).done).toBe(false);
    stream.release();
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    // The rest of the body is read in the background: the next turn of the event loop has it.
    await turns(2);
  }
  expect(server.connections()).toBeLessThanOrEqual(2);
});

test("a kept socket that its server closed in the meantime costs nothing", async () => {
  const server = await startServer(
    sseAnswer(["data: a\n\n"]),
    (_, request) => void request.socket.destroy(),
    sseAnswer(["data: b\n\n"]),
  );
  expect(await drain(post(server.url))).toEqual(["a"]);
  expect(await drain(post(server.url))).toEqual(["b"]);
  expect(server.requests).toHaveLength(3);
});

test("a kept socket that its server closed while it was idle is not used again", async () => {
  const server = await startServer((response, { socket }) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end("data: a\n\n", () => void socket.end());
  });
  for (let count = 0; count < 3; count++) {
    expect(await drain(post(server.url))).toEqual(["a"]);
    await server.requests[count]?.closed;
  }
  expect(server.requests).toHaveLength(3);
});

test("a request that got half a line back on a kept socket is never sent again", async () => {
  const server = await startServer(sseAnswer(["data: a\n\n"]), (_, { socket }) => {
    socket.write("HTTP/1.1 20", () => void socket.resetAndDestroy());
  });
  expect(await drain(post(server.url))).toEqual(["a"]);
  await expect(post(server.url).next()).rejects.toMatchObject({ name: "NetworkError" });
  expect(server.requests).toHaveLength(2);
});

test("a request on a socket of its own is never sent again", async () => {
  const server = await startServer((_, { socket }) => void socket.destroy());
  await expect(post(server.url).next()).rejects.toMatchObject({ name: "NetworkError" });
  expect(server.requests).toHaveLength(1);
});

test("break closes the socket", async () => {
  const server = await startServer(stall);
  for await (const batch of post(server.url)) {
    expect(batch).toEqual(["first"]);
    break;
  }
  await server.requests[0]?.closed;
});

test("return() ends a pending next() at once", async () => {
  const server = await startServer(stall);
  const stream = post(server.url);
  await stream.next();
  const pending = stream.next();
  await stream.return();
  expect(await pending).toEqual({ done: true, value: undefined });
  await server.requests[0]?.closed;
});

test("an abort closes the socket and ends the iteration with its reason", async () => {
  const server = await startServer(stall);
  const controller = new AbortController();
  const stream = post(server.url, controller.signal);
  await stream.next();
  const pending = stream.next();
  controller.abort("enough");
  await expect(pending).rejects.toMatchObject({ name: "AbortError", cause: "enough", provider: "test" });
  await server.requests[0]?.closed;
  expect(await stream.next()).toEqual({ done: true, value: undefined });
});

test("an abort counts until the iteration is over, also when the whole body has come", async () => {
  const server = await startServer(sseAnswer(["data: a\n\n", "data: b\n\n"]));
  const controller = new AbortController();
  const stream = post(server.url, controller.signal);
  await stream.next();
  await turns(5);
  controller.abort("enough");
  await expect(stream.next()).rejects.toMatchObject({ name: "AbortError", cause: "enough", provider: "test" });
  expect(await stream.next()).toEqual({ done: true, value: undefined });
  const stopped = post(server.url, AbortSignal.abort("no"));
  await expect(stopped.next()).rejects.toMatchObject({ name: "AbortError", cause: "no" });
  expect(await stopped.next()).toEqual({ done: true, value: undefined });
});

test("an abort before the request, and one before the answer, are AbortErrors too", async () => {
  const server = await startServer(() => undefined);
  await expect(post(server.url, AbortSignal.abort("no")).next()).rejects.toMatchObject({
    name: "AbortError",
    cause: "no",
  });
  expect(server.requests).toEqual([]);
  const controller = new AbortController();
  const pending = post(server.url, controller.signal).next();
  while (server.requests.length === 0) await turns(1);
  controller.abort("later");
  await expect(pending).rejects.toMatchObject({ name: "AbortError", cause: "later" });
  await server.requests[0]?.closed;
});

test("2,000 calls on one signal leave no listener behind and raise no warning", async () => {
  const server = await startServer(sseAnswer(["data: a\n\n"]));
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on("warning", onWarning);
  const controller = new AbortController();
  for (let count = 0; count < 2_000; count++) await drain(post(server.url, controller.signal));
  await turns(1);
  process.off("warning", onWarning);
  expect(warnings).toEqual([]);
  expect(getEventListeners(controller.signal, "abort")).toEqual([]);
});

test("while nobody pulls the socket is paused: the server's writes stop, and go on when somebody does", async () => {
  const piece = `data: ${"x".repeat(10_000)}\n\n`;
  const total = 20_000_000;
  let written = 0;
  const server = await startServer(async (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    while (written < total) {
      written += piece.length;
      if (!response.write(piece)) await once(response, "drain");
    }
    response.end();
  });
  const stream = post(server.url);
  await stream.next();
  for (let before = -1; before !== written; await turns(300)) before = written;
  expect(written).toBeLessThan(total / 2);
  let bytes = 0;
  for await (const batch of stream) for (const payload of batch) bytes += payload.length;
  expect(bytes).toBeGreaterThan(total - 200_000);
});

test("an event too large to be held while nobody pulls comes whole when somebody does", async () => {
  const large = "x".repeat(1024 * 1024);
  const server = await startServer(sseAnswer(["data: first\n\n", `data: ${large}\n\n`]));
  const stream = post(server.url);
  expect(await stream.next()).toEqual({ done: false, value: ["first"] });
  await turns(50);
  expect(await drain(stream)).toEqual([large]);
});

test("a connection that breaks in the middle is a StreamError, after what had come", async () => {
  const server = await startServer((response, request) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("data: first\n\n", () => setImmediate(() => request.socket.resetAndDestroy()));
  });
  const stream = post(server.url);
  expect(await stream.next()).toEqual({ done: false, value: ["first"] });
  await expect(stream.next()).rejects.toMatchObject({ name: "StreamError", retryable: true });
});

test("a refused connection and an unknown host are NetworkErrors that say what to do", async () => {
  const port = await freePort();
  await expect(post(`http://127.0.0.1:${port}`).next()).rejects.toMatchObject({
    name: "NetworkError",
    retryable: true,
    message: `Cannot reach http://127.0.0.1:${port}/v1/x (ECONNREFUSED): nothing listens there. Start the server, or correct base_url.`,
  });
  for (const name of ["HTTP_PROXY", "http_proxy"]) vi.stubEnv(name, "");
  await expect(post("http://nobody.invalid").next()).rejects.toMatchObject({ name: "NetworkError" });
});

test("https to a server without TLS is a NetworkError", async () => {
  const server = await startServer(sseAnswer([]));
  await expect(post(server.url.replace("http:", "https:")).next()).rejects.toMatchObject({ name: "NetworkError" });
});

test("a key that cannot stand in a header is a ConfigurationError without the key", async () => {
  const headers = { authorization: "Bearer sk-se\ncret" };
  const stream = postSse({ url: "http://127.0.0.1:1/", headers, body: "{}", provider: "test" }, { signal: never });
  const error: unknown = await stream.next().catch((thrown: unknown) => thrown);
  expect(isLLMError(error, "ConfigurationError")).toBe(true);
  expect((error as Error).message).not.toContain("sk-se");
});

test.each([
  ["a page", bodyAnswer(200, "<html><title>Sign in</title></html>"), /text\/html \(Sign in\)/],
  ["a JSON document", bodyAnswer(200, { choices: [] }), /application\/json/],
  [
    "a body compressed in a way nobody asked for",
    bodyAnswer(200, "x", { "content-type": "text/event-stream", "content-encoding": "zstd" }),
    /a body encoded as zstd, which is not supported/,
  ],
])("%s with status 200 is a ConfigurationError that names its type", async (_, answer, message) => {
  const server = await startServer(answer);
  const error: unknown = await post(server.url)
    .next()
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: "ConfigurationError", retryable: false });
  expect((error as Error).message).toMatch(message);
});

test("an error that comes with status 200 is the error it says it is", async () => {
  const server = await startServer(bodyAnswer(200, { error: { message: "slow down", code: 429 } }));
  await expect(post(server.url).next()).rejects.toMatchObject({ name: "RateLimitError" });
});
