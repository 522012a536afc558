/**
 * Owns checking a whole mount plan without mounting anything: its shape, and of every module whether it is there, fits its
 * place and takes its config. All that is wrong comes back at once. Loading a module's file is the only effect.
 */
import type { InjectionLimits } from "../coordinator/injection-limits.ts";
import { AmplifierError, isAmplifierError, type PlanProblem } from "../errors/amplifier-error.ts";
import type { AmplifierModule, FindModule } from "../ports/module.ts";
import { loadModule } from "./load-module.ts";
import { readPlan, type Mountable, type ModuleMount, type ObjectMount } from "./read-plan.ts";

/** How a plan's modules are found. */
export interface CheckPlanOptions {
  /** On Node the default looks on disk. */
  readonly findModule?: FindModule;
  /** The folder of the plan's file, absolute: relative sources and packages are looked for there first. */
  readonly planDirectory?: string;
}

/** A module that can be mounted: what it exports stands in `module`. */
export interface LoadedMount extends ModuleMount {
  readonly module: AmplifierModule;
}

/** A module that cannot be mounted, and why. */
export interface FailedMount extends ModuleMount {
  readonly failure: AmplifierError;
}

/** One thing of the plan, looked at. */
export type CheckedMount = ObjectMount | LoadedMount | FailedMount;

/** What checking a plan found. */
export interface PlanCheck {
  /** In mount order, as far as the plan can be read. */
  readonly mounts: readonly CheckedMount[];
  /** Everything that is wrong, each with its key path; empty: the plan can be mounted. */
  readonly problems: readonly PlanProblem[];
  readonly warnings: readonly string[];
  readonly system: string | undefined;
  readonly limits: InjectionLimits;
}

/** Checks a plan. Rejects never: what is wrong is in `problems`. */
export async function checkPlan(plan: unknown, options: CheckPlanOptions = {}): Promise<PlanCheck> {
  const { mounts, problems, warnings, system, limits } = readPlan(plan);
  const found = { findModule: options.findModule ?? findNothing, directory: options.planDirectory };
  const checked = await Promise.all(mounts.map((mount) => checkMount(mount, found)));
  const failures = checked.flatMap((mount) => ("failure" in mount ? problemsOf(mount) : []));
  return { mounts: checked, problems: [...problems, ...failures], warnings, system, limits };
}

/**
 * Throws what must not be mounted over: a mistake in the plan, or an orchestrator or context that cannot be had. One
 * failed module throws its own error; anything else is a `plan_invalid` with everything that is wrong.
 */
export function refuseMistakes({ mounts, problems }: PlanCheck): void {
  const failed = mounts.filter((mount) => "failure" in mount);
  const [first, second] = failed;
  const isOfModules = failed.flatMap(problemsOf).length === problems.length;
  if (isOfModules && !failed.some(isMistake)) return;
  if (isOfModules && first !== undefined && second === undefined) throw first.failure;
  const list = problems.map(({ path, message }) => `${path} ${message}`).join("; ");
  throw new AmplifierError("plan_invalid", `The mount plan is not valid: ${list}`, {
    data: { problems },
    cause: first?.failure,
  });
}

function isMistake({ type, failure }: FailedMount): boolean {
  if (type === "orchestrator" || type === "context") return true;
  return failure.code === "module_not_found" || failure.code === "config_invalid";
}

async function checkMount(
  mount: Mountable,
  options: { readonly findModule: FindModule; readonly directory: string | undefined },
): Promise<CheckedMount> {
  if (mount.kind === "object") return mount;
  try {
    return { ...mount, module: await loadModule(mount, options) };
  } catch (error) {
    return { ...mount, failure: error as AmplifierError };
  }
}

function problemsOf({ idPath, id, failure }: FailedMount): readonly PlanProblem[] {
  if (isAmplifierError(failure, "config_invalid")) return failure.data.problems;
  const isKnown = isAmplifierError(failure, "module_invalid") || isAmplifierError(failure, "module_load_failed");
  if (!isKnown) return [{ path: idPath, message: `is "${id}": ${failure.message}` }];
  const reason = failure.code === "module_invalid" ? failure.data.reason : `failed to load: ${failure.data.reason}`;
  return [{ path: idPath, message: `is "${id}", which ${reason}` }];
}

const findNothing: FindModule = ({ id }) => {
  const message = `Module "${id}" cannot be looked up here: pass findModule, or put the object itself into the plan.`;
  return Promise.reject(new AmplifierError("module_not_found", message, { data: { module: id, packages: [] } }));
};
