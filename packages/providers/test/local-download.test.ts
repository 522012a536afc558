/**
 * Downloads of models over a real file server with ranges: what came is never fetched twice, two processes never fetch the
 * same file at once, and a file is whole and right or not there.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "rolldown";
import { afterEach, beforeEach, expect, test } from "vitest";
import { downloadFile, type DownloadOptions } from "../src/local/download-file.ts";
import { fetchWeights } from "../src/local/fetch-weights.ts";
import { withLockFile } from "../src/local/lock-file.ts";

const content = Buffer.from(Array.from({ length: 400_000 }, (_, at) => (at * 31) % 253));
const sha256Of = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const sha256 = sha256Of(content);
/** Larger than any process id of Linux, macOS or Windows. */
const DEAD_PID = 2 ** 31 - 1;

let folder: string;
let file: string;
let server: FileServer;

/** Serves `content` with ranges; the next answers stop after `breakAfter` bytes, and break when they have been received. */
class FileServer {
  content = content;
  etag: string | null = '"v1"';
  ranges = true;
  breakAfter: number[] = [];
  /** What was asked for: the range, or "all". */
  readonly asked: string[] = [];
  readonly #server: Server;
  #stopped: { readonly at: number; readonly response: ServerResponse } | null = null;

  constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/model.gguf`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  /** To be called with what the client has. */
  received(bytes: number): void {
    if (this.#stopped?.at !== bytes) return;
    this.#stopped.response.destroy();
    this.#stopped = null;
  }

  #answer({ headers }: IncomingMessage, response: ServerResponse): void {
    this.asked.push(headers.range ?? "all");
    const from = this.#startFor(headers);
    if (from !== null && from >= this.content.length) return void response.writeHead(416).end();
    const range =
      from === null ? {} : { "content-range": `bytes ${from}-${this.content.length - 1}/${this.content.length}` };
    const etag = this.etag === null ? {} : { etag: this.etag };
    const body = this.content.subarray(from ?? 0);
    response.writeHead(from === null ? 200 : 206, { "content-length": body.length, ...etag, ...range });
    const end = this.breakAfter.shift();
    if (end === undefined) return void response.end(body);
    response.write(body.subarray(0, end));
    this.#stopped = { at: (from ?? 0) + end, response };
  }

  #startFor({ range, "if-range": ifRange }: IncomingMessage["headers"]): number | null {
    if (range === undefined || !this.ranges || (ifRange !== undefined && ifRange !== this.etag)) return null;
    return Number(/\d+/.exec(range)?.[0]);
  }
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "local-download-"));
  file = join(folder, "model.gguf");
  server = new FileServer();
  await server.start();
});

afterEach(async () => {
  server.close();
  await rm(folder, { recursive: true, force: true });
});

function options(over: Partial<DownloadOptions> = {}): DownloadOptions {
  const { signal } = new AbortController();
  const { onProgress = () => undefined, ...rest } = over;
  return {
    url: server.url,
    sha256,
    maxBytes: null,
    signal,
    ...rest,
    onProgress: (received, total) => {
      onProgress(received, total);
      server.received(received);
    },
  };
}

const names = async (): Promise<string[]> => (await readdir(folder)).toSorted();

/** A first call that is stopped after its first bytes; resolves with how many are kept. */
async function beginDownload(over: Partial<DownloadOptions> = {}): Promise<number> {
  server.breakAfter = [100_000];
  const controller = new AbortController();
  const onProgress = (received: number): void => {
    if (received === 100_000) controller.abort(new Error("stopped"));
  };
  await expect(downloadFile(file, options({ ...over, signal: controller.signal, onProgress }))).rejects.toThrow();
  return (await readFile(`${file}.partial`)).length;
}

test("a connection that breaks is taken up where it broke, and progress only grows", async () => {
  server.breakAfter = [100_000, 50_000];
  const progress: number[] = [];
  expect(await downloadFile(file, options({ onProgress: (received) => progress.push(received) }))).toBe(sha256);
  expect(server.asked).toEqual(["all", "bytes=100000-", "bytes=150000-"]);
  expect((await readFile(file)).equals(content)).toBe(true);
  expect(progress).toEqual([...progress].toSorted((a, b) => a - b));
  expect(progress.at(-1)).toBe(content.length);
  expect(await names()).toEqual(["model.gguf"]);
});

test("a server that breaks every connection is a download_failed after six, and what came is kept", async () => {
  server.breakAfter = Array.from({ length: 9 }, () => 1000);
  await expect(downloadFile(file, options())).rejects.toMatchObject({
    code: "download_failed",
    data: { url: server.url },
  });
  expect(server.asked).toHaveLength(6);
  expect(await names()).toEqual(["model.gguf.partial", "model.gguf.partial.json"]);
});

test("an abort keeps what came, and the next call asks for the rest alone", async () => {
  const kept = await beginDownload();
  server.asked.length = 0;
  expect(kept).toBe(100_000);
  await downloadFile(file, options());
  expect(server.asked).toEqual([`bytes=${kept}-`]);
  expect((await readFile(file)).equals(content)).toBe(true);
});

test("without a checksum it goes on only where the server confirms that the file is the same", async () => {
  const kept = await beginDownload({ sha256: null });
  const other = Buffer.alloc(400_000, 7);
  server.content = other;
  server.etag = '"v2"';
  server.asked.length = 0;
  expect(await downloadFile(file, options({ sha256: null }))).toBe(sha256Of(other));
  expect(server.asked).toEqual([`bytes=${kept}-`]);
  expect((await readFile(file)).equals(other)).toBe(true);
});

test("without a checksum and without a validator it begins anew", async () => {
  server.etag = null;
  await beginDownload({ sha256: null });
  server.asked.length = 0;
  await downloadFile(file, options({ sha256: null }));
  expect(server.asked).toEqual(["all"]);
});

test("a server without ranges sends all of it again, and the file is right", async () => {
  await beginDownload();
  server.ranges = false;
  await downloadFile(file, options());
  expect((await readFile(file)).equals(content)).toBe(true);
});

test("a beginning that was damaged is thrown away after one try, and the file is right", async () => {
  const kept = await beginDownload();
  await writeFile(`${file}.partial`, Buffer.alloc(kept));
  server.asked.length = 0;
  expect(await downloadFile(file, options())).toBe(sha256);
  expect(server.asked).toEqual([`bytes=${kept}-`, "all"]);
});

test("a beginning that is the whole file already is not appended to", async () => {
  await beginDownload();
  await writeFile(`${file}.partial`, content);
  await downloadFile(file, options());
  expect((await readFile(file)).equals(content)).toBe(true);
});

test("another file than the expected one is a checksum_mismatch, fetched once, and nothing of it stays", async () => {
  await expect(downloadFile(file, options({ sha256: "00" }))).rejects.toMatchObject({
    code: "checksum_mismatch",
    data: { file, expected: "00", actual: sha256 },
  });
  expect(server.asked).toEqual(["all"]);
  expect(await names()).toEqual([]);
});

test("more than it should be is refused while it comes", async () => {
  await expect(downloadFile(file, options({ maxBytes: 1000 }))).rejects.toMatchObject({ code: "checksum_mismatch" });
  expect(await names()).toEqual([]);
});

test("two at once on one file: one fetches, the other waits for it, and it is asked for once", async () => {
  const { signal } = new AbortController();
  const weights = { env: {}, signal, source: server.url, sha256, onProgress: () => undefined };
  await Promise.all([fetchWeights(file, weights), fetchWeights(file, weights)]);
  expect(server.asked).toEqual(["all"]);
  expect(await names()).toEqual(["model.gguf", "model.gguf.json"]);
});

test("damaged weights of the right size are fetched again, and right ones are not", async () => {
  const { signal } = new AbortController();
  const weights = { env: {}, signal, source: server.url, sha256, onProgress: () => undefined };
  await fetchWeights(file, weights);
  await fetchWeights(file, weights);
  expect(server.asked).toEqual(["all"]);
  await writeFile(file, Buffer.alloc(content.length));
  await fetchWeights(file, weights);
  expect(server.asked).toEqual(["all", "all"]);
  expect((await readFile(file)).equals(content)).toBe(true);
});

/** A process of its own that runs `body` with our modules; resolves once it has said something. */
async function otherProcess(source: string, body: string): Promise<ReturnType<typeof spawn>> {
  const module = join(folder, "module.js");
  const input = fileURLToPath(new URL(`../src/local/${source}`, import.meta.url));
  await build({ input, platform: "node", output: { file: module } });
  const code = `const own = await import(${JSON.stringify(pathToFileURL(module))});\n${body}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  return child;
}

test("a process killed while it downloads leaves its bytes and its lock; the next one takes both over", async () => {
  server.breakAfter = [];
  const silent = createServer((_, response) => {
    response.writeHead(200, { "content-length": content.length, etag: '"v1"' });
    response.write(content.subarray(0, 100_000));
  });
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/model.gguf`;
  try {
    const child = await otherProcess(
      "fetch-weights.ts",
      `let last = 0;
      await own.fetchWeights(${JSON.stringify(file)}, {
        env: {}, signal: new AbortController().signal, source: ${JSON.stringify(url)}, sha256: ${JSON.stringify(sha256)},
        onProgress: (bytes) => { if (bytes === 100000) console.log("under way"); },
      });`,
    );
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("close", resolve));
  } finally {
    silent.closeAllConnections();
    silent.close();
  }
  expect(existsSync(`${file}.lock`)).toBe(true);
  const { signal } = new AbortController();
  await fetchWeights(file, { env: {}, signal, source: server.url, sha256, onProgress: () => undefined });
  expect(server.asked).toEqual(["bytes=100000-"]);
  expect((await names()).filter((name) => name.startsWith("model.gguf"))).toEqual(["model.gguf", "model.gguf.json"]);
});

test("a lock of a living process is waited for until that process gives it back", async () => {
  const child = await otherProcess(
    "lock-file.ts",
    `await own.withLockFile(${JSON.stringify(file)}, { signal: new AbortController().signal }, async () => {
      const alive = setInterval(() => undefined, 1000);
      const told = new Promise((resolve) => process.once("SIGUSR2", resolve));
      console.log("locked");
      await told;
      clearInterval(alive);
    });`,
  );
  const ended = new Promise((resolve) => child.once("close", resolve));
  const order: string[] = [];
  const onWaiting = (): void => {
    if (order.length === 0) child.kill("SIGUSR2");
    order.push("waiting");
  };
  await withLockFile(file, { signal: new AbortController().signal, onWaiting }, () =>
    Promise.resolve(void order.push("working")),
  );
  expect(order[0]).toBe("waiting");
  expect(order.filter((each) => each === "working")).toEqual(["working"]);
  expect(await ended).toBe(0);
  expect(existsSync(`${file}.lock`)).toBe(false);
});

test("an abort ends the wait for a lock, and leaves the lock to its owner", async () => {
  const controller = new AbortController();
  const signal = controller.signal;
  await withLockFile(file, { signal: new AbortController().signal }, async () => {
    const onWaiting = (): void => controller.abort(new Error("stopped"));
    const second = withLockFile(file, { signal, onWaiting }, () => Promise.reject(new Error("must not run")));
    await expect(second).rejects.toMatchObject({ name: "AbortError" });
    expect(existsSync(`${file}.lock`)).toBe(true);
  });
});

test("of many waiters for a dead owner's lock one works at a time", async () => {
  await mkdir(folder, { recursive: true });
  await writeFile(`${file}.lock`, `${hostname()} ${DEAD_PID} aa\n`);
  let working = 0;
  let most = 0;
  const work = async (): Promise<void> => {
    most = Math.max(most, (working += 1));
    await new Promise((resolve) => setImmediate(resolve));
    working -= 1;
  };
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 4 }, () => withLockFile(file, { signal }, work)));
  expect({ most, left: await names() }).toEqual({ most: 1, left: [] });
});
