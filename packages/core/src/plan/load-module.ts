/**
 * Owns the way from a plan's entry to a module's exports: found, checked, and its config checked against its own schema.
 * Nothing is mounted here. Every module goes this way, ours without privilege.
 */
import { AmplifierError, isAmplifierError } from "../errors/amplifier-error.ts";
import { shownReason } from "../errors/error-info.ts";
import type { AmplifierModule, FindModule, ModuleType } from "../ports/module.ts";
import { checkValue, type SchemaProblem } from "../schema/check-value.ts";
import type { ModuleMount } from "./read-plan.ts";

const TYPES: ReadonlySet<unknown> = new Set<ModuleType>(["orchestrator", "provider", "tool", "hook", "context"]);

/**
 * Finds a module and checks it and its config, without mounting it.
 * @throws AmplifierError `module_not_found`, `module_invalid`, `module_load_failed`, `config_invalid`
 */
export async function loadModule(
  mount: ModuleMount,
  options: { readonly findModule: FindModule; readonly directory: string | undefined },
): Promise<AmplifierModule> {
  const module = checkExports(await exportsOf(mount, options), mount);
  checkConfig(module, mount);
  return module;
}

async function exportsOf(
  mount: ModuleMount,
  { findModule, directory }: { readonly findModule: FindModule; readonly directory: string | undefined },
): Promise<unknown> {
  try {
    return await findModule({
      id: mount.id,
      ...(mount.source === undefined ? {} : { source: mount.source }),
      ...(directory === undefined ? {} : { directory }),
    });
  } catch (error) {
    if (isAmplifierError(error)) throw error;
    const reason = shownReason(error);
    const message = `${mount.path}: module "${mount.id}" could not be loaded: ${reason}`;
    throw new AmplifierError("module_load_failed", message, { data: { module: mount.id, reason }, cause: error });
  }
}

function checkExports(exports: unknown, mount: ModuleMount): AmplifierModule {
  const module = (exports ?? {}) as Partial<AmplifierModule>;
  if (typeof module.mount !== "function") throw moduleInvalid(mount, "exports no function `mount`");
  if (!TYPES.has(module.moduleType)) {
    const found = module.moduleType === undefined ? "no moduleType" : `moduleType ${JSON.stringify(module.moduleType)}`;
    throw moduleInvalid(mount, `exports ${found}; it must be one of ${[...TYPES].join(", ")}`);
  }
  if (module.moduleType !== mount.type)
    throw moduleInvalid(mount, `is a ${module.moduleType}, but stands where a ${mount.type} belongs`);
  return module as AmplifierModule;
}

function checkConfig(module: AmplifierModule, mount: ModuleMount): void {
  const problems = configProblems(module, mount).map(({ path, message }) => ({
    path: path === "" ? mount.configPath : `${mount.configPath}.${path}`,
    message,
  }));
  if (problems.length === 0) return;
  const list = problems.map(({ path, message }) => `${path} ${message}`).join("; ");
  throw new AmplifierError("config_invalid", `The config of module "${mount.id}" is not valid: ${list}`, {
    data: { module: mount.id, problems },
  });
}

function configProblems(module: AmplifierModule, mount: ModuleMount): readonly SchemaProblem[] {
  if (module.configSchema === undefined) return [];
  try {
    return checkValue(mount.config, module.configSchema);
  } catch (error) {
    throw moduleInvalid(mount, `exports a configSchema that cannot be used: ${String(error)}`);
  }
}

/** The error for a module that is none, or the wrong one; `reason` starts with a verb. */
export function moduleInvalid(
  mount: Pick<ModuleMount, "path" | "id">,
  reason: string,
): AmplifierError<"module_invalid"> {
  return new AmplifierError("module_invalid", `${mount.path}: module "${mount.id}" ${reason}.`, {
    data: { module: mount.id, reason },
  });
}
