/**
 * Owns mounting one loaded module: it has to mount something, in time, under the instance's name if its entry has one. What
 * it did before it failed is undone: what it mounted and registered is gone, and its cleanups have run. Its config is right
 * by then.
 */
import type { SessionCoordinator } from "../coordinator/session-coordinator.ts";
import { AmplifierError } from "../errors/amplifier-error.ts";
import { shownReason } from "../errors/error-info.ts";
import type { AmplifierModule, ModuleType } from "../ports/module.ts";
import type { ModuleCoordinator } from "../ports/module-coordinator.ts";
import type { Provider } from "../ports/provider.ts";
import { CLEANUP_MS, MOUNT_MS } from "../session/time-limits.ts";
import { timeLimit } from "../stop-limit.ts";
import { ABORTED, untilAborted } from "../until-aborted.ts";
import { moduleInvalid } from "./load-module.ts";
import { MountedSoFar } from "./mounted-so-far.ts";
import type { ModuleMount } from "./read-plan.ts";
import { revocableCoordinator } from "./revocable-coordinator.ts";

/**
 * Mounts a module. Returns the view of the session that it got, and keeps.
 * @throws AmplifierError `module_load_failed` with what its `mount` threw, or `module_invalid` when nothing was mounted;
 * everything is then as it was before.
 */
export async function mountModule(
  module: AmplifierModule,
  mount: ModuleMount,
  coordinator: SessionCoordinator,
): Promise<ModuleCoordinator> {
  const before = new MountedSoFar(coordinator);
  const view = revocableCoordinator(coordinator);
  try {
    // The module mounts under its own name, which another instance of it may have by now.
    if (mount.instanceId !== undefined) coordinator.unmount("providers", defaultName(mount.id));
    await mountInTime(module, mount, { coordinator, view: view.coordinator });
    if (mount.type !== "hook" && !hasMounted(mount.type, before)) {
      throw moduleInvalid(mount, `mounted nothing as ${mount.type}`);
    }
    if (mount.instanceId !== undefined) renameInstance(mount, mount.instanceId, { before, coordinator });
    return view.coordinator;
  } catch (error) {
    view.revoke(`Module "${mount.id}" was left out of the session, so it can mount and register nothing more.`);
    await before.rollBack(CLEANUP_MS);
    throw error instanceof AmplifierError && error.code === "module_invalid" ? error : loadFailed(mount, error);
  }
}

async function mountInTime(
  module: AmplifierModule,
  mount: ModuleMount,
  { coordinator, view }: { readonly coordinator: SessionCoordinator; readonly view: ModuleCoordinator },
): Promise<void> {
  const limit = timeLimit(coordinator.clock, MOUNT_MS);
  try {
    const mounting = Promise.resolve(module.mount(view, mount.config));
    const cleanup = await untilAborted(mounting, limit.signal);
    if (cleanup === ABORTED) {
      void endLate(mounting, coordinator);
      throw new Error(`it had not mounted after ${MOUNT_MS / 1000} seconds`);
    }
    if (typeof cleanup === "function") coordinator.registerCleanup(cleanup);
  } finally {
    limit.clear();
  }
}

// Nobody waits for it any more: what it hands back is of use only to end what it has begun.
async function endLate(
  mounting: ReturnType<AmplifierModule["mount"]>,
  { displaySystem }: SessionCoordinator,
): Promise<void> {
  try {
    const cleanup = await mounting;
    if (typeof cleanup === "function") await cleanup();
  } catch (error) {
    displaySystem.showMessage(`A module that was left out failed later: ${shownReason(error)}`, "warning", "session");
  }
}

function defaultName(id: string): string {
  return id.replace(/^provider-/, "");
}

function hasMounted(type: Exclude<ModuleType, "hook">, before: MountedSoFar): boolean {
  switch (type) {
    case "orchestrator":
    case "context":
      return before.isReplaced(type);
    case "provider":
      return before.added("providers").size > 0;
    case "tool":
      return before.added("tools").size > 0;
  }
}

function renameInstance(
  mount: ModuleMount,
  name: string,
  { before, coordinator }: { readonly before: MountedSoFar; readonly coordinator: SessionCoordinator },
): void {
  const added = before.added("providers");
  const [provider] = added.values();
  if (added.size > 1) {
    const names = [...added.keys()].map((each) => `"${each}"`).join(", ");
    throw moduleInvalid(mount, `mounts several providers (${names}), so it cannot be mounted as "${name}"`);
  }
  before.restore();
  coordinator.mount("providers", provider as Provider, name);
}

function loadFailed(mount: ModuleMount, error: unknown): AmplifierError<"module_load_failed"> {
  const reason = shownReason(error);
  const message = `${mount.path}: module "${mount.id}" could not be mounted: ${reason}`;
  return new AmplifierError("module_load_failed", message, { data: { module: mount.id, reason }, cause: error });
}
