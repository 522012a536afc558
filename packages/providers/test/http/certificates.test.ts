/**
 * Whom we trust: the authorities that Node trusts, and those of NODE_EXTRA_CA_CERTS, which Node reads when a process
 * starts. So the calls that succeed are made by real processes, of what was built.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { postSse } from "../../src/http/post-sse.ts";
import { sseAnswer, startSecureServer, startServer } from "../wire/local-server.ts";
import { startProxy } from "./local-proxy.ts";

const AUTHORITY = fileURLToPath(new URL("../fixtures/tls/authority.pem", import.meta.url));
const BUILT = new URL("../../dist/openai/index.js", import.meta.url);

/** Asks a model, and prints what it says or how it fails. */
const PROGRAM = `
  import { createOpenAIProvider } from ${JSON.stringify(BUILT.href)};
  const provider = createOpenAIProvider({ base_url: process.argv[1], model: "m", api_key: "sk-secret" });
  const request = { messages: [{ role: "user", content: "Hi" }] };
  try {
    for await (const events of provider.stream(request, { signal: new AbortController().signal })) {
      for (const event of events) if (event.type === "block_delta") process.stdout.write(event.delta);
    }
  } catch (error) {
    process.stdout.write(error.name + ": " + error.message);
  }
`;

const answer = sseAnswer([
  'data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"Hello."},"finish_reason":null}]}\n\n',
  'data: {"id":"c","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
]);

/** Runs the program in an environment of its own; what it printed, and what stood on stderr. */
async function run(
  baseUrl: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly said: string; readonly stderr: string }> {
  if (!existsSync(BUILT)) throw new Error(`${fileURLToPath(BUILT)} is not there: build first, with npm run build`);
  const child = spawn(process.execPath, ["--input-type=module", "--eval", PROGRAM, baseUrl], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [said, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { said, stderr };
}

test("the authority of NODE_EXTRA_CA_CERTS is trusted", async () => {
  const { url } = await startSecureServer("server", answer);
  expect(await run(`${url}/v1`, { NODE_EXTRA_CA_CERTS: AUTHORITY })).toEqual({ said: "Hello.", stderr: "" });
});

test("without it the call fails before the key is sent, and says what to set", async () => {
  const server = await startSecureServer("server", answer);
  const { said } = await run(`${server.url}/v1`);
  expect(said).toBe(
    `NetworkError: Cannot reach ${server.url}/v1/chat/completions (UNABLE_TO_VERIFY_LEAF_SIGNATURE): nobody whom Node trusts has signed the server's certificate. For one of your own or of your company's set NODE_EXTRA_CA_CERTS to the file of its authority (PEM) before the start.`,
  );
  expect(server.requests).toEqual([]);
});

test("it is trusted behind a proxy as well, and the library's debug log has neither password nor key", async () => {
  const server = await startSecureServer("server", answer);
  const proxy = await startProxy(server.port);
  const HTTPS_PROXY = `http://me:p%40ss@${proxy.address}`;
  const { said, stderr } = await run("https://api.test/v1", {
    NODE_EXTRA_CA_CERTS: AUTHORITY,
    HTTPS_PROXY,
    DEBUG: "*",
  });
  expect(said).toBe("Hello.");
  expect(proxy.asked.map(({ line }) => line)).toEqual(["CONNECT api.test:443"]);
  expect(stderr).toContain("https-proxy-agent");
  expect(stderr).not.toMatch(/p%40ss|p@ss|sk-secret|bWU6/);
});

test("a proxy that speaks TLS itself is trusted by the same authorities", async () => {
  const { url } = await startSecureServer("server", (response, request) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const content = JSON.stringify(`${request.method} ${request.path}`);
    response.end(`data: {"choices":[{"index":0,"delta":{"content":${content}},"finish_reason":"stop"}]}\n\n`);
  });
  const env = { NODE_EXTRA_CA_CERTS: AUTHORITY, HTTP_PROXY: url };
  expect((await run("http://api.test/v1", env)).said).toBe("POST http://api.test/v1/chat/completions");
  expect((await run("http://api.test/v1", { HTTP_PROXY: url })).said).toContain(
    `NetworkError: Cannot reach the proxy ${url} (UNABLE_TO_VERIFY_LEAF_SIGNATURE). Check HTTP_PROXY`,
  );
});

test("a process without a proxy loads no library for proxies", async () => {
  const { url } = await startServer(answer);
  const { said, stderr } = await run(`${url}/v1`, { NODE_DEBUG: "esm" });
  expect(said).toBe("Hello.");
  expect(stderr).toContain("/dist/openai/index.js");
  expect(stderr).not.toMatch(/proxy-agent|tunnel-agent/);
});

test.each([
  ["has expired", "expired", "api.test", "CERT_HAS_EXPIRED"],
  ["is for another name", "server", "other.test", "ERR_TLS_CERT_ALTNAME_INVALID"],
] as const)("a certificate that %s is told as such", async (...row) => {
  const [what, certificate, host, code] = row;
  const proxy = await startProxy((await startSecureServer(certificate, answer)).port);
  const env = { NODE_EXTRA_CA_CERTS: AUTHORITY, HTTPS_PROXY: proxy.address };
  const { said } = await run(`https://${host}/v1`, env);
  expect(said).toContain(
    `Cannot reach https://${host}/v1/chat/completions (${code}): the server's certificate ${what}.`,
  );
});

test("https to a server that speaks plain http says to check the address", async () => {
  const server = await startServer(answer);
  const request = { url: server.url.replace("http:", "https:"), headers: {}, body: "{}", provider: "test" };
  await expect(postSse(request, { signal: new AbortController().signal }).next()).rejects.toMatchObject({
    name: "NetworkError",
    retryable: false,
    message: expect.stringContaining("Check whether base_url should start with http:// or https://") as unknown,
  });
});
