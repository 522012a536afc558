/**
 * Owns finding modules on disk, for Node: a path relative to the plan, or a package installed for the plan's folder, the
 * working folder, or this package's own place, in that order.
 */
import { existsSync, readFileSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { AmplifierError } from "../errors/amplifier-error.ts";
import { packageName, packageOf } from "../plan/module-id.ts";
import type { FindModule, ModuleRequest } from "../ports/module.ts";
import { packageEntry } from "./package-entry.ts";

/** The default `findModule` on Node. @throws AmplifierError `module_not_found`, `module_load_failed` */
export const findModuleOnDisk: FindModule = async (request) => {
  const file = locateModuleOnDisk(request);
  try {
    return (await import(pathToFileURL(file).href)) as unknown;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AmplifierError("module_load_failed", `Module "${request.id}" failed to load from ${file}: ${reason}`, {
      data: { module: request.id, reason },
      cause: error,
    });
  }
};

/** The file a module is loaded from, absolute; it is not read. @throws AmplifierError `module_not_found` */
export function locateModuleOnDisk(request: ModuleRequest): string {
  return isPath(request.source) ? findFile(request, request.source) : findPackage(request);
}

function isPath(source: string | undefined): source is string {
  return source !== undefined && (source.startsWith(".") || source.startsWith("file:") || isAbsolute(source));
}

function findFile(request: ModuleRequest, source: string): string {
  const base = request.directory ?? process.cwd();
  const path = source.startsWith("file:") ? fileURLToPath(source) : resolve(base, source);
  const file = existsSync(join(path, "package.json")) ? packageEntry(path, ".") : path;
  if (file !== undefined && existsSync(file)) return file;
  const message = `Module "${request.id}" not found: its source "${source}" is no file at ${path}.`;
  throw new AmplifierError("module_not_found", message, { data: { module: request.id, packages: [source] } });
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
  const message =
    `Module "${request.id}" not found: there is no package "${specifier}" here. ` +
    `Install it with: npm install ${name}  (or name its "source" in the plan)`;
  throw new AmplifierError("module_not_found", message, { data: { module: request.id, packages: [specifier] } });
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
