/**
 * Owns mounting a whole plan: orchestrator and context are needed and fail the session, other modules that cannot be
 * mounted are reported as `module:load_failed` and left out. A module that does not exist, or a wrong config, is a
 * mistake in the plan and always fails it.
 */
import type { SessionCoordinator } from "../coordinator/session-coordinator.ts";
import { AmplifierError, isAmplifierError } from "../errors/amplifier-error.ts";
import type { EventType } from "../events/event-map.ts";
import type { ContextManager } from "../ports/context-manager.ts";
import type { HookHandler } from "../ports/hook-registry.ts";
import type { FindModule } from "../ports/module.ts";
import type { Orchestrator } from "../ports/orchestrator.ts";
import type { Provider } from "../ports/provider.ts";
import type { Tool } from "../ports/tool.ts";
import { loadModule, mountModule, type ModuleMount } from "../plan/load-module.ts";
import type { InlineHook } from "../plan/mount-plan.ts";
import type { Mountable } from "../plan/read-plan.ts";

/** What mounting needs beside the plan. */
export interface MountOptions {
  readonly coordinator: SessionCoordinator;
  readonly findModule: FindModule;
  readonly directory: string | undefined;
}

/** Mounts everything, in order. @throws AmplifierError when the plan is wrong or a needed module fails. */
export async function mountPlanModules(mounts: readonly Mountable[], options: MountOptions): Promise<void> {
  const failures: AmplifierError[] = [];
  for (const mount of mounts) {
    if (mount.kind === "object") mountObject(mount, options.coordinator);
    else {
      const failure = await mountEntry(mount, options);
      if (failure !== null && mount.type === "provider") failures.push(failure);
    }
  }
  if (options.coordinator.get("providers").size === 0) throw noProvider(failures);
}

/** Mounts a module; what it failed with is returned where the session can do without it, else thrown. */
async function mountEntry(mount: ModuleMount, options: MountOptions): Promise<AmplifierError | null> {
  const { coordinator } = options;
  try {
    const module = await loadModule(mount, options);
    await mountModule(module, mount, coordinator);
    return null;
  } catch (error) {
    const isNeeded = mount.type === "orchestrator" || mount.type === "context";
    if (isNeeded || isPlanMistake(error) || !isAmplifierError(error)) throw error;
    await coordinator.hooks.emit("module:load_failed", {
      module_type: mount.type,
      module_id: mount.id,
      error: error.message,
      reason_code: error.code,
    });
    coordinator.displaySystem.showMessage(`Left out: ${error.message}`, "warning", "session");
    return error;
  }
}

function noProvider(failures: readonly AmplifierError[]): AmplifierError<"no_provider"> {
  const reasons = failures.map(({ message }) => message).join(" ");
  const message =
    reasons === ""
      ? 'No provider is mounted: add one to "providers" of the mount plan.'
      : `No provider could be mounted. ${reasons}`;
  return new AmplifierError("no_provider", message, { data: { mounted: [] }, cause: failures[0] });
}

function isPlanMistake(error: unknown): boolean {
  return isAmplifierError(error, "module_not_found") || isAmplifierError(error, "config_invalid");
}

function mountObject(mount: Extract<Mountable, { kind: "object" }>, coordinator: SessionCoordinator): void {
  switch (mount.type) {
    case "orchestrator":
      return coordinator.mount("orchestrator", mount.value as Orchestrator);
    case "context":
      return coordinator.mount("context", mount.value as ContextManager);
    case "provider":
      return coordinator.mount("providers", mount.value as Provider);
    case "tool":
      return coordinator.mount("tools", mount.value as Tool);
    case "hook":
      return registerInline(mount.value as InlineHook, coordinator);
  }
}

function registerInline(hook: InlineHook, coordinator: SessionCoordinator): void {
  const options = { name: hook.name, priority: hook.priority ?? 0, onError: hook.on_error ?? ("skip" as const) };
  for (const [event, handler] of Object.entries(hook.events)) {
    coordinator.hooks.register(event as EventType, handler as unknown as HookHandler<EventType>, options);
  }
}
