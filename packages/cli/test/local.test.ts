import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { emptyFolder, runCli, stopAll } from "./support/cli-process.ts";

const stops: (() => void)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) stop();
  await stopAll();
});

const model = Buffer.concat([Buffer.from("GGUF"), Buffer.alloc(1_500_000)]);

/** A file server that has one model, and nothing else. */
async function serveModel(): Promise<string> {
  const server = createServer(({ url }, response) => {
    if (url !== "/small.gguf") return void response.writeHead(404).end();
    response.writeHead(200, { "content-length": model.length }).end(model);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stops.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

test("a model is pulled with its progress, listed, and removed", async () => {
  const url = `${await serveModel()}/small.gguf`;
  const cache = emptyFolder();
  const env = { AMPLIFIER_CACHE: cache };
  const file = join(cache, "models", "small.gguf");

  const pulled = await runCli(["local", "pull", url], { env });
  expect(pulled).toMatchObject({ code: 0, stdout: `${file}\n` });
  expect(pulled.stderr).toMatch(/^Fetching http.*\/small\.gguf, 1\.5 MB, into .*\n(Model: \d+ % of 1\.5 MB\n)+$/);
  expect(await runCli(["local", "pull", url], { env })).toEqual({ code: 0, stdout: `${file}\n`, stderr: "" });

  writeFileSync(join(cache, "models", "begun.gguf.partial"), "GGUF");
  expect(await runCli(["local", "list"], { env })).toEqual({
    code: 0,
    stdout: `begun     0.0 MB  (begun; pull it to go on)\nsmall     1.5 MB  ${url}\n`,
    stderr: `2 in ${join(cache, "models")}, 1.5 MB\n`,
  });

  const removed = await runCli(["local", "remove", "small"], { env });
  expect(removed).toEqual({ code: 0, stdout: "", stderr: "Removed small, 1.5 MB\n" });
  expect(existsSync(file)).toBe(false);
});

test("a cache folder that is not there yet holds no model", async () => {
  const cache = join(emptyFolder(), "none");
  const { code, stdout, stderr } = await runCli(["local", "list"], { env: { AMPLIFIER_CACHE: cache } });
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: "", stderr: `0 in ${join(cache, "models")}, 0.0 MB\n` });
});

test.each([
  [["list", "all"], 2, /Say "amplifier-ts local list", "amplifier-ts local pull MODEL" or/],
  [[], 2, /Say "amplifier-ts local list"/],
  [["pull", "hf:nobody"], 2, /model is "hf:nobody", which names no model/],
  [["remove", "nope"], 1, /There is no model "nope" in .*It holds mine\./],
])("local %j is refused in one line that says what to do", async (words, code, message) => {
  const cache = emptyFolder();
  mkdirSync(join(cache, "models"));
  writeFileSync(join(cache, "models", "mine.gguf"), model);
  const ended = await runCli(["local", ...words], { env: { AMPLIFIER_CACHE: cache } });
  expect(ended).toEqual({ code, stdout: "", stderr: expect.stringMatching(message) });
  expect(ended.stderr.trimEnd()).not.toContain("\n");
});
