/**
 * Owns what a plan looks like in an event: plain JSON with its secrets replaced, and of what was put into it in code only
 * the name.
 */
import { redactSecrets } from "../redact-secrets.ts";
import type { OpenPayload } from "../events/reserved-events.ts";
import { isObjectOf } from "./check-shape.ts";
import type { MountPlan } from "./mount-plan.ts";
import type { ModuleType } from "../ports/module.ts";

/** A copy of a valid plan that may be shown. */
export function redactedPlan(plan: MountPlan): OpenPayload {
  const { session, providers, tools, hooks } = plan;
  return redactSecrets({
    ...plan,
    session: {
      ...session,
      orchestrator: shown("orchestrator", session.orchestrator),
      context: shown("context", session.context),
    },
    providers: providers?.map((entry) => shown("provider", entry)),
    tools: tools?.map((entry) => shown("tool", entry)),
    hooks: hooks?.map((entry) => shown("hook", entry)),
  }) as OpenPayload;
}

function shown(type: ModuleType, entry: unknown): unknown {
  if (!isObjectOf(type, entry)) return entry;
  const { name } = entry as { readonly name?: unknown };
  return { object: typeof name === "string" ? name : entry.constructor.name };
}
