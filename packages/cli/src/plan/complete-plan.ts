/**
 * Owns what the CLI adds to a plan: the chosen providers, the approval hook, the system prompt. Pure. Sections that are
 * not what they should be are left alone, for the library to refuse with their place.
 */
import { moduleOf, sectionOf, sessionOf, type RawPlan } from "./plan-file.ts";
import { KNOWN_TOOLS } from "./built-in-plan.ts";

const APPROVAL = "hooks-approval";
const APPROVAL_PACKAGE = "amplifier-modules/hooks-approval";
/** A plan names each module once, so ours needs an id of its own beside a stranger's that took the name. */
const APPROVAL_BESIDE_STRANGER = { module: "hooks-approval-of-cli", source: APPROVAL_PACKAGE };
const LOCAL = "provider-local";

/** Puts the chosen providers in the place of the plan's. */
export function withProviders(plan: RawPlan, providers: readonly unknown[]): RawPlan {
  return { ...plan, providers };
}

/**
 * Adds our approval hook unless the plan lists it; with `yes` takes it out. An entry of that name with a `source` elsewhere
 * is a stranger's: it stays as it is and stands for nothing.
 */
export function withApproval(plan: RawPlan, { yes }: { readonly yes: boolean }): RawPlan {
  const hooks = sectionOf(plan, "hooks");
  if (hooks === null) return plan;
  const listed = hooks.some(isOwnApproval);
  if (yes) return listed ? { ...plan, hooks: hooks.filter((hook) => !isOwnApproval(hook)) } : plan;
  if (listed) return plan;
  const nameTaken = hooks.some((hook) => moduleOf(hook) === APPROVAL);
  return { ...plan, hooks: [...hooks, nameTaken ? APPROVAL_BESIDE_STRANGER : { module: APPROVAL }] };
}

function isOwnApproval(hook: unknown): boolean {
  const { source } = (hook ?? {}) as { readonly source?: unknown };
  return moduleOf(hook) === APPROVAL
    ? source === undefined || source === APPROVAL_PACKAGE
    : source === APPROVAL_PACKAGE;
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
