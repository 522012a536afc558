/**
 * Owns which mount plan the program works with: the file that was named, else the built-in one; and the folders that go with
 * it.
 */
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { App } from "../app.ts";
import { BUILT_IN_PLAN } from "../plan/built-in-plan.ts";
import type { RawPlan } from "../plan/plan-file.ts";
import type { PlanFile } from "../plan/read-plan-file.ts";
import type { Places } from "../system-prompt/system-of-plan.ts";
import { workspaceOf } from "../workspace.ts";

/** A plan before anything was added to it. */
export interface LoadedPlan {
  readonly plan: RawPlan;
  readonly places: Places;
  /** Where modules are looked for first. */
  readonly moduleFolder: string;
  /** The file it stands in; undefined: it is the built-in one. */
  readonly file?: PlanFile;
}

/** Reads the plan that was named, else takes the built-in one. @throws AmplifierError `usage` when it cannot be read */
export async function loadPlan(app: App): Promise<LoadedPlan> {
  const workspace = workspaceOf(app.io);
  const shown = app.args.plan;
  if (shown === undefined) {
    // The built-in plan means our own modules, whatever the workspace has installed under their names.
    const moduleFolder = dirname(fileURLToPath(import.meta.url));
    return { plan: BUILT_IN_PLAN, places: { workspace, planFolder: workspace }, moduleFolder };
  }
  const { readPlanFile } = await import("../plan/read-plan-file.ts");
  const path = resolve(workspace, shown);
  const file = await readPlanFile(path, shown);
  return { plan: file.plan, places: { workspace, planFolder: dirname(path) }, moduleFolder: dirname(path), file };
}
