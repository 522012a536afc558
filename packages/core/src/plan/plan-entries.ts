/**
 * Owns picking the modules out of a mount plan, and the rules that span several places of it: one config for one
 * orchestrator, a module listed once. Places of a wrong shape are passed over; `shapeProblems` names them.
 */
import type { PlanProblem } from "../errors/amplifier-error.ts";
import type { ModuleType } from "../ports/module.ts";
import { isRecord } from "../is-record.ts";
import { isObjectOf, type Fields } from "./check-shape.ts";
import type { Mountable, ModuleMount } from "./read-plan.ts";

const SINGLE_DEFAULT = { orchestrator: undefined, context: "context-simple" } as const;

interface Place {
  readonly type: ModuleType;
  readonly path: string;
}

/** A config, where it stands, and where its module is, as far as that is said there. */
interface Elsewhere {
  readonly config: Fields;
  readonly configPath: string;
  readonly given: boolean;
  readonly source?: string;
}

/** Picks one plan apart; problems gather here. */
export class PlanEntries {
  readonly problems: PlanProblem[] = [];

  /** The orchestrator or the context: an id with its config elsewhere, an entry, or an object. */
  single(
    type: "orchestrator" | "context",
    plan: { readonly top: Fields; readonly session: Fields },
  ): Mountable | undefined {
    const path = `session.${type}`;
    const value = plan.session[type] ?? SINGLE_DEFAULT[type];
    const elsewhere = this.#configElsewhere(type, plan.top, value);
    if (typeof value !== "string") return this.#withConfig(entryOf(value, { type, path }), elsewhere);
    if (value === "") return undefined;
    const source = text(plan.session[`${type}_source`]) ?? elsewhere.source;
    const { config, configPath } = elsewhere;
    return { kind: "module", type, path, idPath: path, id: value, source, config, configPath };
  }

  #withConfig(entry: Mountable | undefined, { given, config, configPath }: Elsewhere): Mountable | undefined {
    if (entry === undefined || !given) return entry;
    if (entry.kind === "module" && !entry.configGiven) return { ...entry, config, configPath };
    const gives = entry.kind === "module" ? "gives too; keep one" : "does not take: it is an object made in code";
    this.#problem(configPath, `gives a config that ${entry.path} ${gives}`);
    return entry;
  }

  /** The entries of `providers`, `tools` or `hooks`. */
  list(type: "provider" | "tool" | "hook", value: unknown): readonly (Mountable | undefined)[] {
    if (!Array.isArray(value)) return [];
    const entries = value.map((each: unknown, index) => entryOf(each, { type, path: `${type}s[${index}]` }));
    this.#refuseDoubles(type, entries);
    return entries;
  }

  #refuseDoubles(type: ModuleType, entries: readonly (Mountable | undefined)[]): void {
    const seen = new Map<string, string>();
    for (const entry of entries) {
      if (entry?.kind !== "module") continue;
      const { instanceId, id } = entry;
      const name = instanceId === undefined ? `module ${id}` : `instance ${instanceId}`;
      const first = seen.get(name);
      if (first === undefined) seen.set(name, entry.path);
      else if (instanceId !== undefined) {
        this.#problem(`${entry.path}.instance_id`, `is "${instanceId}", as ${first} has it; each needs its own`);
      } else {
        const remedy = type === "provider" ? "keep one, or give each further one an instance_id" : "keep one";
        this.#problem(`${entry.path}.module`, `is "${id}", which ${first} mounts already; ${remedy}`);
      }
    }
  }

  // Amplifier's form is a section `orchestrator.config`; the original README's is a list `orchestrators`.
  #configElsewhere(type: "orchestrator" | "context", top: Fields, wanted: unknown): Elsewhere {
    const section = top[type];
    const config = isRecord(section) ? section["config"] : undefined;
    const here = { config: isRecord(config) ? config : {}, configPath: `${type}.config`, given: config !== undefined };
    if (type === "context" || !Array.isArray(top["orchestrators"])) return here;
    const listed = this.#readmeForm(top["orchestrators"], wanted);
    if (listed === undefined) return here;
    if (here.given) this.#problem(here.configPath, "gives a config that orchestrators gives too; keep one");
    return listed;
  }

  #readmeForm(list: readonly unknown[], wanted: unknown): Elsewhere | undefined {
    const id = isRecord(wanted) ? wanted["module"] : wanted;
    const modules = list
      .map((each, index) => entryOf(each, { type: "orchestrator", path: `orchestrators[${index}]` }))
      .filter((entry): entry is ModuleMount => entry?.kind === "module");
    for (const other of modules.filter((entry) => entry.id !== id && wanted !== undefined)) {
      const message = `is "${other.id}", but session.orchestrator is ${JSON.stringify(id)}; a session has one orchestrator`;
      this.#problem(`${other.path}.module`, message);
    }
    const [first, second] = modules.filter((entry) => entry.id === id);
    if (second !== undefined) this.#problem(`${second.path}.module`, `is "${second.id}" a second time; keep one`);
    if (first === undefined) return undefined;
    const { config, configPath, source } = first;
    return { config, configPath, given: true, ...(source === undefined ? {} : { source }) };
  }

  #problem(path: string, message: string): void {
    this.problems.push({ path, message });
  }
}

function entryOf(value: unknown, { type, path }: Place): Mountable | undefined {
  if (isObjectOf(type, value)) return { kind: "object", type, path, value };
  if (!isRecord(value)) return undefined;
  const id = text(value["module"]);
  if (id === undefined || id === "") return undefined;
  const given = value["config"];
  const instanceId = type === "provider" ? text(value["instance_id"]) : undefined;
  return {
    kind: "module",
    type,
    path,
    idPath: `${path}.module`,
    id,
    source: text(value["source"]),
    config: isRecord(given) ? given : {},
    configPath: `${path}.config`,
    configGiven: given !== undefined,
    ...(instanceId === undefined ? {} : { instanceId }),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
