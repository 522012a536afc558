/**
 * Owns the one definition of what a mount plan may hold, as JSON Schema. `readPlan` checks plans with it, editors complete
 * from it (with the modules' own config schemas put in). What spans several entries (a module listed twice, two configs for
 * one orchestrator) no schema says; `readPlan` does.
 */
import type { ModuleType } from "../ports/module.ts";
import type { JsonSchema } from "../schema/json-schema.ts";

/** A module whose id and config the schema is to know. */
export interface KnownModule {
  readonly id: string;
  readonly moduleType: ModuleType;
  readonly configSchema?: JsonSchema;
}

type Properties = Readonly<Record<string, JsonSchema>>;

const CONTEXT_DEFAULT = "context-simple";
const CONFIG = { type: "object", description: "The module's configuration; its own schema checks it." } as const;
const SOURCE = {
  type: "string",
  minLength: 1,
  description: "Where the module is, if its id does not say it: a path relative to this file, or a package.",
} as const;
const NAMES: Readonly<Record<ModuleType, string>> = {
  orchestrator: 'The loop, for example "loop-streaming".',
  context: `What keeps the conversation; default "${CONTEXT_DEFAULT}".`,
  provider: "A model to ask. Without providers the command picks one; the library refuses the plan.",
  tool: "What the model may call.",
  hook: "What watches or decides on events.",
};

/**
 * The JSON Schema of a mount plan (draft 7, which is what editors know). Each of `modules` adds its id to completion and its
 * config schema to its entries; without any it is what `readPlan` checks plans with.
 */
export function mountPlanSchema(modules: readonly KnownModule[] = []): JsonSchema {
  const conditions = modules.flatMap(sectionConfig);
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Amplifier mount plan",
    type: "object",
    required: ["session"],
    additionalProperties: false,
    properties: {
      session: sessionSchema(modules),
      orchestrator: section("Configuration of the orchestrator that session.orchestrator names by its id."),
      context: section("Configuration of the context that session.context names by its id."),
      orchestrators: list("orchestrator", modules),
      providers: list("provider", modules),
      tools: list("tool", modules),
      hooks: list("hook", modules),
      agents: { type: "object", description: "For modules that read it; nothing is mounted from it." },
      $schema: { type: "string", description: "For editors; of no meaning to the plan." },
    },
    ...(conditions.length === 0 ? {} : { allOf: conditions }),
  };
}

function sessionSchema(modules: readonly KnownModule[]): JsonSchema {
  return {
    type: "object",
    required: ["orchestrator"],
    additionalProperties: false,
    properties: {
      orchestrator: moduleSchema("orchestrator", { modules, byId: true }),
      context: moduleSchema("context", { modules, byId: true }),
      system: { type: "string", description: "The system prompt; in a plan's file `@name` is the text of a file." },
      orchestrator_source: SOURCE,
      context_source: SOURCE,
      injection_size_limit: positive("Characters a hook may inject at once; more is refused. Default: no limit."),
      injection_budget_per_turn: positive("Tokens hooks may inject in a turn; more is told. Default: no limit."),
      raw: { type: "boolean", description: "Tell the plan, secrets redacted, in events. Default: no." },
      metadata: { type: "object", description: "The caller's own; told when a session has a parent." },
    },
  };
}

/** An entry; with `byId` its id alone will do. */
function moduleSchema(
  type: ModuleType,
  { modules, byId }: { readonly modules: readonly KnownModule[]; readonly byId: boolean },
): JsonSchema {
  const own = modules.filter(({ moduleType }) => moduleType === type);
  const completion = own.length === 0 ? {} : { examples: own.map(({ id }) => id) };
  const conditions = own.map(({ id, configSchema = {} }) =>
    when(entryNames(id), { properties: { config: configSchema } }),
  );
  return {
    // Each keyword below is about one of the two types only.
    ...(byId ? { type: ["string", "object"], minLength: 1, ...completion } : { type: "object" }),
    description: NAMES[type],
    required: ["module"],
    additionalProperties: false,
    properties: entryProperties(type, completion),
    ...(conditions.length === 0 ? {} : { allOf: conditions }),
  };
}

function entryProperties(type: ModuleType, completion: JsonSchema): Properties {
  return {
    module: { type: "string", minLength: 1, description: "The module's id.", ...completion },
    source: SOURCE,
    config: CONFIG,
    name: { type: "string", description: "A name for people." },
    ...(type === "provider" ? { instance_id: INSTANCE_ID } : {}),
  };
}

const INSTANCE_ID = {
  type: "string",
  minLength: 1,
  description: "The name it is mounted under; needed when a module is listed more than once.",
} as const;

function list(type: ModuleType, modules: readonly KnownModule[]): JsonSchema {
  return { type: "array", items: moduleSchema(type, { modules, byId: false }) };
}

function section(description: string): JsonSchema {
  return { type: "object", description, additionalProperties: false, properties: { config: CONFIG } };
}

function positive(description: string): JsonSchema {
  return { type: "integer", minimum: 1, description };
}

/** The config of a module that `session` names by its id stands in a section of its own. */
function sectionConfig({ id, moduleType, configSchema }: KnownModule): readonly JsonSchema[] {
  if (configSchema === undefined || (moduleType !== "orchestrator" && moduleType !== "context")) return [];
  const names: JsonSchema = {
    required: [moduleType],
    properties: { [moduleType]: { anyOf: [{ const: id }, entryNames(id)] } },
  };
  const isDefault = moduleType === "context" && id === CONTEXT_DEFAULT;
  const session = isDefault ? { anyOf: [names, { not: { required: [moduleType] } }] } : names;
  return [
    when(
      { required: ["session"], properties: { session } },
      { properties: { [moduleType]: { properties: { config: configSchema } } } },
    ),
  ];
}

function entryNames(id: string): JsonSchema {
  return { type: "object", required: ["module"], properties: { module: { const: id } } };
}

function when(condition: JsonSchema, consequence: JsonSchema): JsonSchema {
  // oxlint-disable-next-line unicorn/no-thenable -- it is JSON Schema's word; nobody awaits a schema
  return { if: condition, then: consequence };
}
