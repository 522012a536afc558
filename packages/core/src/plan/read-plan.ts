/**
 * Owns reading a mount plan: every problem of its shape is found at once, and what is right becomes one list of things to
 * mount, in mount order. It loads nothing; whether a module exists and takes its config is `checkPlan`'s to find out.
 */
import type { InjectionLimits } from "../coordinator/injection-limits.ts";
import type { PlanProblem } from "../errors/amplifier-error.ts";
import type { ModuleType } from "../ports/module.ts";
import { isRecord } from "../is-record.ts";
import { shapeProblems, shapeWarnings, type Fields } from "./check-shape.ts";
import type { ModuleConfig } from "./mount-plan.ts";
import { PlanEntries } from "./plan-entries.ts";

/** A module to load. `path` is its place in the plan, `idPath` that of its id, `configPath` that of its config. */
export interface ModuleMount {
  readonly kind: "module";
  readonly type: ModuleType;
  readonly path: string;
  readonly idPath: string;
  readonly id: string;
  readonly source: string | undefined;
  readonly config: ModuleConfig;
  readonly configPath: string;
  /** The entry itself has a config. */
  readonly configGiven?: boolean;
  /** The name a provider is mounted under; undefined: its own. */
  readonly instanceId?: string;
}

/** An object given in code. */
export interface ObjectMount {
  readonly kind: "object";
  readonly type: ModuleType;
  readonly path: string;
  readonly value: object;
}

/** One thing to mount. */
export type Mountable = ModuleMount | ObjectMount;

/** A plan that was read. With `problems`, the rest is what could be made of it all the same. */
export interface ReadPlan {
  /** Orchestrator, context, providers, tools, hooks: the order they are mounted in. */
  readonly mounts: readonly Mountable[];
  readonly system: string | undefined;
  readonly limits: InjectionLimits;
  /** Everything that is wrong, each with its key path. */
  readonly problems: readonly PlanProblem[];
  /** What is right and may do less than it looks like. */
  readonly warnings: readonly string[];
}

/** Reads a plan. Never throws. */
export function readPlan(plan: unknown): ReadPlan {
  const top: Fields = isRecord(plan) ? plan : {};
  const session: Fields = isRecord(top["session"]) ? top["session"] : {};
  const entries = new PlanEntries();
  const mounts = [
    entries.single("orchestrator", { top, session }),
    entries.single("context", { top, session }),
    ...entries.list("provider", top["providers"]),
    ...entries.list("tool", top["tools"]),
    ...entries.list("hook", top["hooks"]),
  ].filter((mount) => mount !== undefined);
  return {
    mounts,
    system: typeof session["system"] === "string" ? session["system"] : undefined,
    limits: {
      sizeLimit: limit(session["injection_size_limit"]),
      budgetPerTurn: limit(session["injection_budget_per_turn"]),
    },
    problems: [...shapeProblems(plan), ...entries.problems],
    warnings: shapeWarnings(top),
  };
}

function limit(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}
