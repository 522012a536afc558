/**
 * Owns what a module's file exports and how a module is found by its id.
 */
import type { JsonSchema } from "../schema/json-schema.ts";
import type { ModuleCoordinator } from "./module-coordinator.ts";

/** What a module is mounted as. */
export type ModuleType = "orchestrator" | "provider" | "tool" | "hook" | "context";

/** What the module may hand back from `mount`: a function to call when the session closes. */
export type Cleanup = () => void | Promise<void>;

/** The exports of a module's file. */
export interface AmplifierModule {
  readonly moduleType: ModuleType;
  /** The session fails when it cannot be mounted: a policy that is left out would allow everything. Default false. */
  readonly required?: boolean;
  /** JSON Schema of `config`: from it come the error for a bad value, editor completion and the documentation. */
  readonly configSchema?: JsonSchema;
  /** Mounts itself on the coordinator. Cheap and without side effects outside it. */
  mount(
    coordinator: ModuleCoordinator,
    config: Readonly<Record<string, unknown>>,
  ): Promise<Cleanup | void> | Cleanup | void;
  /**
   * Called once when all modules are mounted, in mount order. A throw is told as `module:on_session_ready_failed` and
   * nothing else: the module stays mounted.
   */
  onSessionReady?(coordinator: ModuleCoordinator): Promise<void> | void;
}

/** Where to look for a module. `source` is a path or a package name from the plan; `directory` the plan's folder. */
export interface ModuleRequest {
  readonly id: string;
  readonly source?: string;
  readonly directory?: string;
}

/**
 * Finds a module's exports.
 * @throws AmplifierError `module_not_found`, naming the package and how to install it.
 */
export type FindModule = (request: ModuleRequest) => Promise<unknown>;
