/**
 * Owns what the CLI adds to a plan: the chosen providers, the approval hook, the system prompt. Pure. Sections that are
 * not what they should be are left alone, for the library to refuse with their place.
 */
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

/**
 * The plan for the small local model: no tools, and no system prompt but the plan's own (the provider has a sentence of its
 * own for when there is none). `model` is the path of another model's file, absolute.
 */
export function forSmallModel(plan: RawPlan, model: string | undefined): RawPlan {
  const { tools: _tools, ...rest } = plan;
  if (model === undefined) return rest;
  const [first, ...others] = sectionOf(plan, "providers") ?? [];
  return { ...rest, providers: [{ ...(first as object), config: { ...configOf(first), model } }, ...others] };
}

/** The configuration of an entry as far as it is a table. */
export function configOf(entry: unknown): Readonly<Record<string, unknown>> {
  const config = (entry as { readonly config?: unknown } | undefined)?.config;
  return typeof config === "object" && config !== null ? { ...config } : {};
}

/** The names of the plan's tools, as far as they are known before mounting: else the module's id without its prefix. */
export function toolNames(plan: RawPlan): readonly string[] {
  return (sectionOf(plan, "tools") ?? []).flatMap((entry) => {
    const module = moduleOf(entry);
    if (module === null) return [];
    return KNOWN_TOOLS[module] ?? [module.replace(/^tool-/, "")];
  });
}
