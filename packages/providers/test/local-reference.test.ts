/**
 * Models by name, path, Hugging Face reference and address, against a file server that answers as Hugging Face does.
 */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { pullLocalModel, type LocalModelStatus } from "../src/local/index.ts";

const model = Buffer.concat([Buffer.from("GGUF"), Buffer.alloc(5000, 3)]);
const sha256 = createHash("sha256").update(model).digest("hex");

let folder: string;
let base: string;
let server: Server;
/** Method, path and the key of every request. */
let asked: string[];
let statuses: LocalModelStatus[];
/** What is listed in the repository `maker/tiny`. */
let listing: unknown;

const entry = (path: string, oid = sha256) => ({ type: "file", path, size: model.length, lfs: { oid } });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "local-reference-"));
  asked = [];
  statuses = [];
  listing = [
    entry("README.md"),
    entry("tiny-Q8_0.gguf"),
    entry("tiny-Q4_K_M.gguf"),
    entry("mmproj-Q4_K_M.gguf"),
    entry("tiny-F32-00001-of-00002.gguf"),
  ];
  server = createServer(({ method, url = "", headers }, response) => {
    asked.push([method, url, ...(headers.authorization === undefined ? [] : [headers.authorization])].join(" "));
    if (url.startsWith("/api/models/maker/tiny/tree/")) response.end(JSON.stringify(listing));
    else if (url.endsWith("page.gguf")) response.end("<!DOCTYPE html><title>Sign in</title>");
    else if (url.includes(".gguf")) response.setHeader("content-length", model.length).end(model);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true, force: true });
});

function pull(reference: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  return pullLocalModel(reference, {
    env: { AMPLIFIER_CACHE: folder, HF_ENDPOINT: base, ...env },
    signal: new AbortController().signal,
    onStatus: (status) => statuses.push(status),
  });
}

const models = async (): Promise<string[]> =>
  (await readdir(join(folder, "models")).catch((): string[] => [])).toSorted();

test("a Hugging Face name with a quantisation is found, announced, fetched once, and then had without a network", async () => {
  const file = await pull("hf:maker/tiny:q8_0", { HF_TOKEN: "hf_secret" });
  expect(file).toBe(join(folder, "models", "maker_tiny-Q8_0.gguf"));
  expect(statuses).toEqual([
    { kind: "announce", what: "weights", name: "hf:maker/tiny:q8_0", bytes: model.length, directory: folder },
    { kind: "progress", what: "weights", received: model.length, total: model.length },
    { kind: "installed", what: "weights" },
  ]);
  expect(asked).toEqual([
    "GET /api/models/maker/tiny/tree/main?recursive=true Bearer hf_secret",
    "GET /maker/tiny/resolve/main/tiny-Q8_0.gguf Bearer hf_secret",
  ]);
  expect(await pull("hf:maker/tiny:q8_0")).toBe(file);
  expect(asked).toHaveLength(2);
  expect(await models()).toEqual(["maker_tiny-Q8_0.gguf", "maker_tiny-Q8_0.gguf.json"]);
});

test.each([
  ["hf:maker/tiny", "main/tiny-Q4_K_M.gguf"],
  ["hf:maker/tiny/tiny-Q8_0.gguf", "main/tiny-Q8_0.gguf"],
  ["hf:maker/tiny:Q8_0#v2", "v2/tiny-Q8_0.gguf"],
])("%s means %s", async (reference, path) => {
  await pull(reference);
  expect(asked.at(-1)).toBe(`GET /maker/tiny/resolve/${path}`);
});

test("a file that differs from the hub's checksum is refused", async () => {
  listing = [entry("tiny-Q8_0.gguf", "00")];
  await expect(pull("hf:maker/tiny")).rejects.toMatchObject({ code: "checksum_mismatch", data: { actual: sha256 } });
  expect(await models()).toEqual([]);
});

test.each([
  ["hf:maker/tiny:Q2_K", "engine_failed", /no file for hf:maker\/tiny:Q2_K.*It has tiny-Q8_0\.gguf, tiny-Q4_K_M\.gguf/],
  ["hf:maker/tiny:F32", "engine_failed", /one of several parts/],
  ["hf:maker/none", "download_failed", /answered 404 Not Found \(no such repository, or one that needs HF_TOKEN/],
  ["hf:maker", undefined, /model is "hf:maker", which names no model\. Write hf:owner/],
  ["no-such-name", "engine_failed", /"no-such-name" .* there is no such file.*amplifier-ts local list/],
  ["./no/such.gguf", "engine_failed", /such\.gguf cannot be read: there is no such file/],
])("%s is refused with what to do", async (reference, code, message) => {
  await expect(pull(reference)).rejects.toMatchObject({
    ...(code === undefined ? {} : { code }),
    message: expect.stringMatching(message),
  });
});

test("an address is fetched under its file's name, its query is kept nowhere, and its name works from then on", async () => {
  const file = await pull(`${base}/files/small.gguf?token=secret`);
  expect(file).toBe(join(folder, "models", "small.gguf"));
  expect(asked).toEqual(["HEAD /files/small.gguf?token=secret", "GET /files/small.gguf?token=secret"]);
  expect(JSON.stringify(statuses)).not.toContain("secret");
  expect(await pull("small")).toBe(file);
  expect(await pull("small.gguf")).toBe(file);
  expect(asked).toHaveLength(2);
});

test("a second address with the same file name is refused, and says how to have it", async () => {
  await pull(`${base}/one/small.gguf`);
  await expect(pull(`${base}/two/small.gguf`)).rejects.toThrow(
    /there already, from .*\/one\/small\.gguf.*local remove/,
  );
});

test("a page in the place of a model is no GGUF file, and is not kept", async () => {
  await expect(pull(`${base}/page.gguf`)).rejects.toThrow(/is no GGUF file: it begins with "<!DO"/);
  expect(await models()).toEqual([]);
});

test("a fetched model that was damaged is fetched again", async () => {
  const file = await pull("hf:maker/tiny");
  await writeFile(file, Buffer.alloc(model.length));
  await pull("hf:maker/tiny");
  expect(asked).toHaveLength(4);
});

test("a file is taken as it is, and an empty one, a folder and another format are refused by what is wrong", async () => {
  const path = join(folder, "mine.gguf");
  await writeFile(path, model);
  expect(await pull(path)).toBe(path);
  expect(await readdir(folder)).toEqual(["mine.gguf"]);
  await writeFile(path, "");
  await expect(pull(path)).rejects.toThrow(/mine\.gguf is no GGUF file: it is empty/);
  await writeFile(path, "PK-zip-archive-and-more-and-more");
  await expect(pull(path)).rejects.toThrow(/begins with "PK-z"/);
  await mkdir(join(folder, "folder"));
  await expect(pull(join(folder, "folder"))).rejects.toThrow(/is a folder/);
});
