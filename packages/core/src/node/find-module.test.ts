/**
 * Finding modules on disk, in real folders.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { findModuleOnDisk } from "./find-module.ts";

const directory = mkdtempSync(join(tmpdir(), "find-module-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function write(path: string, content: string | object): void {
  const file = join(directory, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
}

write("tool.mjs", "export const where = 'file';");
write("broken.mjs", "throw new Error('no good');");
const packages = "node_modules/amplifier-module-";
write(`${packages}plain/package.json`, { name: "amplifier-module-plain", type: "module", main: "main.js" });
write(`${packages}plain/main.js`, "export const where = 'plain';");
write(`${packages}import-only/package.json`, {
  type: "module",
  exports: { ".": { types: "./x.d.ts", import: "./in/dex.js" } },
});
write(`${packages}import-only/in/dex.js`, "export const where = 'import-only';");
write("node_modules/@me/mods/package.json", {
  type: "module",
  exports: { "./a": { node: "./a-node.js", default: "./a.js" }, "./b": "./b.js" },
});
write("node_modules/@me/mods/a-node.js", "export const where = 'a-node';");
write("node_modules/@me/mods/b.js", "export const where = 'b';");
write("folder/package.json", { type: "module", exports: "./it.js" });
write("folder/it.js", "export const where = 'folder';");
write("plain-folder/it.js", "export const where = 'nowhere';");
write("stale/package.json", { exports: "./gone.js" });
write("mangled/package.json", "{");

describe("findModuleOnDisk", () => {
  it.each([
    [{ id: "x", source: "./tool.mjs" }, "file"],
    [{ id: "x", source: "./folder" }, "folder"],
    [{ id: "x", source: "file:./tool.mjs" }, "file"],
    [{ id: "x", source: pathToFileURL(join(directory, "tool.mjs")).href }, "file"],
    [{ id: "x", source: join(directory, "tool.mjs") }, "file"],
    [{ id: "plain" }, "plain"],
    [{ id: "import-only" }, "import-only"],
    [{ id: "x", source: "@me/mods/a" }, "a-node"],
    [{ id: "x", source: "@me/mods/b" }, "b"],
  ])("finds %j", async (request, where) => {
    expect(await findModuleOnDisk({ ...request, directory })).toMatchObject({ where });
  });

  it("loads a file once, and takes an id from wherever each plan says it is", async () => {
    const plain = await findModuleOnDisk({ id: "plain", directory });
    expect(await findModuleOnDisk({ id: "plain", directory })).toBe(plain);
    expect(await findModuleOnDisk({ id: "plain", source: "./tool.mjs", directory })).toMatchObject({ where: "file" });
  });

  it("says which package is missing and how to install it", async () => {
    await expect(findModuleOnDisk({ id: "tool-nowhere", directory })).rejects.toMatchObject({
      code: "module_not_found",
      message: expect.stringContaining("npm install amplifier-module-tool-nowhere"),
    });
  });

  it("says which file is missing", async () => {
    await expect(findModuleOnDisk({ id: "x", source: "./nowhere.mjs", directory })).rejects.toMatchObject({
      code: "module_not_found",
      message: `Module "x" not found: its source "./nowhere.mjs" is no file at ${join(directory, "nowhere.mjs")}.`,
    });
  });

  it.each([
    ["./plain-folder", "which has no package.json; name the module's file."],
    ["./stale", "whose package.json names no file that is there."],
  ])("says what is wrong with the folder %s", async (source, reason) => {
    const message = `Module "x" not found: its source "${source}" is the folder ${join(directory, source)}, ${reason}`;
    await expect(findModuleOnDisk({ id: "x", source, directory })).rejects.toMatchObject({
      code: "module_not_found",
      message,
    });
  });

  it("names the package.json that cannot be read", async () => {
    await expect(findModuleOnDisk({ id: "x", source: "./mangled", directory })).rejects.toThrow(
      `${join(directory, "mangled", "package.json")} cannot be read: `,
    );
  });

  it.each([
    ["git+https://git.example/a/tool-x@main", "npm install git+https://git.example/a/tool-x#main and name its package"],
    ["git+https://git.example/a/x@v1#subdirectory=y", "your package manager and name its package"],
    ["https://example.org/x.mjs", 'its source "https://example.org/x.mjs" is an address, and nothing is fetched here.'],
    ["github:a/x", "or name the folder of a copy."],
    ["git@git.example:a/x", "or name the folder of a copy."],
  ])("fetches nothing, and says what to do instead: %s", async (source, advice) => {
    await expect(findModuleOnDisk({ id: "x", source, directory })).rejects.toMatchObject({
      code: "module_not_found",
      message: expect.stringContaining(advice),
    });
  });

  it("shows no password of an address", async () => {
    const source = "git+https://me:hunter2@git.example/a/x@main";
    await expect(findModuleOnDisk({ id: "x", source, directory })).rejects.toMatchObject({
      message: expect.not.stringContaining("hunter2"),
      data: { module: "x", packages: ["git+https://git.example/a/x@main"] },
    });
  });

  it("names a subpath that the package does not export as not found", async () => {
    await expect(findModuleOnDisk({ id: "x", source: "@me/mods/c", directory })).rejects.toMatchObject({
      code: "module_not_found",
    });
  });

  it("keeps the reason when the file itself fails", async () => {
    await expect(findModuleOnDisk({ id: "x", source: "./broken.mjs", directory })).rejects.toMatchObject({
      code: "module_load_failed",
      message: expect.stringContaining("no good"),
    });
  });
});
