/**
 * The schema of plans as editors use it, against what reading a plan says.
 */
import { Validator, type Schema } from "@cfworker/json-schema";
import { describe, expect, it } from "vitest";
import type { JsonSchema } from "../schema/json-schema.ts";
import { mountPlanSchema, type KnownModule } from "./mount-plan-schema.ts";
import { readPlan } from "./read-plan.ts";

const session = { orchestrator: "loop" };
const a = { module: "a" };

/** Draft 7, whatever the schema is used with elsewhere: what editors know. */
function isValid(plan: unknown, modules: readonly KnownModule[] = []): boolean {
  return new Validator(mountPlanSchema(modules) as Schema, "7", false).validate(plan).valid;
}

const RIGHT: readonly unknown[] = [
  { session },
  { $schema: "plan.schema.json", session },
  { session: { orchestrator: { module: "loop", source: "./loop.mjs", config: { x: [1] } } } },
  { session: { ...session, context: "c", system: "", orchestrator_source: "./a", context_source: "b" } },
  {
    session: {
      ...session,
      injection_size_limit: 1,
      injection_budget_per_turn: 10_000,
      raw: true,
      metadata: { a: [1] },
    },
  },
  { session, orchestrator: { config: {} }, context: {}, agents: { any: "thing" } },
  { session, orchestrators: [{ module: "loop", name: "streaming", config: {} }] },
  { session, providers: [a, { ...a, instance_id: "b", config: {} }], tools: [a], hooks: [] },
];

const WRONG: readonly unknown[] = [
  null,
  [],
  "plan",
  {},
  { session: {} },
  { session: "loop" },
  { session: { orchestrator: "" } },
  { session: { orchestrator: 5 } },
  { session: { orchestrator: {} } },
  { session: { orchestrator: { module: "loop", moduel: 1 } } },
  { session: { ...session, context: null } },
  { session: { ...session, system: 1 } },
  { session: { ...session, context_source: "" } },
  { session: { ...session, injection_size_limit: 0 } },
  { session: { ...session, injection_size_limit: 1.5 } },
  { session: { ...session, injection_budget_per_turn: "10" } },
  { session: { ...session, raw: 1 } },
  { session: { ...session, metadata: "a" } },
  { session, agents: [] },
  { session, sesion: {} },
  { session, orchestrator: "loop" },
  { session, orchestrator: { config: [] } },
  { session, context: { conf: {} } },
  { session, orchestrators: {} },
  { session, providers: "a" },
  { session, providers: [{ ...a, instance_id: "" }] },
  { session, tools: ["a"] },
  { session, tools: [{ ...a, config: 1 }] },
  { session, tools: [{ ...a, instance_id: "b" }] },
  { session, hooks: [{ module: "" }] },
  { session, hooks: [{ ...a, source: 1 }] },
];

describe("the schema of mount plans", () => {
  it.each(RIGHT)("and reading it agree that this is right: %j", (plan) => {
    expect({ schema: isValid(plan), problems: readPlan(plan).problems }).toEqual({ schema: true, problems: [] });
  });

  it.each(WRONG)("and reading it agree that this is wrong: %j", (plan) => {
    expect({ schema: isValid(plan), read: readPlan(plan).problems.length > 0 }).toEqual({ schema: false, read: true });
  });

  const known: readonly KnownModule[] = [
    { id: "loop", moduleType: "orchestrator", configSchema: onlyNumber("turns") },
    { id: "context-simple", moduleType: "context", configSchema: onlyNumber("size") },
    { id: "tool-a", moduleType: "tool", configSchema: onlyNumber("limit") },
    { id: "tool-b", moduleType: "tool" },
  ];

  it.each<[object, boolean]>([
    [{ session, orchestrator: { config: { turns: 1 } } }, true],
    [{ session, orchestrator: { config: { turn: 1 } } }, false],
    [{ session: { orchestrator: "other" }, orchestrator: { config: { turn: 1 } } }, true],
    [{ session: { orchestrator: { module: "loop" } }, orchestrator: { config: { turn: 1 } } }, false],
    [{ session: { orchestrator: { module: "loop", config: { turns: "1" } } } }, false],
    [{ session, orchestrators: [{ module: "loop", config: { turns: "1" } }] }, false],
    [{ session, context: { config: { size: 1 } } }, true],
    [{ session, context: { config: { sise: 1 } } }, false],
    [{ session: { ...session, context: "other" }, context: { config: { sise: 1 } } }, true],
    [{ session, tools: [{ module: "tool-a", config: { limit: 1 } }] }, true],
    [{ session, tools: [{ module: "tool-a", config: { limt: 1 } }] }, false],
    [{ session, tools: [{ module: "tool-b", config: { limt: 1 } }] }, true],
    [{ session, hooks: [{ module: "tool-a", config: { limt: 1 } }] }, true],
  ])("checks the configs of the modules it knows: %j is valid: %j", (plan, valid) => {
    expect(isValid(plan, known)).toBe(valid);
  });

  it("offers the ids it knows, at their places only", () => {
    const { properties } = mountPlanSchema(known);
    const offered = (list: string): unknown =>
      (properties?.[list]?.items as JsonSchema | undefined)?.properties?.["module"]?.["examples"];
    expect([offered("tools"), offered("orchestrators"), offered("hooks")]).toEqual([
      ["tool-a", "tool-b"],
      ["loop"],
      undefined,
    ]);
  });
});

function onlyNumber(key: string): JsonSchema {
  return { type: "object", additionalProperties: false, properties: { [key]: { type: "integer" } } };
}
