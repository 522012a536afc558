/**
 * Owns reading a mount plan: every problem of its shape is found at once, and what is right becomes one list of things to
 * mount, in mount order. It loads nothing; whether a module exists and takes its config is the loader's to say.
 */
import { AmplifierError, type PlanProblem } from "../errors/amplifier-error.ts";
import type { ModuleType } from "../ports/module.ts";
import { PlanReader } from "./plan-reader.ts";
import type { ModuleConfig } from "./mount-plan.ts";

/** One thing to mount: a module to load, or an object given in code. `path` is its place in the plan. */
export type Mountable =
  | {
      readonly kind: "module";
      readonly type: ModuleType;
      readonly path: string;
      readonly id: string;
      readonly source: string | undefined;
      readonly config: ModuleConfig;
    }
  | { readonly kind: "object"; readonly type: ModuleType; readonly path: string; readonly value: object };

/** A plan that was read. `warnings` name keys that upstream knows and this implementation does not act on. */
export interface ReadPlan {
  /** Orchestrator, context, providers, tools, hooks: the order they are mounted in. */
  readonly mounts: readonly Mountable[];
  readonly system: string | undefined;
  readonly warnings: readonly string[];
}

const SECTIONS = ["session", "orchestrator", "context", "orchestrators", "providers", "tools", "hooks"];
const UPSTREAM_SECTIONS = ["agents"];
const SESSION_KEYS = ["orchestrator", "context", "system", "orchestrator_source", "context_source"];
const UPSTREAM_SESSION_KEYS = ["injection_budget_per_turn", "injection_size_limit", "raw", "metadata"];

/** @throws AmplifierError `plan_invalid`, with every problem in `data.problems`. */
export function readPlan(plan: unknown): ReadPlan {
  const reader = new PlanReader();
  const top = reader.record(plan, "plan");
  reader.keys(top, { path: "", allowed: SECTIONS, upstream: UPSTREAM_SECTIONS });
  const session = reader.record(top["session"], "session");
  reader.keys(session, { path: "session", allowed: SESSION_KEYS, upstream: UPSTREAM_SESSION_KEYS });
  const mounts = [
    reader.single("orchestrator", { top, session }),
    reader.single("context", { top, session }),
    ...reader.list("provider", top["providers"]),
    ...reader.list("tool", top["tools"]),
    ...reader.list("hook", top["hooks"]),
  ].filter((mount) => mount !== undefined);
  const system = reader.text(session["system"], "session.system");
  if (reader.problems.length > 0) throw planInvalid(reader.problems);
  return { mounts, system, warnings: reader.warnings };
}

function planInvalid(problems: readonly PlanProblem[]): AmplifierError<"plan_invalid"> {
  const list = problems.map(({ path, message }) => (path === "" ? message : `${path} ${message}`)).join("; ");
  return new AmplifierError("plan_invalid", `The mount plan is not valid: ${list}`, { data: { problems } });
}
