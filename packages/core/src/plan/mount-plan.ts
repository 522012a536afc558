/**
 * Owns the shape of a mount plan: which modules make a session, with their configuration. In files it is TOML, YAML or
 * JSON; in code every entry may be the object itself instead of a module's id.
 */
import type { EventType } from "../events/event-map.ts";
import type { ContextManager } from "../ports/context-manager.ts";
import type { HookHandler } from "../ports/hook-registry.ts";
import type { Orchestrator } from "../ports/orchestrator.ts";
import type { CompletingProvider } from "../ports/adapt-provider.ts";
import type { Provider } from "../ports/provider.ts";
import type { Tool } from "../ports/tool.ts";

/** A module's configuration as its schema describes it. */
export type ModuleConfig = Readonly<Record<string, unknown>>;

/** A module by id. `source` is a path (relative to the plan's file) or a package, where the id does not say it. */
export interface ModuleEntry {
  readonly module: string;
  readonly source?: string;
  readonly config?: ModuleConfig;
  /** A name for people; the README of the original has it. */
  readonly name?: string;
}

/** A provider's module. `instance_id` is the name it is mounted under, for a module that is listed several times. */
export interface ProviderEntry extends ModuleEntry {
  readonly instance_id?: string;
}

/** A hook written in place. `on_error: "deny"` makes a throw a denial, as policy hooks want it. */
export interface InlineHook {
  readonly name: string;
  readonly events: { readonly [K in EventType]?: HookHandler<K> };
  readonly priority?: number;
  readonly on_error?: "skip" | "deny";
}

/** What the session is made of. */
export interface SessionPlan {
  readonly orchestrator: string | ModuleEntry | Orchestrator;
  /** Default `context-simple`. */
  readonly context?: string | ModuleEntry | ContextManager;
  /** The system prompt, put in front of every request. */
  readonly system?: string;
  readonly orchestrator_source?: string;
  readonly context_source?: string;
  /** Characters a hook may inject at once; more is refused. Default: no limit. */
  readonly injection_size_limit?: number;
  /** Tokens (characters / 4) hooks may inject in a turn; more is told. Default: no limit. */
  readonly injection_budget_per_turn?: number;
  /** The plan, secrets redacted, is told before each turn (`session:config`) and to a parent (`session:fork`). */
  readonly raw?: boolean;
  /** The caller's own; told in `session:fork`. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A mount plan. */
export interface MountPlan {
  readonly session: SessionPlan;
  /** Configuration of an orchestrator that `session.orchestrator` names by id. */
  readonly orchestrator?: { readonly config?: ModuleConfig };
  readonly context?: { readonly config?: ModuleConfig };
  /** The original README's form: the entry whose `module` equals `session.orchestrator` gives its configuration. */
  readonly orchestrators?: readonly ModuleEntry[];
  readonly providers?: readonly (ProviderEntry | Provider | CompletingProvider)[];
  readonly tools?: readonly (ModuleEntry | Tool)[];
  readonly hooks?: readonly (ModuleEntry | InlineHook)[];
  /** For modules that read it (`coordinator.config`); nothing is mounted from it. */
  readonly agents?: Readonly<Record<string, unknown>>;
}
