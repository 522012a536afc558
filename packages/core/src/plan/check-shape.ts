/**
 * Owns checking a plan against its schema: which keys there are, which are missing, what type a value has. Objects that
 * were put into the plan in code, and configs, are not looked into.
 */
import type { PlanProblem } from "../errors/amplifier-error.ts";
import { isRecord } from "../is-record.ts";
import type { ModuleType } from "../ports/module.ts";
import { checkValue } from "../schema/check-value.ts";
import { mountPlanSchema } from "./mount-plan-schema.ts";

/** Anything with keys. */
export type Fields = Readonly<Record<string, unknown>>;

const SCHEMA = mountPlanSchema();
const HINTS: Readonly<Record<string, string>> = {
  session: "; a plan needs at least session.orchestrator",
  "session.orchestrator": '; name an orchestrator, for example "loop-streaming"',
};
/** Members that tell an object given in code from an entry of a file: one of them is there. */
const MEMBERS: Readonly<Record<ModuleType, readonly string[]>> = {
  orchestrator: ["execute"],
  context: ["addMessage"],
  provider: ["stream", "complete"],
  tool: ["execute"],
  hook: ["events"],
};

/** Whether the value is a tool, a provider, ... itself. */
export function isObjectOf(type: ModuleType, value: unknown): value is object {
  if (!isRecord(value)) return false;
  const wanted = type === "hook" ? "object" : "function";
  return MEMBERS[type].some((name) => typeof value[name] === wanted && value[name] !== null);
}

/** Everything that is wrong with the plan's shape, each with its key path. */
export function shapeProblems(plan: unknown): readonly PlanProblem[] {
  if (!isRecord(plan)) {
    const found = plan === undefined ? "is missing" : `is ${JSON.stringify(plan) ?? typeof plan}, must be object`;
    return [{ path: "plan", message: `${found}${HINTS["session"]}` }];
  }
  return checkValue(asData(plan), SCHEMA).map(({ path, message }) => ({
    path,
    message: message === "is missing" ? `${message}${HINTS[path] ?? ""}` : message,
  }));
}

/** One sentence for each key that is right and may do less than it looks like. */
export function shapeWarnings(plan: Fields): readonly string[] {
  return plan["agents"] === undefined ? [] : ["agents is for modules that read it; nothing is mounted from it."];
}

// The plan as the JSON that the schema is about: what was made in code would be taken for wrong.
function asData(plan: Fields): Fields {
  const session = plan["session"];
  return defined(plan, (key, value) => {
    if (key === "session" && isRecord(session)) return sessionData(session);
    if ((key === "orchestrator" || key === "context") && isRecord(value)) return entryData(value);
    const type = LISTS[key];
    if (type === undefined || !Array.isArray(value)) return leaf(value);
    return value.map((entry) => moduleData(type, entry));
  });
}

const LISTS: Readonly<Record<string, ModuleType>> = {
  orchestrators: "orchestrator",
  providers: "provider",
  tools: "tool",
  hooks: "hook",
};

function sessionData(session: Fields): Fields {
  return defined(session, (key, value) =>
    key === "orchestrator" || key === "context" ? moduleData(key, value) : leaf(value),
  );
}

function moduleData(type: ModuleType, entry: unknown): unknown {
  if (isObjectOf(type, entry)) return { module: "an object" };
  return isRecord(entry) ? entryData(entry) : leaf(entry);
}

function entryData(entry: Fields): Fields {
  return defined(entry, (_, value) => leaf(value));
}

function defined(fields: Fields, convert: (key: string, value: unknown) => unknown): Fields {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([key, value]) => [key, convert(key, value)]));
}

// Below an entry only the type of a value counts; a function or a symbol is of none that JSON has.
function leaf(value: unknown): unknown {
  if (isRecord(value)) return {};
  if (Array.isArray(value)) return [];
  return ["string", "number", "boolean"].includes(typeof value) ? value : null;
}
