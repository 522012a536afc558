import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { findOllamaModel, originOf } from "../src/providers/find-ollama-model.ts";

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

function tags(...models: readonly object[]): RequestListener {
  return (request, response) => {
    response.statusCode = request.url === "/api/tags" ? 200 : 404;
    response.end(JSON.stringify({ models }));
  };
}

test("the newest model that can chat is found, with the OpenAI base URL of its server", async () => {
  const host = await serve(
    tags(
      { name: "old:1b", modified_at: "2026-01-01T00:00:00Z", capabilities: ["completion"] },
      { name: "new:8b", modified_at: "2026-05-01T00:00:00Z", capabilities: ["completion", "tools"] },
      { name: "embed", modified_at: "2026-09-01T00:00:00Z", capabilities: ["embedding"] },
    ),
  );
  expect(await findOllamaModel({ OLLAMA_HOST: host })).toEqual({ model: "new:8b", baseUrl: `http://${host}/v1` });
});

test("an older server sends no capabilities: names and families of embedding models are known", async () => {
  const host = await serve(
    tags(
      { name: "nomic-embed-text", modified_at: "2026-09-01T00:00:00Z" },
      { name: "all", modified_at: "2026-09-01T00:00:00Z", details: { family: "bert" } },
      { name: "llama3", modified_at: "nonsense" },
    ),
  );
  expect(await findOllamaModel({ OLLAMA_HOST: `http://${host}/` })).toEqual({
    model: "llama3",
    baseUrl: `http://${host}/v1`,
  });
});

test.each<[string, RequestListener]>([
  ["has no model", tags()],
  ["has only embedding models", tags({ name: "x", capabilities: ["embedding"] })],
  ["is something else", (_request, response) => response.end("<html>")],
  ["answers with an error", (_request, response) => response.writeHead(500).end("{}")],
  ["breaks off", (_request, response) => response.destroy()],
  ["does not answer in time", () => undefined],
])("a server that %s is no Ollama", async (_what, listener) => {
  expect(await findOllamaModel({ OLLAMA_HOST: await serve(listener) })).toBeNull();
});

test("no server is no Ollama", async () => {
  expect(await findOllamaModel({ OLLAMA_HOST: "127.0.0.1:1" })).toBeNull();
});

test.each([
  [undefined, "http://127.0.0.1:11434"],
  ["", "http://127.0.0.1:11434"],
  ["0.0.0.0", "http://127.0.0.1:11434"],
  ["gpu.lan", "http://gpu.lan:11434"],
  ["gpu.lan:99", "http://gpu.lan:99"],
  ["http://gpu.lan", "http://gpu.lan:80"],
  ["http://gpu.lan/ollama/", "http://gpu.lan:80/ollama"],
  ["https://gpu.lan", null],
  ["a b", null],
])("OLLAMA_HOST %j is %j", (host, origin) => {
  expect(originOf(host)).toBe(origin);
});
