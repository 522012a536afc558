/**
 * Owns remembering what a session has at one moment, to tell what was mounted later and to take it away again, with all
 * that was registered later. Order within a mount point is kept: of two providers with one priority the first is asked.
 */
import type { SessionCoordinator } from "../coordinator/session-coordinator.ts";
import type { ContextManager } from "../ports/context-manager.ts";
import type { MountPoints } from "../ports/module-coordinator.ts";
import type { Orchestrator } from "../ports/orchestrator.ts";

/** What there was when this was made. */
export class MountedSoFar {
  readonly #coordinator: SessionCoordinator;
  readonly #orchestrator: Orchestrator | null;
  readonly #context: ContextManager | null;
  readonly #providers: ReadonlyMap<string, MountPoints["providers"]>;
  readonly #tools: ReadonlyMap<string, MountPoints["tools"]>;
  readonly #unregister: (limitMs: number) => Promise<void>;

  constructor(coordinator: SessionCoordinator) {
    this.#coordinator = coordinator;
    this.#orchestrator = coordinator.get("orchestrator");
    this.#context = coordinator.get("context");
    this.#providers = new Map(coordinator.get("providers"));
    this.#tools = new Map(coordinator.get("tools"));
    this.#unregister = coordinator.checkpoint();
  }

  /** Whether there is another one now. */
  isReplaced(point: "orchestrator" | "context"): boolean {
    const now = point === "orchestrator" ? this.#coordinator.get(point) : this.#coordinator.get(point);
    return now !== null && now !== (point === "orchestrator" ? this.#orchestrator : this.#context);
  }

  /** What is there now and was not, by name. */
  added<P extends "providers" | "tools">(point: P): ReadonlyMap<string, MountPoints[P]> {
    const before: ReadonlyMap<string, unknown> = point === "providers" ? this.#providers : this.#tools;
    const now: ReadonlyMap<string, MountPoints[P]> = mapAt(this.#coordinator, point);
    return new Map([...now].filter(([name, module]) => before.get(name) !== module));
  }

  /** Mounts exactly what was mounted; what was registered since stays. */
  restore(): void {
    this.#restoreSingle("orchestrator", this.#orchestrator);
    this.#restoreSingle("context", this.#context);
    this.#restoreMap("providers", this.#providers);
    this.#restoreMap("tools", this.#tools);
  }

  /** Undoes everything since: the cleanups registered since run, each for at most `limitMs` milliseconds. */
  async rollBack(limitMs: number): Promise<void> {
    this.restore();
    await this.#unregister(limitMs);
  }

  #restoreSingle<P extends "orchestrator" | "context">(point: P, before: MountPoints[P] | null): void {
    if (before === null) this.#coordinator.unmount(point);
    else this.#coordinator.mount(point, before);
  }

  #restoreMap<P extends "providers" | "tools">(point: P, before: ReadonlyMap<string, MountPoints[P]>): void {
    for (const name of mapAt(this.#coordinator, point).keys()) this.#coordinator.unmount(point, name);
    for (const [name, module] of before) this.#coordinator.mount(point, module, name);
  }
}

function mapAt<P extends "providers" | "tools">(
  coordinator: SessionCoordinator,
  point: P,
): ReadonlyMap<string, MountPoints[P]> {
  const mounted = point === "providers" ? coordinator.get("providers") : coordinator.get("tools");
  return mounted as ReadonlyMap<string, MountPoints[P]>;
}
