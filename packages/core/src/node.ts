/**
 * The same API as `index.ts`, for Node: unless it is told otherwise, `createSession` looks for modules on disk and takes
 * the working folder as the workspace.
 */
import { findModuleOnDisk } from "./node/find-module.ts";
import type { MountPlan } from "./plan/mount-plan.ts";
import { createSession as createSessionAnywhere, type SessionOptions } from "./session/create-session.ts";
import type { Session } from "./session/session.ts";

export * from "./index.ts";
export { findModuleOnDisk };

/** `createSession` for Node: modules are found on disk, file and shell tools work in the process's working folder. */
export function createSession(plan: MountPlan, options: SessionOptions = {}): Promise<Session> {
  return createSessionAnywhere(plan, { findModule: findModuleOnDisk, workspace: process.cwd(), ...options });
}
