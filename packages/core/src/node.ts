/**
 * The same API as `index.ts`, for Node: `createSession` looks for modules on disk unless it is told otherwise.
 */
import { findModuleOnDisk } from "./node/find-module.ts";
import type { MountPlan } from "./plan/mount-plan.ts";
import { createSession as createSessionAnywhere, type SessionOptions } from "./session/create-session.ts";
import type { Session } from "./session/session.ts";

export * from "./index.ts";
export { findModuleOnDisk };

/** `createSession` with modules found on disk: from the plan's folder, the working folder, or beside this package. */
export function createSession(plan: MountPlan, options: SessionOptions = {}): Promise<Session> {
  return createSessionAnywhere(plan, { findModule: findModuleOnDisk, ...options });
}
