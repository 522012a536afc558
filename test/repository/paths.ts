/**
 * Finds the files that the repository's rules are about. Paths are relative to the repository's folder and use
 * forward slashes on every platform, so that rules and messages read the same everywhere.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's folder, absolute, without a slash at its end. */
export const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");

const notOurs = new Set(["node_modules", "dist", ".git", ".cache", "coverage"]);

/** Every file under `folder` that is not installed or built; empty when there is no such folder. */
export function filesUnder(folder: string): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === "." ? entry.name : `${folder}/${entry.name}`;
    if (notOurs.has(entry.name)) return [];
    return entry.isDirectory() ? filesUnder(path) : [path];
  });
}

/** The files that git knows or would add; where there is no git, every file that is not installed or built. */
export function projectFiles(): string[] {
  try {
    const options = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    const names = execFileSync("git", options, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return names.split("\0").filter((name) => name !== "" && existsSync(join(root, name)));
  } catch {
    return filesUnder(".");
  }
}

/** The text of a file. */
export function read(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

/** The folders under `packages/` that hold a package. */
export function packageFolders(): string[] {
  return readdirSync(join(root, "packages")).filter((name) => existsSync(join(root, "packages", name, "package.json")));
}

/** TypeScript of the packages: `source` is what is published, `test` everything else. */
export function packageFiles(kind: "source" | "test"): string[] {
  return packageFolders().flatMap((folder) => {
    const all = [...filesUnder(`packages/${folder}/src`), ...filesUnder(`packages/${folder}/test`)];
    return all.filter((path) => /\.tsx?$/.test(path) && isTest(path) === (kind === "test"));
  });
}

/** The package folder a path lies in: `packages/core/src/x.ts` -> `core`. */
export function packageOf(path: string): string {
  return path.split("/")[1] ?? "";
}

function isTest(path: string): boolean {
  return path.includes(".test.") || /^packages\/[^/]+\/test\//.test(path);
}
