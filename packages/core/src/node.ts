/**
 * The same API as `index.ts`, for Node: unless they are told otherwise, `createSession` and `checkPlan` look for modules on
 * disk, and the working folder is the workspace.
 */
import { findModuleOnDisk, locateModuleOnDisk } from "./node/find-module.ts";
import { checkPlan as checkPlanAnywhere, type CheckPlanOptions, type PlanCheck } from "./plan/check-plan.ts";
import type { MountPlan } from "./plan/mount-plan.ts";
import { createSession as createSessionAnywhere, type SessionOptions } from "./session/create-session.ts";
import type { Session } from "./session/session.ts";

export * from "./index.ts";
export { findModuleOnDisk, locateModuleOnDisk };

/** `createSession` for Node: modules are found on disk, file and shell tools work in the process's working folder. */
export function createSession(plan: MountPlan, options: SessionOptions = {}): Promise<Session> {
  return createSessionAnywhere(plan, { findModule: findModuleOnDisk, workspace: process.cwd(), ...options });
}

/** `checkPlan` for Node: modules are found on disk. */
export function checkPlan(plan: unknown, options: CheckPlanOptions = {}): Promise<PlanCheck> {
  return checkPlanAnywhere(plan, { findModule: findModuleOnDisk, ...options });
}
