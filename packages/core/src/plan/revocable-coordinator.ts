/**
 * Owns one module's view of its session, which can be taken back: a module that was left out and goes on all the same
 * mounts and registers nothing more. What it may read stays readable, since its cleanup may want it.
 */
import type { SessionCoordinator } from "../coordinator/session-coordinator.ts";
import type { ModuleCoordinator } from "../ports/module-coordinator.ts";

/** What adds to the session or takes away from it. */
const CHANGES: ReadonlySet<PropertyKey> = new Set<keyof ModuleCoordinator | "register" | "on">([
  "mount",
  "unmount",
  "registerCapability",
  "registerContributor",
  "registerCleanup",
  "register",
  "on",
]);

/** A module's view of its session. */
export interface RevocableCoordinator {
  readonly coordinator: ModuleCoordinator;
  /** From now on each change through `coordinator` throws an Error with this message. */
  revoke(message: string): void;
}

/** A view of `session` for one mount. It is the same one as long as the module lives, and good as a key. */
export function revocableCoordinator(session: SessionCoordinator): RevocableCoordinator {
  let refusal: string | null = null;
  const check = (): void => {
    if (refusal !== null) throw new Error(refusal);
  };
  const hooks = guarded(session.hooks, { check });
  return {
    coordinator: guarded<ModuleCoordinator>(session, { check, own: { hooks } }),
    revoke: (message) => {
      refusal = message;
    },
  };
}

/** `target` with `check` in front of each change; `own` stands in the place of its members. */
function guarded<T extends object>(
  target: T,
  { check, own = {} }: { readonly check: () => void; readonly own?: Partial<T> },
): T {
  const methods = new Map<PropertyKey, unknown>();
  const methodOf = (key: PropertyKey, method: (...args: unknown[]) => unknown): unknown => {
    const made = (...args: unknown[]): unknown => {
      if (CHANGES.has(key)) check();
      // Its own `this`: a proxy has no private fields.
      return method.apply(target, args);
    };
    methods.set(key, made);
    return made;
  };
  return new Proxy(target, {
    get(_, key) {
      const value: unknown = Reflect.get(key in own ? own : target, key);
      if (typeof value !== "function") return value;
      return methods.get(key) ?? methodOf(key, value as (...args: unknown[]) => unknown);
    },
  });
}
