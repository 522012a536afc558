/** Calls through a real proxy: forwarded for http, in a tunnel for https, and told apart from the server when it fails. */
import type { Socket } from "node:net";
import { expect, test, vi } from "vitest";
import { getJson } from "../../src/http/get-json.ts";
import { postSse, type PayloadStream } from "../../src/http/post-sse.ts";
import { bodyAnswer, sseAnswer, startSecureServer, startServer, type LocalServer } from "../wire/local-server.ts";
import { freePort } from "../wire/raw-server.ts";
import { startProxy, type LocalProxy, type ProxyAnswers } from "./local-proxy.ts";

const never = new AbortController().signal;
const CREDENTIALS = `Basic ${Buffer.from("me:p@ss").toString("base64")}`;

function post(url: string, signal: AbortSignal = never): PayloadStream {
  const headers = { authorization: "Bearer sk-secret" };
  return postSse({ url: `${url}/v1/x?a=1`, headers, body: "{}", provider: "test", model: "m" }, { signal });
}

async function drain(stream: PayloadStream): Promise<string[]> {
  const payloads: string[] = [];
  for await (const batch of stream) payloads.push(...batch);
  return payloads;
}

const errorOf = (stream: PayloadStream): Promise<unknown> =>
  stream.next().then(
    () => null,
    (error: unknown) => error,
  );

/** A proxy in front of `server`, named by both variables. */
async function proxied(server: LocalServer | number, answers?: ProxyAnswers): Promise<LocalProxy> {
  const proxy = await startProxy(typeof server === "number" ? server : server.port, answers);
  vi.stubEnv("HTTPS_PROXY", `http://me:p%40ss@${proxy.address}`);
  vi.stubEnv("HTTP_PROXY", `http://me:p%40ss@${proxy.address}`);
  for (const name of ["https_proxy", "http_proxy", "no_proxy", "NO_PROXY"]) vi.stubEnv(name, "");
  return proxy;
}

/** Nobody trusts the authority of the tests: what a tunnel is like is seen without asking. Trust has tests of its own. */
const trustAnybody = (): unknown => vi.stubEnv("NODE_TLS_REJECT_UNAUTHORIZED", "0");

test("an http server is asked for at the proxy by its whole address, and the kept socket serves the next call", async () => {
  const server = await startServer(sseAnswer(["data: a\n\n", "data: b\n\n"]));
  const proxy = await proxied(server);
  expect(await drain(post("http://api.test:8080"))).toEqual(["a", "b"]);
  expect(await drain(post("http://other.test"))).toEqual(["a", "b"]);
  expect(proxy.asked).toEqual([
    {
      line: "POST http://api.test:8080/v1/x?a=1",
      headers: expect.objectContaining({
        host: "api.test:8080",
        "proxy-authorization": CREDENTIALS,
        authorization: "Bearer sk-secret",
      }) as unknown,
    },
    {
      line: "POST http://other.test/v1/x?a=1",
      headers: expect.objectContaining({ host: "other.test", connection: "keep-alive" }) as unknown,
    },
  ]);
});

test("to an https server the proxy opens a tunnel, sees nothing of the call, and the tunnel serves the next one", async () => {
  trustAnybody();
  const server = await startSecureServer("server", sseAnswer(["data: a\n\n", "data: b\n\n"]));
  const proxy = await proxied(server);
  for (let count = 0; count < 3; count++) expect(await drain(post("https://api.test"))).toEqual(["a", "b"]);
  expect(proxy.asked).toEqual([
    {
      line: "CONNECT api.test:443",
      headers: { host: "api.test:443", "proxy-authorization": CREDENTIALS, "proxy-connection": "Keep-Alive" },
    },
  ]);
  expect(server.connections()).toBe(1);
  expect(server.requests.map(({ headers }) => [headers.host, headers["proxy-authorization"]])).toEqual(
    Array.from({ length: 3 }, () => ["api.test", undefined]),
  );
});

test("a tunnel that the server closed in the meantime costs nothing, and the next call goes through the proxy too", async () => {
  trustAnybody();
  const server = await startSecureServer(
    "server",
    sseAnswer(["data: a\n\n"]),
    (_, { socket }) => void socket.destroy(),
    sseAnswer(["data: b\n\n"]),
  );
  const proxy = await proxied(server);
  expect(await drain(post("https://api.test"))).toEqual(["a"]);
  expect(await drain(post("https://api.test"))).toEqual(["b"]);
  expect(proxy.asked.map(({ line }) => line)).toEqual(["CONNECT api.test:443", "CONNECT api.test:443"]);
});

test("a list of models goes through the proxy as well", async () => {
  const proxy = await proxied(await startServer(bodyAnswer(200, { data: [] })));
  const request = { url: "http://api.test/v1/models", headers: {}, provider: "test" };
  expect(await getJson(request, { signal: never })).toEqual({ data: [] });
  expect(proxy.asked.map(({ line }) => line)).toEqual(["GET http://api.test/v1/models"]);
});

test("NO_PROXY and this machine itself are reached without it", async () => {
  const server = await startServer(sseAnswer(["data: a\n\n"]));
  const proxy = await proxied(server);
  vi.stubEnv("NO_PROXY", "api.invalid");
  expect(await drain(post(server.url))).toEqual(["a"]);
  expect(await errorOf(post("http://api.invalid"))).toMatchObject({ name: "NetworkError" });
  expect(proxy.asked).toEqual([]);
});

test.each(["http", "https"])("a proxy that cannot be reached for %s is named, without its password", async (scheme) => {
  const port = await freePort();
  const variable = `${scheme.toUpperCase()}_PROXY`;
  vi.stubEnv(variable, `http://me:p%40ss@127.0.0.1:${port}`);
  const error = await errorOf(post(`${scheme}://api.test`));
  expect(error).toMatchObject({
    name: "NetworkError",
    retryable: true,
    provider: "test",
    model: "m",
    message: `Cannot reach the proxy http://127.0.0.1:${port} (ECONNREFUSED). Check ${variable} and that the proxy runs, or name api.test in NO_PROXY to do without.`,
  });
});

const refusal =
  (head: string) =>
  (socket: Socket): void =>
    void socket.end(`HTTP/1.1 ${head}\r\ncontent-type: text/html\r\ncontent-length: 8\r\n\r\n<h1>me:p`);

test.each([
  [
    "407 Proxy Authentication Required",
    "ConfigurationError",
    "did not accept the user and the password (407). Set HTTPS_PROXY to http://user:password@",
  ],
  ["403 Forbidden", "ConfigurationError", "does not let calls to api.test through (403 Forbidden). Ask who runs it"],
  ["502 Bad Gateway", "NetworkError", "did not get through to api.test (502 Bad Gateway). Check base_url"],
  ["302 Found", "NetworkError", "did not get through to api.test (302 Found)"],
])("a proxy that answers CONNECT with %s is a %s", async (head, name, message) => {
  const proxy = await proxied(await freePort(), { onConnect: refusal(head) });
  const error = await errorOf(post("https://api.test"));
  expect(error).toMatchObject({ name, status_code: Number(head.slice(0, 3)), provider: "test" });
  expect((error as Error).message).toContain(`The proxy http://${proxy.address} ${message}`);
  expect(JSON.stringify([(error as Error).message, (error as Error).stack])).not.toMatch(/p@ss|p%40ss|sk-secret/);
});

test("a proxy that wants a user and got none says so", async () => {
  const proxy = await proxied(await freePort(), { onConnect: refusal("407 Authenticate") });
  vi.stubEnv("HTTPS_PROXY", proxy.address);
  expect(await errorOf(post("https://api.test"))).toMatchObject({
    name: "ConfigurationError",
    message: expect.stringContaining(
      "wants a user and a password (407). Set HTTPS_PROXY to http://user:password@",
    ) as unknown,
  });
});

test.each([
  ["says nothing sensible", "nonsense\r\n\r\n", "(it does not speak HTTP)"],
  ["closes the connection", "", "(Proxy connection ended before receiving CONNECT response)"],
])("a proxy that %s cannot be reached", async (_, answer, message) => {
  await proxied(await freePort(), { onConnect: (socket) => void socket.end(answer) });
  const error = await errorOf(post("https://api.test"));
  expect(error).toMatchObject({ name: "NetworkError", message: expect.stringContaining(message) as unknown });
});

test("407 to a forwarded call is the proxy's, and says what to set", async () => {
  await proxied(await freePort(), {
    onForward: (response) => void response.writeHead(407, { "content-type": "text/html" }).end("<h1>Who are you?</h1>"),
  });
  expect(await errorOf(post("http://api.test"))).toMatchObject({
    name: "ConfigurationError",
    status_code: 407,
    message:
      "http://api.test/v1/x answered 407: Who are you?. A proxy wants a user and a password: set HTTP_PROXY to http://user:password@host:port.",
  });
});

test("the certificate of a server behind a tunnel is checked, and its fault is the server's", async () => {
  await proxied(await startSecureServer("server", sseAnswer([])));
  expect(await errorOf(post("https://api.test"))).toMatchObject({
    name: "NetworkError",
    retryable: false,
    message: expect.stringMatching(
      /^Cannot reach https:\/\/api\.test\/v1\/x \(UNABLE_TO_VERIFY_LEAF_SIGNATURE\): nobody/,
    ) as unknown,
  });
});

test("an abort while the proxy is silent ends the call and closes its connection", async () => {
  const proxy = await proxied(await freePort(), { onConnect: () => undefined });
  const controller = new AbortController();
  const pending = errorOf(post("https://api.test", controller.signal));
  await vi.waitUntil(() => proxy.asked.length === 1);
  controller.abort("enough");
  expect(await pending).toMatchObject({ name: "AbortError", cause: "enough" });
  await proxy.closed();
});

test("return() while the proxy is silent closes the connection", async () => {
  const proxy = await proxied(await freePort(), { onConnect: () => undefined });
  const stream = post("https://api.test");
  const pending = stream.next();
  await vi.waitUntil(() => proxy.asked.length === 1);
  await stream.return();
  expect(await pending).toEqual({ done: true, value: undefined });
  await proxy.closed();
});

test("giving up a call that is over leaves its tunnel to the next", async () => {
  trustAnybody();
  let finish: () => void = () => undefined;
  const server = await startSecureServer("server", sseAnswer(["data: a\n\n"]), (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write("data: b\n\n");
    finish = () => void response.end("data: c\n\n");
  });
  const proxy = await proxied(server);
  const first = post("https://api.test");
  expect(await drain(first)).toEqual(["a"]);
  const second = post("https://api.test");
  expect(await second.next()).toEqual({ done: false, value: ["b"] });
  await first.return();
  finish();
  expect(await drain(second)).toEqual(["c"]);
  expect(proxy.asked).toHaveLength(1);
});

test("a proxy variable that cannot be used is a ConfigurationError before anything is sent", async () => {
  vi.stubEnv("HTTPS_PROXY", "socks5://127.0.0.1:1080");
  expect(await errorOf(post("https://api.test"))).toMatchObject({ name: "ConfigurationError", provider: "test" });
});
