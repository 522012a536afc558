/**
 * Owns what the CLI adds to a plan: the chosen providers, the approval hook, the system prompt. Pure. Sections that are
 * not what they should be are left alone, for the library to refuse with their place.
 */
import { SMALL_MODEL_PROMPT } from "../system-prompt/system-prompt.ts";
import { moduleOf, sectionOf, sessionOf, type RawPlan } from "./plan-file.ts";
import { KNOWN_TOOLS } from "./built-in-plan.ts";

const APPROVAL = "hooks-approval";
const LOCAL = "provider-local";

/** Puts the chosen providers in the place of the plan's. */
export function withProviders(plan: RawPlan, providers: readonly unknown[]): RawPlan {
  return { ...plan, providers };
}

/** Adds the approval hook unless the plan lists it; with `yes` takes it out. */
export function withApproval(plan: RawPlan, { yes }: { readonly yes: boolean }): RawPlan {
  const hooks = sectionOf(plan, "hooks");
  if (hooks === null) return plan;
  const listed = hooks.some((hook) => moduleOf(hook) === APPROVAL);
  if (yes) return listed ? { ...plan, hooks: hooks.filter((hook) => moduleOf(hook) !== APPROVAL) } : plan;
  return listed ? plan : { ...plan, hooks: [...hooks, { module: APPROVAL }] };
}

/** Puts a system prompt into the plan. */
export function withSystem(plan: RawPlan, system: string): RawPlan {
  return { ...plan, session: { ...sessionOf(plan), system } };
}

/** Whether the model that is asked first is the small local one, which chats and is no agent. */
export function isSmallModel(plan: RawPlan): boolean {
  return moduleOf(sectionOf(plan, "providers")?.[0]) === LOCAL;
}

/** The plan for the small local model: no tools, and one sentence unless the plan has a system prompt of its own. */
export function forSmallModel(plan: RawPlan): RawPlan {
  const { tools: _tools, ...rest } = plan;
  return sessionOf(plan)["system"] === undefined ? withSystem(rest, SMALL_MODEL_PROMPT) : rest;
}

/** The names of the plan's tools, as far as they are known before mounting: else the module's id without its prefix. */
export function toolNames(plan: RawPlan): readonly string[] {
  return (sectionOf(plan, "tools") ?? []).flatMap((entry) => {
    const module = moduleOf(entry);
    if (module === null) return [];
    return KNOWN_TOOLS[module] ?? [module.replace(/^tool-/, "")];
  });
}
