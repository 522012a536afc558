/** Answers that break HTTP, or use it as it was long ago: written byte for byte, for no server would. */
import { expect, test } from "vitest";
import { postSse, type PayloadStream } from "../../src/http/post-sse.ts";
import { startRawServer } from "../wire/raw-server.ts";

const never = new AbortController().signal;

const post = (url: string): PayloadStream =>
  postSse({ url: `${url}/v1`, headers: {}, body: "{}", provider: "test", model: "m" }, { signal: never });

async function read(url: string): Promise<{ readonly payloads: readonly string[]; readonly error?: unknown }> {
  const payloads: string[] = [];
  try {
    for await (const batch of post(url)) payloads.push(...batch);
    return { payloads };
  } catch (error) {
    return { payloads, error };
  }
}

const SSE = "content-type: text/event-stream\r\n";
const CHUNKED = `HTTP/1.1 200 OK\r\n${SSE}transfer-encoding: chunked\r\n\r\n`;
const chunk = (text: string): string => `${text.length.toString(16)}\r\n${text}\r\n`;

test.each([
  ["HTTP/1.0, whose body ends with the connection", `HTTP/1.0 200 OK\r\n${SSE}\r\ndata: a\n\n`],
  ["HTTP/1.1 without length and chunks", `HTTP/1.1 200 OK\r\n${SSE}\r\ndata: a\n\n`],
  ["a length", `HTTP/1.1 200 OK\r\n${SSE}content-length: 9\r\n\r\ndata: a\n\n`],
  ["chunks with extensions and trailers", `${CHUNKED}9;x=y\r\ndata: a\n\n\r\n0\r\nx-trailer: 1\r\n\r\n`],
  ["interim answers in front", `HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${CHUNKED}${chunk("data: a\n\n")}0\r\n\r\n`],
])("%s: the answer is read", async (_, answer) => {
  expect(await read(await startRawServer(answer))).toEqual({ payloads: ["a"] });
});

test.each([
  ["ends before its last chunk", `${CHUNKED}${chunk("data: a\n\n")}`, ["a"]],
  ["ends inside a chunk", `${CHUNKED}ff\r\ndata: a\n\n`, ["a"]],
  ["ends before its length", `HTTP/1.1 200 OK\r\n${SSE}content-length: 99\r\n\r\ndata: a\n\n`, ["a"]],
])("a body that %s is a StreamError, after what had come", async (_, answer, payloads) => {
  const url = await startRawServer(answer);
  expect(await read(url)).toEqual({
    payloads,
    error: expect.objectContaining({ name: "StreamError", retryable: true, provider: "test", model: "m" }) as unknown,
  });
});

test.each([
  ["in one piece with the head", `${CHUNKED}nonsense\r\n`],
  ["after an event", `${CHUNKED}${chunk("data: a\n\n")}nonsense\r\n`],
])("a chunk without a size, %s, is a StreamError, with the connection left open", async (_, answer) => {
  const { error } = await read(await startRawServer(answer, { kept: true }));
  expect(error).toMatchObject({ name: "StreamError", retryable: true });
});

test.each([
  ["no HTTP at all", "220 mail.test ESMTP\r\n", "the server does not speak HTTP"],
  ["half a head", "HTTP/1.1 200 OK\r\ncontent-ty", "(ECONNRESET): the server closed the connection before it answered"],
  ["nothing", "", "(ECONNRESET): the server closed the connection before it answered"],
])("%s is a NetworkError", async (_, answer, message) => {
  const url = await startRawServer(answer);
  const { error } = await read(url);
  expect(error).toMatchObject({ name: "NetworkError", retryable: true, provider: "test" });
  expect((error as Error).message).toContain(`Cannot reach ${url}/v1`);
  expect((error as Error).message).toContain(message);
});

test("an error whose body breaks off keeps its status and what had come", async () => {
  const url = await startRawServer("HTTP/1.1 503 Busy\r\ncontent-length: 99\r\n\r\noverloaded for now");
  const { error } = await read(url);
  expect(error).toMatchObject({ name: "ProviderUnavailableError", status_code: 503 });
  expect((error as Error).message).toContain("answered 503: overloaded for now.");
});
