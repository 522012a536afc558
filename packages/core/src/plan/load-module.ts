/**
 * Owns the way from a plan's entry to a mounted module: found, its exports checked, its config checked against its own
 * schema, mounted. Every module goes this way, ours without privilege.
 */
import { AmplifierError } from "../errors/amplifier-error.ts";
import type { AmplifierModule, FindModule, ModuleType } from "../ports/module.ts";
import { checkValue } from "../schema/check-value.ts";
import type { SessionCoordinator } from "../coordinator/session-coordinator.ts";
import type { Mountable } from "./read-plan.ts";

/** A plan's entry that names a module. */
export type ModuleMount = Extract<Mountable, { kind: "module" }>;

const TYPES: ReadonlySet<unknown> = new Set<ModuleType>(["orchestrator", "provider", "tool", "hook", "context"]);

/**
 * Finds a module and checks it and its config, without mounting it.
 * @throws AmplifierError `module_not_found`, `module_invalid`, `config_invalid`
 */
export async function loadModule(
  mount: ModuleMount,
  options: { readonly findModule: FindModule; readonly directory: string | undefined },
): Promise<AmplifierModule> {
  const exports = await options.findModule({
    id: mount.id,
    ...(mount.source === undefined ? {} : { source: mount.source }),
    ...(options.directory === undefined ? {} : { directory: options.directory }),
  });
  const module = checkExports(exports, mount);
  checkConfig(module, mount);
  return module;
}

/**
 * Mounts a loaded module and makes sure that it mounted something.
 * @throws AmplifierError `module_load_failed` with what its `mount` threw, or `module_invalid` when nothing was mounted.
 */
export async function mountModule(
  module: AmplifierModule,
  mount: ModuleMount,
  coordinator: SessionCoordinator,
): Promise<void> {
  const before = mountedAt(coordinator, mount.type);
  try {
    const cleanup = await module.mount(coordinator, mount.config);
    if (typeof cleanup === "function") coordinator.registerCleanup(cleanup);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new AmplifierError(
      "module_load_failed",
      `${mount.path}: module "${mount.id}" could not be mounted: ${reason}`,
      {
        data: { module: mount.id, reason },
        cause: error,
      },
    );
  }
  if (before !== null && mountedAt(coordinator, mount.type) === before) {
    throw invalid(mount, `mounted nothing as ${mount.type}`);
  }
}

// Null where mounting leaves no trace that could be checked (hooks).
function mountedAt(coordinator: SessionCoordinator, type: ModuleType): unknown {
  switch (type) {
    case "orchestrator":
      return coordinator.get("orchestrator") ?? "nothing";
    case "context":
      return coordinator.get("context") ?? "nothing";
    case "provider":
      return coordinator.get("providers").size;
    case "tool":
      return coordinator.get("tools").size;
    case "hook":
      return null;
  }
}

function checkExports(exports: unknown, mount: ModuleMount): AmplifierModule {
  const module = exports as Partial<AmplifierModule>;
  if (typeof module.mount !== "function") throw invalid(mount, "exports no function `mount`");
  if (!TYPES.has(module.moduleType)) {
    throw invalid(
      mount,
      `exports moduleType ${JSON.stringify(module.moduleType)}, must be one of ${[...TYPES].join(", ")}`,
    );
  }
  if (module.moduleType !== mount.type)
    throw invalid(mount, `is a ${module.moduleType}, but stands where a ${mount.type} belongs`);
  return module as AmplifierModule;
}

function checkConfig(module: AmplifierModule, mount: ModuleMount): void {
  if (module.configSchema === undefined) return;
  const problems = checkValue(mount.config, module.configSchema).map(({ path, message }) => ({
    path: path === "" ? `${mount.path}.config` : `${mount.path}.config.${path}`,
    message,
  }));
  if (problems.length === 0) return;
  const list = problems.map(({ path, message }) => `${path} ${message}`).join("; ");
  throw new AmplifierError("config_invalid", `The config of module "${mount.id}" is not valid: ${list}`, {
    data: { module: mount.id, problems },
  });
}

function invalid(mount: ModuleMount, reason: string): AmplifierError<"module_invalid"> {
  return new AmplifierError("module_invalid", `${mount.path}: module "${mount.id}" ${reason}.`, {
    data: { module: mount.id, reason },
  });
}
