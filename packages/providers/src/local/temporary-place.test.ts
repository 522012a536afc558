import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { settlePlace, temporaryPlace } from "./temporary-place.ts";

let folder: string;
let target: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "temporary-place-"));
  target = join(folder, "deep", "weights");
  await mkdir(join(folder, "deep"));
});

afterEach(() => rm(folder, { recursive: true }));

const host = hostname().replaceAll(/[^A-Za-z0-9.]/g, "_");
const names = async (): Promise<string[]> => (await readdir(join(folder, "deep"))).toSorted();

test("a place is beside its target, does not exist yet, and is never the same twice", async () => {
  const place = await temporaryPlace(target);
  expect(place).toMatch(/weights\.part-.*-\d+-[0-9a-f]{8}$/);
  expect(existsSync(place)).toBe(false);
  expect(await temporaryPlace(target)).not.toBe(place);
});

test("settling a folder moves it; where the target is there already, that one stays", async () => {
  for (const content of ["first", "second"]) {
    const place = await temporaryPlace(target);
    await mkdir(place);
    await writeFile(join(place, content), content);
    await settlePlace(place, target);
  }
  expect(await names()).toEqual(["weights"]);
  expect(await readdir(target)).toEqual(["first"]);
});

test("a place that was never made is an error, and no target appears", async () => {
  await expect(settlePlace(await temporaryPlace(target), target)).rejects.toThrow("ENOENT");
  expect(await names()).toEqual([]);
});

test("leftovers of dead processes go, those of living ones and of other hosts stay, other files are not touched", async () => {
  // Larger than any process id of Linux, macOS or Windows.
  const dead = 2 ** 31 - 1;
  const stay = [
    `weights.part-${host}-${process.pid}-aa`,
    "weights.part-elsewhere-1-bb",
    "weights-of-mine",
    "other.part-x-1-cc",
  ];
  const old = "weights.part-elsewhere-2-dd";
  for (const name of [...stay, old, `weights.part-${host}-${dead}-ee`])
    await writeFile(join(folder, "deep", name), "x");
  await utimes(join(folder, "deep", old), new Date(0), new Date(0));
  await temporaryPlace(target);
  expect(await names()).toEqual(stay.toSorted());
});
