/**
 * Owns what is mounted in one session: mount points, capabilities, contributions, cleanup. It runs no turn and raises no
 * event of its own.
 */
import { CancellationToken } from "../cancellation/cancellation-token.ts";
import type { Clock } from "../clock.ts";
import { AmplifierError } from "../errors/amplifier-error.ts";
import type { EventType } from "../events/event-map.ts";
import type { SessionHooks } from "../hooks/session-hooks.ts";
import type { MountPlan } from "../plan/mount-plan.ts";
import type { ApprovalSystem, DisplaySystem } from "../ports/approval-system.ts";
import type { ContextManager } from "../ports/context-manager.ts";
import type { Decision } from "../ports/hook-registry.ts";
import type { ModuleCoordinator, MountPoint, MountPoints } from "../ports/module-coordinator.ts";
import type { Orchestrator } from "../ports/orchestrator.ts";
import { adaptProvider } from "../ports/adapt-provider.ts";
import type { Provider } from "../ports/provider.ts";
import type { Tool } from "../ports/tool.ts";
import { checkMounted } from "./check-mounted.ts";
import { InjectionAccount, type InjectionLimits, type InjectionUse } from "./injection-limits.ts";
import { ABORTED, untilAborted } from "../until-aborted.ts";
import { NEVER, timeLimit } from "../stop-limit.ts";
import { shownReason } from "../errors/error-info.ts";
import { processDecision } from "./process-decision.ts";

/** What a coordinator is built from. */
export interface CoordinatorOptions {
  readonly sessionId: string;
  readonly parentId: string | null;
  readonly config: MountPlan;
  readonly hooks: SessionHooks;
  readonly clock: Clock;
  readonly approvalSystem: ApprovalSystem | null;
  readonly displaySystem: DisplaySystem;
  readonly workspace: string | null;
  readonly limits: InjectionLimits;
}

/** The `ModuleCoordinator` of a session. */
export class SessionCoordinator implements ModuleCoordinator {
  readonly sessionId: string;
  readonly parentId: string | null;
  readonly config: MountPlan;
  readonly hooks: SessionHooks;
  readonly clock: Clock;
  readonly approvalSystem: ApprovalSystem | null;
  readonly displaySystem: DisplaySystem;
  readonly workspace: string | null;
  readonly cancellation = new CancellationToken();
  readonly #account: InjectionAccount;
  readonly sessionState = new Map<string, unknown>();
  #orchestrator: Orchestrator | null = null;
  #context: ContextManager | null = null;
  readonly #providers = new Map<string, Provider>();
  readonly #tools = new Map<string, Tool>();
  readonly #capabilities = new Map<string, unknown>();
  readonly #contributors: { channel: string; name: string; contribute: () => unknown }[] = [];
  readonly #cleanups: (() => void | Promise<void>)[] = [];

  constructor(options: CoordinatorOptions) {
    this.sessionId = options.sessionId;
    this.parentId = options.parentId;
    this.config = options.config;
    this.hooks = options.hooks;
    this.clock = options.clock;
    this.approvalSystem = options.approvalSystem;
    this.displaySystem = options.displaySystem;
    this.workspace = options.workspace;
    this.#account = new InjectionAccount(options.limits);
  }

  get injections(): InjectionUse {
    return this.#account.use;
  }

  /** A new turn begins: what hooks may inject is counted anew. */
  resetTurn(): void {
    this.#account.reset();
  }

  /** @throws AmplifierError `mount_failed` for an unknown point, a missing name, or a name that is taken. */
  mount<P extends MountPoint>(point: P, module: MountPoints[P], name?: string): void {
    switch (point as string) {
      case "orchestrator":
      case "orchestrators":
        checkMounted("orchestrator", module);
        this.#orchestrator = module as Orchestrator;
        return;
      case "context":
        checkMounted("context", module);
        this.#context = module as ContextManager;
        return;
      case "providers":
        return mountNamed(this.#providers, module as Provider, { point: "providers", name, adapt: adaptProvider });
      case "tools":
        return mountNamed(this.#tools, module as Tool, { point: "tools", name });
      default:
        throw noMountPoint(point);
    }
  }

  get(point: "orchestrator"): Orchestrator | null;
  get(point: "context"): ContextManager | null;
  get(point: "providers"): ReadonlyMap<string, Provider>;
  get(point: "tools"): ReadonlyMap<string, Tool>;
  get(point: "providers", name: string): Provider | null;
  get(point: "tools", name: string): Tool | null;
  get(point: MountPoint, name?: string): never;
  get(point: MountPoint, name?: string): unknown {
    switch (point as string) {
      case "orchestrator":
      case "orchestrators":
        return this.#orchestrator;
      case "context":
        return this.#context;
      default: {
        const mounted = this.#namedAt(point);
        return name === undefined ? mounted : (mounted.get(name) ?? null);
      }
    }
  }

  unmount(point: MountPoint, name?: string): void {
    switch (point as string) {
      case "orchestrator":
      case "orchestrators":
        this.#orchestrator = null;
        return;
      case "context":
        this.#context = null;
        return;
      default: {
        const mounted = this.#namedAt(point);
        if (name === undefined) throw mountFailed(point, `To unmount from "${point}", name what to take away.`);
        mounted.delete(name);
      }
    }
  }

  registerCapability(name: string, value: unknown): void {
    this.#capabilities.set(name, value);
  }

  getCapability(name: string): unknown {
    return this.#capabilities.get(name);
  }

  registerContributor(channel: string, name: string, contribute: () => unknown): void {
    this.#contributors.push({ channel, name, contribute });
  }

  async collectContributions(
    channel: string,
    { signal = NEVER }: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly unknown[]> {
    const collected: unknown[] = [];
    for (const { name, contribute } of this.#contributors.filter((other) => other.channel === channel)) {
      if (signal.aborted) break;
      try {
        const value = await untilAborted(Promise.resolve(contribute()), signal);
        if (value !== undefined && value !== null && value !== ABORTED) collected.push(value);
      } catch (error) {
        this.#warn(`Contributor "${name}" of "${channel}" failed and was left out: ${shownReason(error)}`, name);
      }
    }
    return collected;
  }

  registerCleanup(cleanup: () => void | Promise<void>): void {
    // A module in plain JavaScript may hand on what it has, which may be nothing.
    if (typeof cleanup === "function") this.#cleanups.push(cleanup);
  }

  /**
   * Runs the cleanup functions, last registered first, each for at most `limitMs` milliseconds. Failures are shown and the
   * others still run. `keep`: so many of the first ones stay for later.
   */
  async cleanup(limitMs: number, keep = 0): Promise<void> {
    while (this.#cleanups.length > keep) {
      const cleanup = this.#cleanups.pop() as () => void | Promise<void>;
      const limit = timeLimit(this.clock, limitMs);
      try {
        const ended = await untilAborted(Promise.resolve(cleanup()), limit.signal);
        if (ended === ABORTED)
          this.#warn(`A module's cleanup took longer than ${limitMs} ms and was left behind.`, "session");
      } catch (error) {
        this.#warn(`A module failed to clean up: ${shownReason(error)}`, "session");
      } finally {
        limit.clear();
      }
    }
  }

  /**
   * Remembers what is registered now, beside what is mounted. The returned function runs the cleanups that came since, each
   * for at most `limitMs` milliseconds, and makes handlers, capabilities, contributors, the keys of `sessionState` and what
   * listens to `cancellation` what they were. What a module changed inside of a value is its cleanup's to undo.
   */
  checkpoint(): (limitMs: number) => Promise<void> {
    const restoreHandlers = this.hooks.checkpoint();
    const restoreCancellation = this.cancellation.checkpoint();
    const capabilities = new Map(this.#capabilities);
    const state = new Map(this.sessionState);
    const contributors = this.#contributors.length;
    const cleanups = this.#cleanups.length;
    return async (limitMs) => {
      restoreHandlers();
      restoreCancellation();
      refill(this.#capabilities, capabilities);
      refill(this.sessionState, state);
      this.#contributors.length = contributors;
      await this.cleanup(limitMs, cleanups);
    };
  }

  processDecision<K extends EventType>(
    decision: Decision<K>,
    event: K,
    options: { readonly signal: AbortSignal; readonly holdInjections?: boolean; readonly turnId?: string },
  ): Promise<Decision<K>> {
    return processDecision(decision, {
      hooks: this.hooks,
      context: this.#context,
      approvalSystem: this.approvalSystem,
      displaySystem: this.displaySystem,
      account: this.#account,
      clock: this.clock,
      event,
      signal: options.signal,
      holdInjections: options.holdInjections ?? false,
      ...(options.turnId === undefined ? {} : { turnId: options.turnId }),
    });
  }

  #namedAt(point: MountPoint): Map<string, Provider> | Map<string, Tool> {
    if (point === "providers") return this.#providers;
    if (point === "tools") return this.#tools;
    throw noMountPoint(point);
  }

  #warn(message: string, source: string): void {
    this.displaySystem.showMessage(message, "warning", source);
  }
}

function refill(map: Map<string, unknown>, entries: ReadonlyMap<string, unknown>): void {
  map.clear();
  for (const [name, value] of entries) map.set(name, value);
}

function mountNamed<T extends { readonly name: string }>(
  mounted: Map<string, T>,
  module: T,
  at: { readonly point: "providers" | "tools"; readonly name: string | undefined; readonly adapt?: (module: T) => T },
): void {
  const name = at.name ?? module.name;
  if (typeof name !== "string" || name === "")
    throw mountFailed(at.point, `What is mounted at "${at.point}" needs a name.`);
  if (mounted.has(name))
    throw mountFailed(at.point, `"${name}" is mounted at "${at.point}" already; unmount it or use another name.`, name);
  checkMounted(at.point, module);
  mounted.set(name, at.adapt?.(module) ?? module);
}

function noMountPoint(point: string): AmplifierError<"mount_failed"> {
  return mountFailed(point, `There is no mount point "${point}"; there are orchestrator, context, providers, tools.`);
}

function mountFailed(point: string, message: string, name?: string): AmplifierError<"mount_failed"> {
  return new AmplifierError("mount_failed", message, { data: { point, ...(name === undefined ? {} : { name }) } });
}
