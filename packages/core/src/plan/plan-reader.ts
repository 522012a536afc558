/**
 * Owns picking a mount plan apart while gathering everything that is wrong with it. Used for one plan, then thrown away.
 */
import type { PlanProblem } from "../errors/amplifier-error.ts";
import type { ModuleType } from "../ports/module.ts";
import type { Mountable } from "./read-plan.ts";

type Fields = Readonly<Record<string, unknown>>;

const ENTRY_KEYS = ["module", "source", "config", "name"];
const SINGLE_DEFAULT = { orchestrator: undefined, context: "context-simple" } as const;
/** The function that tells an object given in code from an entry of a file. */
const METHOD_OF: Readonly<Record<ModuleType, string>> = {
  orchestrator: "execute",
  context: "addMessage",
  provider: "stream",
  tool: "execute",
  hook: "events",
};

/** Reads the parts of one plan; problems and warnings gather here. */
export class PlanReader {
  readonly problems: PlanProblem[] = [];
  readonly warnings: string[] = [];

  /** The value as an object; anything else is a problem and reads as empty. */
  record(value: unknown, path: string): Fields {
    if (isRecord(value)) return value;
    if (value === undefined) this.#problem(path, "is missing; a plan needs at least session.orchestrator");
    else this.#problem(path, `is ${show(value)}, must be a table`);
    return {};
  }

  text(value: unknown, path: string): string | undefined {
    if (value === undefined || typeof value === "string") return value;
    this.#problem(path, `is ${show(value)}, must be a string`);
    return undefined;
  }

  keys(
    fields: Fields,
    known: { readonly path: string; readonly allowed: readonly string[]; readonly upstream?: readonly string[] },
  ): void {
    for (const key of Object.keys(fields)) {
      const path = known.path === "" ? key : `${known.path}.${key}`;
      if (known.allowed.includes(key)) continue;
      if (known.upstream?.includes(key)) this.warnings.push(`${path} has no effect here yet.`);
      else this.#problem(path, `is not a known key; known are ${known.allowed.join(", ")}`);
    }
  }

  /** The orchestrator or the context: an id with its config elsewhere, an entry, or an object. */
  single(
    type: "orchestrator" | "context",
    plan: { readonly top: Fields; readonly session: Fields },
  ): Mountable | undefined {
    const path = `session.${type}`;
    const value = plan.session[type] ?? SINGLE_DEFAULT[type];
    if (value === undefined || value === "") {
      this.#problem(path, 'is missing; name an orchestrator, for example "loop-streaming"');
      return undefined;
    }
    const elsewhere = this.#configElsewhere(type, plan.top, value);
    if (typeof value !== "string") {
      if (elsewhere.path !== undefined && isRecord(value) && value["config"] !== undefined) {
        this.#problem(elsewhere.path, `gives a config that ${path} gives too; keep one`);
      }
      return this.#entry(type, value, { path, config: elsewhere.config });
    }
    const source = this.text(plan.session[`${type}_source`], `${path}_source`) ?? elsewhere.source;
    return { kind: "module", type, path, id: value, source, config: elsewhere.config };
  }

  list(type: "provider" | "tool" | "hook", value: unknown): readonly (Mountable | undefined)[] {
    const section = `${type}s`;
    if (value === undefined) return [];
    if (!Array.isArray(value)) {
      this.#problem(section, `is ${show(value)}, must be a list`);
      return [];
    }
    return value.map((each, index) => this.#entry(type, each, { path: `${section}[${index}]`, config: {} }));
  }

  #entry(
    type: ModuleType,
    value: unknown,
    at: { readonly path: string; readonly config: Fields },
  ): Mountable | undefined {
    if (isObjectOf(type, value)) return { kind: "object", type, path: at.path, value };
    if (!isRecord(value)) {
      this.#problem(at.path, `is ${show(value)}, must be a table with a "module"`);
      return undefined;
    }
    this.keys(value, { path: at.path, allowed: ENTRY_KEYS });
    const id = this.text(value["module"], `${at.path}.module`);
    if (id === undefined || id === "") {
      if (value["module"] === undefined || id === "") this.#problem(`${at.path}.module`, "is missing");
      return undefined;
    }
    const config = value["config"] === undefined ? at.config : this.record(value["config"], `${at.path}.config`);
    return { kind: "module", type, path: at.path, id, source: this.text(value["source"], `${at.path}.source`), config };
  }

  // Amplifier's form is a section `orchestrator.config`; the original README's is a list `orchestrators`.
  #configElsewhere(
    type: "orchestrator" | "context",
    top: Fields,
    wanted: unknown,
  ): { readonly config: Fields; readonly source?: string; readonly path?: string } {
    const sectionGiven = top[type] !== undefined;
    const section = sectionGiven ? this.record(top[type], type) : {};
    this.keys(section, { path: type, allowed: ["config"] });
    const config = section["config"] === undefined ? {} : this.record(section["config"], `${type}.config`);
    const here = section["config"] === undefined ? { config } : { config, path: `${type}.config` };
    if (type === "context" || top["orchestrators"] === undefined) return here;
    const listed = this.#readmeForm(top["orchestrators"], wanted);
    if (listed === undefined) return here;
    if (here.path !== undefined) this.#problem(here.path, "gives a config that orchestrators gives too; keep one");
    return listed;
  }

  #readmeForm(value: unknown, wanted: unknown): { config: Fields; source?: string; path: string } | undefined {
    if (!Array.isArray(value)) {
      this.#problem("orchestrators", `is ${show(value)}, must be a list`);
      return undefined;
    }
    const id = isRecord(wanted) ? wanted["module"] : wanted;
    const entries = value.map((each, index) =>
      this.#entry("orchestrator", each, { path: `orchestrators[${index}]`, config: {} }),
    );
    const modules = entries.filter((entry) => entry?.kind === "module");
    const other = modules.find((entry) => entry.id !== id);
    if (other !== undefined) {
      const message = `is "${other.id}", but session.orchestrator is ${show(id)}; a session has one orchestrator`;
      this.#problem(`${other.path}.module`, message);
    }
    const own = modules.filter((entry) => entry.id === id);
    if (own.length > 1) this.#problem(own[1]?.path ?? "orchestrators", `lists "${String(id)}" a second time; keep one`);
    const first = own[0];
    if (first === undefined) return undefined;
    return { config: first.config, path: first.path, ...(first.source === undefined ? {} : { source: first.source }) };
  }

  #problem(path: string, message: string): void {
    this.problems.push({ path, message });
  }
}

function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isObjectOf(type: ModuleType, value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const member: unknown = (value as Fields)[METHOD_OF[type]];
  return type === "hook" ? typeof member === "object" && member !== null : typeof member === "function";
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
