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
  for (const mount of mounts) {
    if (mount.kind === "object") mountObject(mount, options.coordinator);
    else await mountEntry(mount, options);
  }
  const { coordinator } = options;
  if (coordinator.get("providers").size > 0) return;
  throw new AmplifierError("no_provider", 'No provider is mounted: add one to "providers" of the mount plan.', {
    data: { mounted: [] },
  });
}

async function mountEntry(mount: ModuleMount, options: MountOptions): Promise<void> {
  const { coordinator } = options;
  try {
    const module = await loadModule(mount, options);
    await mountModule(module, mount, coordinator);
  } catch (error) {
    if (mount.type === "orchestrator" || mount.type === "context" || isPlanMistake(error)) throw error;
    const message = error instanceof Error ? error.message : String(error);
    await coordinator.hooks.emit("module:load_failed", {
      module_type: mount.type,
      module_id: mount.id,
      error: message,
      reason_code: isAmplifierError(error) ? error.code : "module_load_failed",
    });
    coordinator.displaySystem.showMessage(`Left out: ${message}`, "warning", "session");
  }
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
