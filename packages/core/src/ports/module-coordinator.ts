/**
 * Owns what a module sees of the session it is mounted into: mount points, capabilities, contributions, cleanup, and the
 * ports of the session.
 */
import type { CancellationToken } from "../cancellation/cancellation-token.ts";
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
  /** Mounts a module. `providers` and `tools` hold many, by `name` (default: the module's own name). */
  mount<P extends MountPoint>(point: P, module: MountPoints[P], name?: string): void;
  get<P extends "orchestrator" | "context">(point: P): MountPoints[P] | null;
  get<P extends "providers" | "tools">(point: P): ReadonlyMap<string, MountPoints[P]>;
  unmount(point: MountPoint, name?: string): void;
  registerCapability(name: string, value: unknown): void;
  getCapability(name: string): unknown;
  registerContributor(channel: string, name: string, contribute: () => unknown): void;
  /** What contributors of a channel return, in order of registration; failures are reported and left out. */
  collectContributions(channel: string): Promise<readonly unknown[]>;
  /** Cleanup functions run in reverse order when the session closes. */
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
