/**
 * The repository speaks of itself alone: no path of the machine it was written on, no address of the package registry
 * that happened to serve it.
 */
import { readdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { projectFiles, read, root } from "./repository/paths.ts";

/** Folders of every system, too common as text to mean this machine. */
const everywhere = ["/", "/home", "/root", "/tmp", "/var", "/usr", "/opt", "/etc", "/srv", "/mnt", "/workspace"];

const parent = dirname(root);
const neighbours = everywhere.includes(parent) ? [] : readdirSync(parent).map((name) => join(parent, name));
const folders = [root, homedir(), ...neighbours].filter((folder) => !everywhere.includes(folder));

/** The folder itself or something in it, not another one whose name begins alike. */
const names = (text: string, folder: string): boolean =>
  text.split(folder).some((rest, index) => index > 0 && !/^\.?[\w-]/.test(rest));

const registry = process.env["npm_config_registry"];
const registryHost = registry ? new URL(registry).host : "registry.npmjs.org";

const texts = projectFiles()
  .filter((path) => !/\.(png|jpe?g|gif|svg|ico|woff2?|gz|tgz|zip|cast)$/.test(path))
  .map((path) => [path, read(path)] as const);

test("files were found, the lock file among them", () => {
  const paths = texts.map(([path]) => path);
  expect(paths).toContain("package-lock.json");
  expect(paths).toContain("packages/core/package.json");
  expect(paths.length).toBeGreaterThan(50);
});

test("no file names a folder of this machine", () => {
  const broken = texts.filter(([, text]) => folders.some((folder) => names(text, folder)));
  expect(broken.map(([path]) => path)).toEqual([]);
});

test("no file names somebody's home folder", () => {
  const personal = /(?<![\w.:/])\/(home|Users)\/(?!(user|you|me|alice|bob|runner)\b)[a-z][\w.-]*\//;
  expect(texts.filter(([, text]) => personal.test(text)).map(([path]) => path)).toEqual([]);
});

test("no file names a package registry", () => {
  const address = /\/\/(registry|npm|artifactory|nexus)\.[a-z0-9.-]+\.[a-z]{2,}\b|\.pythonhosted\.org\b/i;
  const broken = texts.filter(([, text]) => address.test(text) || text.includes(`//${registryHost}`));
  expect(broken.map(([path]) => path)).toEqual([]);
});

test("the lock file says what to install, not from where", () => {
  const { packages } = JSON.parse(read("package-lock.json")) as {
    readonly packages: Readonly<Record<string, { readonly resolved?: string; readonly link?: boolean }>>;
  };
  const located = Object.entries(packages).filter(([, entry]) => entry.resolved !== undefined && entry.link !== true);
  expect(Object.keys(packages).length).toBeGreaterThan(50);
  expect(located.map(([path]) => path)).toEqual([]);
});
