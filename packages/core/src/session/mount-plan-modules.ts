/**
 * Owns mounting a checked plan. Orchestrator and context fail the session, and so does a module that says it is required;
 * any other that cannot be mounted is reported as `module:load_failed` and left out. When all are mounted, those that want
 * to know are told.
 */
import type { SessionCoordinator } from "../coordinator/session-coordinator.ts";
import { AmplifierError, isAmplifierError } from "../errors/amplifier-error.ts";
import { shownReason } from "../errors/error-info.ts";
import type { EventType } from "../events/event-map.ts";
import type { ContextManager } from "../ports/context-manager.ts";
import type { HookHandler } from "../ports/hook-registry.ts";
import type { ModuleCoordinator } from "../ports/module-coordinator.ts";
import type { Orchestrator } from "../ports/orchestrator.ts";
import type { Provider } from "../ports/provider.ts";
import type { Tool } from "../ports/tool.ts";
import type { CheckedMount, FailedMount, LoadedMount } from "../plan/check-plan.ts";
import { mountModule } from "../plan/mount-module.ts";
import type { InlineHook } from "../plan/mount-plan.ts";
import type { ObjectMount } from "../plan/read-plan.ts";
import { timeLimit } from "../stop-limit.ts";
import { ABORTED, untilAborted } from "../until-aborted.ts";
import { raiseWithin } from "./raise-within.ts";
import { MOUNT_MS } from "./time-limits.ts";

/**
 * Mounts everything, in order.
 * @throws AmplifierError when a needed module fails, an object cannot be mounted, or there is no provider in the end.
 */
export async function mountPlanModules(
  mounts: readonly CheckedMount[],
  coordinator: SessionCoordinator,
): Promise<void> {
  const failures: AmplifierError[] = [];
  const ready: Mounted[] = [];
  for (const mount of mounts) {
    if (mount.kind === "object") {
      mountObject(mount, coordinator);
      continue;
    }
    const mounted = await mountEntry(mount, coordinator);
    if (!(mounted instanceof AmplifierError)) ready.push(mounted);
    else if (mount.type === "provider") failures.push(mounted);
  }
  for (const mount of ready) await tellReady(mount, coordinator);
  if (coordinator.get("providers").size === 0) throw noProvider(failures);
}

/** A module that is mounted, and its view of the session. */
interface Mounted extends Pick<LoadedMount, "id" | "module"> {
  readonly view: ModuleCoordinator;
}

function isNeeded(mount: LoadedMount | FailedMount): boolean {
  if (mount.type === "orchestrator" || mount.type === "context") return true;
  return "module" in mount && mount.module.required === true;
}

/** Mounts a module; what it failed with is returned where the session can do without it, else thrown. */
async function mountEntry(
  mount: LoadedMount | FailedMount,
  coordinator: SessionCoordinator,
): Promise<Mounted | AmplifierError> {
  try {
    if ("failure" in mount) throw mount.failure;
    const { id, module } = mount;
    return { id, module, view: await mountModule(module, mount, coordinator) };
  } catch (error) {
    if (isNeeded(mount) || !isAmplifierError(error)) throw error;
    // A caller's own `findModule` may say whatever it likes.
    const reason = shownReason(error);
    const data = {
      module_type: mount.type,
      module_id: mount.id,
      error: reason,
      reason_code: error.code,
      ...(mount.instanceId === undefined ? {} : { instance_id: mount.instanceId }),
    };
    await raiseWithin(coordinator, MOUNT_MS, { type: "module:load_failed", data });
    coordinator.displaySystem.showMessage(`Left out: ${reason}`, "warning", "session");
    return error;
  }
}

// A module that fails here is mounted all the same: what it does with the others is its own affair.
async function tellReady({ id, module, view }: Mounted, coordinator: SessionCoordinator): Promise<void> {
  if (module.onSessionReady === undefined) return;
  const limit = timeLimit(coordinator.clock, MOUNT_MS);
  try {
    const ready = await untilAborted(Promise.resolve(module.onSessionReady(view)), limit.signal);
    if (ready === ABORTED) throw new Error(`it had not returned after ${MOUNT_MS / 1000} seconds`);
  } catch (error) {
    const reason = shownReason(error);
    const data = { module_id: id, error: reason };
    await raiseWithin(coordinator, MOUNT_MS, { type: "module:on_session_ready_failed", data });
    coordinator.displaySystem.showMessage(
      `Module "${id}" failed when the session was ready: ${reason}`,
      "warning",
      "session",
    );
  } finally {
    limit.clear();
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

/** @throws AmplifierError `mount_failed` with the object's place in the plan */
function mountObject(mount: ObjectMount, coordinator: SessionCoordinator): void {
  try {
    mountAt(mount, coordinator);
  } catch (error) {
    if (!isAmplifierError(error, "mount_failed")) throw error;
    throw new AmplifierError("mount_failed", `${mount.path}: ${error.message}`, { data: error.data, cause: error });
  }
}

function mountAt(mount: ObjectMount, coordinator: SessionCoordinator): void {
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
  checkInline(hook);
  const options = { name: hook.name, priority: hook.priority ?? 0, onError: hook.on_error ?? ("skip" as const) };
  for (const [event, handler] of Object.entries(hook.events)) {
    coordinator.hooks.register(event as EventType, handler as unknown as HookHandler<EventType>, options);
  }
}

const INLINE_KEYS: ReadonlySet<string> = new Set(["name", "events", "priority", "on_error"]);

// In plain JavaScript nothing else would say so, and a policy with a typo would allow everything.
function checkInline(hook: InlineHook): void {
  const { name, events, on_error } = hook;
  const wrong = Object.entries(events).find(([, handler]) => typeof handler !== "function");
  if (wrong !== undefined) throw hookFailed(`the handler of "${wrong[0]}" of hook "${name}" is no function`);
  const unknown = Object.keys(hook).find((key) => !INLINE_KEYS.has(key));
  if (unknown !== undefined)
    throw hookFailed(`"${unknown}" is no key of hook "${name}"; known are ${[...INLINE_KEYS].join(", ")}`);
  if (on_error === undefined || on_error === "skip" || on_error === "deny") return;
  throw hookFailed(`on_error of hook "${name}" is ${JSON.stringify(on_error)}, must be "skip" or "deny"`);
}

function hookFailed(message: string): AmplifierError<"mount_failed"> {
  return new AmplifierError("mount_failed", message, { data: { point: "hooks" } });
}
