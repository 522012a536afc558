/** Compressed answers, which nobody asked for and some servers send: streams, errors and lists. */
import { brotliCompressSync, constants, createBrotliCompress, createGzip, deflateSync, gzipSync } from "node:zlib";
import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { getJson } from "../../src/http/get-json.ts";
import { postSse, type PayloadStream } from "../../src/http/post-sse.ts";
import { startServer, type Answer } from "../wire/local-server.ts";

const never = new AbortController().signal;
const EVENTS = "data: a\n\ndata: b\n\n";

const post = (url: string): PayloadStream =>
  postSse({ url, headers: {}, body: "{}", provider: "test", model: "m" }, { signal: never });

async function drain(stream: PayloadStream): Promise<string[]> {
  const payloads: string[] = [];
  for await (const batch of stream) payloads.push(...batch);
  return payloads;
}

const encoded =
  (encoding: string, body: Buffer, { status = 200, type = "text/event-stream" } = {}): Answer =>
  (response) =>
    void response.writeHead(status, { "content-type": type, "content-encoding": encoding }).end(body);

test.each([
  ["gzip", gzipSync(EVENTS)],
  ["x-gzip", gzipSync(EVENTS)],
  ["GZIP", gzipSync(EVENTS)],
  ["deflate", deflateSync(EVENTS)],
  ["br", brotliCompressSync(EVENTS)],
  ["identity", Buffer.from(EVENTS)],
])("a stream that comes as %s is read, and its socket is used again", async (encoding, body) => {
  const server = await startServer(encoded(encoding, body));
  for (let count = 0; count < 3; count++) expect(await drain(post(server.url))).toEqual(["a", "b"]);
  expect(server.connections()).toBe(1);
});

const COMPRESSORS = {
  gzip: () => createGzip(),
  br: () => createBrotliCompress(),
};

test.each(["gzip", "br"] as const)(
  "an event of a %s stream is delivered when it was sent, not at the end",
  async (encoding) => {
    const compressor = COMPRESSORS[encoding]();
    const flush = encoding === "gzip" ? constants.Z_SYNC_FLUSH : constants.BROTLI_OPERATION_FLUSH;
    const send = (event: string): void => {
      compressor.write(event);
      compressor.flush(flush);
    };
    const server = await startServer((response: ServerResponse) => {
      response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": encoding });
      compressor.pipe(response);
      send("data: a\n\n");
    });
    const stream = post(server.url);
    expect(await stream.next()).toEqual({ done: false, value: ["a"] });
    send("data: b\n\n");
    expect(await stream.next()).toEqual({ done: false, value: ["b"] });
    compressor.end();
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  },
);

test("a compressed stream is paused with its socket while nobody pulls, and comes whole when somebody does", async () => {
  const text = Array.from({ length: 2_000 }, (_, index) => `data: ${index} ${"x".repeat(1_000)}\n\n`).join("");
  const server = await startServer(encoded("gzip", gzipSync(text)));
  const stream = post(server.url);
  expect((await stream.next()).done).toBe(false);
  for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => void setImmediate(resolve));
  const rest = await drain(stream);
  expect(rest.at(-1)).toMatch(/^1999 x/);
});

test("return() in a compressed stream closes the socket", async () => {
  const compressor = createGzip();
  const server = await startServer((response) => {
    response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": "gzip" });
    compressor.pipe(response);
    compressor.write("data: a\n\n");
    compressor.flush();
  });
  const stream = post(server.url);
  expect(await stream.next()).toEqual({ done: false, value: ["a"] });
  await stream.return();
  await server.requests[0]?.closed;
  compressor.destroy();
});

test.each([
  ["is not what it says", Buffer.from(EVENTS)],
  [
    "breaks in the middle",
    Buffer.concat([gzipSync(EVENTS, { finishFlush: constants.Z_SYNC_FLUSH }), Buffer.alloc(9, 0xff)]),
  ],
])("a compressed body that %s is a StreamError", async (_, body) => {
  const server = await startServer(encoded("gzip", body));
  const error: unknown = await drain(post(server.url)).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    name: "StreamError",
    retryable: true,
    message: `The answer of ${server.url}/ cannot be decompressed (Z_DATA_ERROR). Have the server send it uncompressed.`,
  });
});

const CUT = {
  gzip: gzipSync(EVENTS, { finishFlush: constants.Z_SYNC_FLUSH }),
  br: brotliCompressSync(EVENTS).subarray(0, -1),
};

test.each(["gzip", "br"] as const)(
  "%s without its end is read as far as it goes: HTTP says that it is whole",
  async (encoding) => {
    const server = await startServer(encoded(encoding, CUT[encoding]));
    expect(await drain(post(server.url))).toEqual(["a", "b"]);
  },
);

test.each(["gzip", "br"] as const)(
  "a %s stream whose connection breaks is a StreamError, after what had come",
  async (encoding) => {
    const server = await startServer((response, request) => {
      response.writeHead(200, { "content-type": "text/event-stream", "content-encoding": encoding });
      response.write(CUT[encoding], () => setImmediate(() => request.socket.resetAndDestroy()));
    });
    const stream = post(server.url);
    expect(await stream.next()).toEqual({ done: false, value: ["a", "b"] });
    await expect(stream.next()).rejects.toMatchObject({
      name: "StreamError",
      message: expect.stringContaining("broke in the middle of the answer") as unknown,
    });
  },
);

test("a compressed error is read", async () => {
  const body = gzipSync(JSON.stringify({ error: { message: "Incorrect API key provided", code: "invalid_api_key" } }));
  const server = await startServer(encoded("gzip", body, { status: 401, type: "application/json" }));
  await expect(post(server.url).next()).rejects.toMatchObject({
    name: "AuthenticationError",
    message: expect.stringContaining("answered 401: Incorrect API key provided.") as unknown,
  });
});

test("an error that swells beyond all measure is read to 64 kB and no further, and its socket closed", async () => {
  const compressor = createGzip();
  const server = await startServer((response) => {
    response.writeHead(500, { "content-type": "text/plain", "content-encoding": "gzip" });
    compressor.pipe(response);
    compressor.write(Buffer.alloc(50_000_000, "x"));
    compressor.flush();
  });
  await expect(post(server.url).next()).rejects.toMatchObject({ name: "ProviderUnavailableError", status_code: 500 });
  await server.requests[0]?.closed;
  compressor.destroy();
});

test("an error compressed in a way we do not know keeps its status", async () => {
  const server = await startServer(encoded("zstd", Buffer.from([1, 2, 3]), { status: 429 }));
  await expect(post(server.url).next()).rejects.toMatchObject({
    name: "RateLimitError",
    message: expect.stringContaining("answered 429: a body encoded as zstd, which is not supported.") as unknown,
  });
});

test("a compressed list is read", async () => {
  const server = await startServer(encoded("br", brotliCompressSync('{"data":[]}'), { type: "application/json" }));
  const request = { url: server.url, headers: {}, provider: "test" };
  expect(await getJson(request, { signal: never })).toEqual({ data: [] });
});
