/**
 * Finding modules on disk, in real folders.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
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

describe("findModuleOnDisk", () => {
  it.each([
    [{ id: "x", source: "./tool.mjs" }, "file"],
    [{ id: "x", source: "./folder" }, "folder"],
    [{ id: "plain" }, "plain"],
    [{ id: "import-only" }, "import-only"],
    [{ id: "x", source: "@me/mods/a" }, "a-node"],
    [{ id: "x", source: "@me/mods/b" }, "b"],
  ])("finds %j", async (request, where) => {
    expect(await findModuleOnDisk({ ...request, directory })).toMatchObject({ where });
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
