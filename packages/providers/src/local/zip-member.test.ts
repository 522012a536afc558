import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { zipOf } from "../../test/local-zip.ts";
import { openZipMember } from "./zip-member.ts";

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "zip-member-"));
  path = join(folder, "a.zip");
});

afterEach(() => rm(folder, { recursive: true }));

const large = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * 7919) % 251));

async function contentOf(name: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await openZipMember(path, name)).chunks) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test("a deflated member comes out byte for byte, in several chunks, with its size known before", async () => {
  await writeFile(
    path,
    zipOf([
      { name: "x/first", content: Buffer.from("1") },
      { name: "x/model.gguf", content: large },
    ]),
  );
  expect((await openZipMember(path, "x/model.gguf")).bytes).toBe(large.length);
  expect((await contentOf("x/model.gguf")).equals(large)).toBe(true);
});

test("a stored member comes out as it is", async () => {
  await writeFile(path, zipOf([{ name: "plain", content: large, stored: true }]));
  expect((await contentOf("plain")).equals(large)).toBe(true);
});

test("a comment behind the directory does not hide it", async () => {
  await writeFile(path, zipOf([{ name: "a", content: Buffer.from("hello") }], { comment: "c".repeat(2000) }));
  expect((await contentOf("a")).toString()).toBe("hello");
});

test("a member that is not there is named", async () => {
  await writeFile(path, zipOf([{ name: "a", content: Buffer.from("hello") }]));
  await expect(openZipMember(path, "b")).rejects.toThrow("has no member b");
});

test("a file that is no zip is an error", async () => {
  await writeFile(path, "not a zip at all, just text that is long enough to look at");
  await expect(openZipMember(path, "a")).rejects.toThrow("no zip file");
});

test("a zip that was cut off is an error, never a short member", async () => {
  const whole = zipOf([{ name: "a", content: large }]);
  await writeFile(path, whole.subarray(0, whole.length / 2));
  await expect(contentOf("a")).rejects.toThrow("cut off");
});

test("a member whose data is damaged fails while it is read", async () => {
  const whole = zipOf([{ name: "a", content: large }]);
  whole.fill(0xff, 40, 400);
  await writeFile(path, whole);
  await expect(contentOf("a")).rejects.toThrow();
});
