/**
 * Owns finding modules on disk, for Node: a path relative to the plan, or a package installed for the plan's folder, the
 * working folder, or this package's own place, in that order.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { AmplifierError } from "../errors/amplifier-error.ts";
import { packageName, packageOf } from "../plan/module-id.ts";
import { shownReason } from "../errors/error-info.ts";
import type { FindModule, ModuleRequest } from "../ports/module.ts";
import { packageEntry } from "./package-entry.ts";

/** The default `findModule` on Node. @throws AmplifierError `module_not_found`, `module_load_failed` */
export const findModuleOnDisk: FindModule = async (request) => {
  const file = locateModuleOnDisk(request);
  try {
    return (await import(pathToFileURL(file).href)) as unknown;
  } catch (error) {
    const reason = shownReason(error);
    throw new AmplifierError("module_load_failed", `Module "${request.id}" failed to load from ${file}: ${reason}`, {
      data: { module: request.id, reason },
      cause: error,
    });
  }
};

/** The file a module is loaded from, absolute; it is not read. @throws AmplifierError `module_not_found` */
export function locateModuleOnDisk(request: ModuleRequest): string {
  const { source } = request;
  if (isPath(source)) return findFile(request, source);
  if (source !== undefined && ADDRESS.test(source)) throw notFetched(request, source);
  return findPackage(request);
}

/** `git+https://host/x@main`, `github:a/x`, `git@host:a/x`: what upstream or npm would fetch. */
const ADDRESS = /^(?:[a-z][a-z0-9+.-]+:|[\w.-]+@[\w.-]+:)/iu;

function isPath(source: string | undefined): source is string {
  return source !== undefined && (source.startsWith(".") || source.startsWith("file:") || isAbsolute(source));
}

function findFile(request: ModuleRequest, source: string): string {
  const path = pathOf(source, request.directory ?? process.cwd());
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) throw notFound(request, source, `its source "${source}" is no file at ${path}.`);
  if (!stats.isDirectory()) return path;
  const folder = `its source "${source}" is the folder ${path}`;
  if (!existsSync(join(path, "package.json")))
    throw notFound(request, source, `${folder}, which has no package.json; name the module's file.`);
  const file = packageEntry(path, ".");
  if (file !== undefined && existsSync(file)) return file;
  throw notFound(request, source, `${folder}, whose package.json names no file that is there.`);
}

// npm writes `file:./x`, which is no URL of a file.
function pathOf(source: string, base: string): string {
  if (source.startsWith("file://")) return fileURLToPath(source);
  return resolve(base, source.replace(/^file:/u, ""));
}

function notFetched(request: ModuleRequest, source: string): AmplifierError<"module_not_found"> {
  const shown = source.replace(/(?<=:\/\/)[^/@]*@/u, "");
  const isGit = shown.startsWith("git+") && !shown.includes("#");
  const install = isGit ? `npm install ${shown.replace(/@([^@/]+)$/u, "#$1")}` : "your package manager";
  const reason =
    `its source "${shown}" is an address, and nothing is fetched here. ` +
    `Install it with ${install} and name its package as "source", or name the folder of a copy.`;
  return notFound(request, shown, reason);
}

function notFound({ id }: ModuleRequest, wanted: string, reason: string): AmplifierError<"module_not_found"> {
  const data = { module: id, packages: [wanted] };
  return new AmplifierError("module_not_found", `Module "${id}" not found: ${reason}`, { data });
}

function findPackage(request: ModuleRequest): string {
  const specifier = request.source ?? packageOf(request.id);
  const name = packageName(specifier);
  const subpath = `.${specifier.slice(name.length)}`;
  const from = [request.directory, process.cwd(), dirname(fileURLToPath(import.meta.url))];
  for (const start of from) {
    const folder = start === undefined ? undefined : installedAt(start, name);
    const file = folder === undefined ? undefined : packageEntry(folder, subpath);
    if (file !== undefined && existsSync(file)) return file;
  }
  const reason =
    `there is no package "${specifier}" here. ` +
    `Install it with: npm install ${name}  (or name its "source" in the plan)`;
  throw notFound(request, specifier, reason);
}

function installedAt(start: string, name: string): string | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return candidate;
    if (isPackageItself(folder, name)) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

// A module's own repository may mount itself by name while it is being written.
function isPackageItself(folder: string, name: string): boolean {
  const file = join(folder, "package.json");
  return existsSync(file) && (JSON.parse(readFileSync(file, "utf8")) as { name?: string }).name === name;
}
