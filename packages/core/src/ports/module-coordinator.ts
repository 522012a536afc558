/**
 * Owns what a module sees of the session it is mounted into: mount points, capabilities, contributions, cleanup, and the
 * ports of the session.
 */
import type { CancellationToken } from "../cancellation/cancellation-token.ts";
import type { InjectionUse } from "../coordinator/injection-limits.ts";
import type { Clock } from "../clock.ts";
import type { Decision } from "./hook-registry.ts";
import type { EventType } from "../events/event-map.ts";
import type { ApprovalSystem, DisplaySystem } from "./approval-system.ts";
import type { ContextManager } from "./context-manager.ts";
import type { MountPlan } from "../plan/mount-plan.ts";
import type { HookRegistry } from "./hook-registry.ts";
import type { Orchestrator } from "./orchestrator.ts";
import type { Provider } from "./provider.ts";
import type { Tool } from "./tool.ts";

/** What each mount point holds. `orchestrators` is an alias of `orchestrator`. */
export interface MountPoints {
  readonly orchestrator: Orchestrator;
  readonly context: ContextManager;
  readonly providers: Provider;
  readonly tools: Tool;
}

/** The name of a mount point. */
export type MountPoint = keyof MountPoints;

/** The session as its modules see it. */
export interface ModuleCoordinator {
  readonly sessionId: string;
  readonly parentId: string | null;
  /** The session's mount plan as it was given: what a module does with `agents`, or hands to a child, stands here. */
  readonly config: MountPlan;
  readonly hooks: HookRegistry;
  readonly cancellation: CancellationToken;
  readonly clock: Clock;
  readonly approvalSystem: ApprovalSystem | null;
  readonly displaySystem: DisplaySystem;
  /** The folder file and shell tools are confined to, absolute; null where there is none. */
  readonly workspace: string | null;
  /** A free, mutable map for modules that share state. */
  readonly sessionState: Map<string, unknown>;
  /** What hooks may inject, and did in this turn: a hook may rather shorten its text than be refused. */
  readonly injections: InjectionUse;
  /**
   * Mounts a module. `orchestrator` and `context` hold one, and the new one takes the place of the old; `providers` and
   * `tools` hold many, by `name` (default: the module's own).
   * @throws AmplifierError `mount_failed` for a point that is none, something that cannot be mounted there, or a name that
   * is missing or taken
   */
  mount<P extends MountPoint>(point: P, module: MountPoints[P], name?: string): void;
  /** What is mounted at a point, or there by a name; null when nothing is. @throws AmplifierError `mount_failed` for no point */
  get<P extends "orchestrator" | "context">(point: P): MountPoints[P] | null;
  get<P extends "providers" | "tools">(point: P): ReadonlyMap<string, MountPoints[P]>;
  get<P extends "providers" | "tools">(point: P, name: string): MountPoints[P] | null;
  /** Takes away what is mounted. @throws AmplifierError `mount_failed` for a point that is none, or without a name of many */
  unmount(point: MountPoint, name?: string): void;
  /** Offers something to other modules by name; the last one to do so wins. */
  registerCapability(name: string, value: unknown): void;
  /** What was offered by this name, undefined when nothing was. */
  getCapability(name: string): unknown;
  /** Adds to a channel what `contribute` returns, or its promise resolves with, whenever the channel is collected. */
  registerContributor(channel: string, name: string, contribute: () => unknown): void;
  /**
   * What contributors of a channel return, in order of registration. Null and undefined are left out, and so are failures,
   * which are reported. Once `signal` is aborted no more are asked or waited for, and what there is comes back.
   */
  collectContributions(channel: string, options?: { readonly signal?: AbortSignal }): Promise<readonly unknown[]>;
  /** Cleanup functions run in reverse order when the session closes. What is no function is ignored. */
  registerCleanup(cleanup: () => void | Promise<void>): void;
  /**
   * Carries a decision out: persistent injections enter the context, messages are shown, a question is asked. Returns
   * what is left for the caller: `continue` or `deny`, the payload, and the ephemeral injections.
   */
  processDecision<K extends EventType>(
    decision: Decision<K>,
    event: K,
    options: { readonly signal: AbortSignal; readonly holdInjections?: boolean; readonly turnId?: string },
  ): Promise<Decision<K>>;
}
