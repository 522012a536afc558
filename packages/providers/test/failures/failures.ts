/**
 * Owns how each failure of the table in `docs/providers.md` is brought about, by its name there: a real server or proxy on
 * loopback that does wrong, and the address to call.
 */
import { gzipSync } from "node:zlib";
import { vi } from "vitest";
import { startProxy, type ProxyAnswers } from "../http/local-proxy.ts";
import { bodyAnswer, sseAnswer, startSecureServer, startServer, type Answer } from "../wire/local-server.ts";
import { freePort, startRawServer } from "../wire/raw-server.ts";
import { KEY, type Api, type Refusal } from "./apis.ts";

/** Sets the failure up for an API, and resolves with the address to call. The test's end takes it down. */
export type Failure = (api: Api) => Promise<string>;

const served =
  (answer: (api: Api) => Answer): Failure =>
  async (api) =>
    (await startServer(answer(api))).url;

const refused = (refusal: Refusal): Failure =>
  served((api) => {
    const [status, body] = api.refusals[refusal];
    return typeof body === "string" ? sseAnswer([body]) : bodyAnswer(status, body);
  });

const broken = (answer: (api: Api) => readonly string[]): Failure => served((api) => sseAnswer(answer(api)));

const throughProxy =
  (answers: ProxyAnswers): Failure =>
  async () => {
    const proxy = await startProxy(await freePort(), answers);
    vi.stubEnv("HTTPS_PROXY", `http://me:p%40ss@${proxy.address}`);
    return "https://api.test";
  };

const connectAnswer = (head: string): Failure =>
  throughProxy({ onConnect: (socket) => void socket.end(`HTTP/1.1 ${head}\r\n\r\n`) });

const withProxy =
  (proxy: () => Promise<string>): Failure =>
  async () => {
    vi.stubEnv("HTTPS_PROXY", await proxy());
    return "https://api.test";
  };

const page = (status: number, title: string): Failure =>
  served(() => bodyAnswer(status, `<!doctype html><html><title>${title}</title><h1>Access point</h1></html>`));

/** All that a server or a proxy does. */
export const failures: Readonly<Record<string, Failure>> = {
  "wrong key": refused("wrong key"),
  "forbidden model or place": refused("forbidden model or place"),
  "no quota": refused("no quota"),
  "too many requests": refused("too many requests"),
  "unknown model": refused("unknown model"),
  "conversation too long": refused("conversation too long"),
  "refused content": refused("refused content"),
  "refused request": refused("refused request"),
  "request too large": served(() => bodyAnswer(413, { error: { type: "request_too_large", message: "Too large" } })),
  overloaded: refused("overloaded"),
  "server error": refused("server error"),
  "server gave up waiting": served(() => bodyAnswer(504, { error: { message: "upstream request timeout" } })),
  "error inside the answer": broken((api) => [api.begun, api.brokenOff]),
  "compressed error": served(() => (response) => {
    const body = gzipSync(JSON.stringify({ error: { message: `Bad key ${KEY}`, type: "authentication_error" } }));
    response.writeHead(401, { "content-type": "application/json", "content-encoding": "gzip" }).end(body);
  }),
  "web page instead of an answer": page(200, "Sign in"),
  "web page as an error": page(403, "Blocked"),
  "no stream": served(() => bodyAnswer(200, { choices: [] })),
  "unknown compression": served(() =>
    bodyAnswer(200, "x", { "content-type": "text/event-stream", "content-encoding": "zstd" }),
  ),
  redirect: served(() => bodyAnswer(307, "", { location: "https://elsewhere.test/v1?token=1" })),
  "unknown host": () => {
    for (const name of ["HTTP_PROXY", "http_proxy"]) vi.stubEnv(name, "");
    return Promise.resolve("http://nobody.invalid");
  },
  "nobody listens": async () => `http://127.0.0.1:${await freePort()}`,
  "unknown certificate": async () => (await startSecureServer("server", sseAnswer([]))).url,
  "https to plain http": async () => (await startServer(sseAnswer([]))).url.replace("http:", "https:"),
  "no HTTP": () => startRawServer("220 mail.test ESMTP\r\n"),
  "closed before the answer": served(
    () =>
      (_, { socket }) =>
        void socket.destroy(),
  ),
  "broken connection": served((api) => (response, { socket }) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(api.begun, () => void setImmediate(() => socket.resetAndDestroy()));
  }),
  "answer without its end": broken((api) => [api.begun]),
  "not what the API promises": broken((api) => [api.begun, "data: {nonsense\n\n"]),
  "broken compression": served(() =>
    bodyAnswer(200, "x".repeat(99), { "content-type": "text/event-stream", "content-encoding": "gzip" }),
  ),
  "proxy out of reach": withProxy(async () => `http://me:p%40ss@127.0.0.1:${await freePort()}`),
  "proxy wants a password": connectAnswer("407 Proxy Authentication Required"),
  "proxy refuses": connectAnswer("403 Forbidden"),
  "proxy does not get through": connectAnswer("502 Bad Gateway"),
  "no proxy at all": withProxy(() => Promise.resolve("socks5://me:p%40ss@127.0.0.1:1080")),
};
