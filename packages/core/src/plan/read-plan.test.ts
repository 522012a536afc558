/**
 * Reading mount plans: the forms that are accepted, and every problem at once.
 */
import { describe, expect, it } from "vitest";
import { readPlan } from "./read-plan.ts";

const LOOP = { session: { orchestrator: "loop-streaming" } };

const loop = {
  kind: "module",
  type: "orchestrator",
  path: "session.orchestrator",
  idPath: "session.orchestrator",
  id: "loop-streaming",
  source: undefined,
  configPath: "orchestrator.config",
};
const context = {
  kind: "module",
  type: "context",
  path: "session.context",
  idPath: "session.context",
  configPath: "context.config",
  id: "context-simple",
  source: undefined,
  config: {},
};

describe("a mount plan", () => {
  it("needs an orchestrator only; the context has a default", () => {
    expect(readPlan({ session: { orchestrator: "loop-streaming" } })).toEqual({
      mounts: [{ ...loop, config: {} }, context],
      system: undefined,
      limits: { sizeLimit: null, budgetPerTurn: null },
      problems: [],
      warnings: [],
    });
  });

  it("is read in the form of the original README", () => {
    const config = { buffer_size: 10, max_turns: 10, timeout: 300 };
    const { mounts } = readPlan({
      orchestrators: [{ module: "loop-streaming", name: "streaming", config }],
      session: { orchestrator: "loop-streaming" },
    });
    expect(mounts[0]).toEqual({ ...loop, config, configPath: "orchestrators[0].config" });
  });

  it.each([
    [{ ...LOOP, orchestrator: { config: { timeout: 1 } } }, "orchestrator.config"],
    [
      { session: { orchestrator: { module: "loop-streaming", config: { timeout: 1 } } } },
      "session.orchestrator.config",
    ],
    [
      { session: { orchestrator: { module: "loop-streaming" } }, orchestrator: { config: { timeout: 1 } } },
      "orchestrator.config",
    ],
  ])("is read in Amplifier's forms: %j", (plan, configPath) => {
    const [mount] = readPlan(plan).mounts;
    expect(mount).toMatchObject({ id: "loop-streaming", config: { timeout: 1 }, configPath });
  });

  it("mounts in order: orchestrator, context, providers, tools, hooks; objects stand for themselves", () => {
    const tool = { name: "t", description: "", inputSchema: {}, execute: () => Promise.resolve("") };
    const hook = { name: "h", events: {} };
    const { mounts } = readPlan({
      hooks: [hook],
      tools: [tool, { module: "tool-x", source: "./x.mjs" }],
      providers: [{ module: "provider-demo", config: { a: 1 } }],
      session: { orchestrator: "loop-streaming", system: "Be brief." },
    });
    expect(mounts.slice(2)).toEqual([
      entry("provider", { path: "providers[0]", id: "provider-demo", config: { a: 1 }, configGiven: true }),
      { kind: "object", type: "tool", path: "tools[0]", value: tool },
      entry("tool", { path: "tools[1]", id: "tool-x", source: "./x.mjs" }),
      { kind: "object", type: "hook", path: "hooks[0]", value: hook },
    ]);
  });

  it("gives the limits of injections", () => {
    const session = { ...LOOP.session, injection_size_limit: 10, injection_budget_per_turn: 20 };
    expect(readPlan({ session }).limits).toEqual({ sizeLimit: 10, budgetPerTurn: 20 });
  });

  it("names the instances of a provider", () => {
    const { mounts, problems } = readPlan({
      ...LOOP,
      providers: [{ module: "provider-x" }, { module: "provider-x", instance_id: "second" }],
    });
    expect(problems).toEqual([]);
    expect(mounts.slice(2)).toEqual([
      entry("provider", { path: "providers[0]", id: "provider-x" }),
      entry("provider", { path: "providers[1]", id: "provider-x", instanceId: "second" }),
    ]);
  });

  it("may hold agents for modules that read them, and warns that nothing is mounted from them", () => {
    const plan = { session: { orchestrator: "loop-streaming", raw: true, metadata: { a: 1 } }, agents: { helper: {} } };
    const { mounts, problems, warnings } = readPlan(plan);
    expect(problems).toEqual([]);
    expect(warnings).toEqual(["agents is for modules that read it; nothing is mounted from it."]);
    expect(mounts.map(({ path }) => path)).toEqual(["session.orchestrator", "session.context"]);
  });

  it("names every problem at once, each with its place", () => {
    const { problems } = readPlan({
      sesion: {},
      session: { orchestrator: 5, contxt: "x", system: 1, injection_size_limit: 0 },
      providers: "openai",
      tools: [{ modul: "x" }, 3, { module: "y", config: [] }, { module: "z", instance_id: "w" }],
    });
    expect(problems.toSorted((left, right) => (left.path < right.path ? -1 : 1))).toEqual([
      { path: "providers", message: 'is "openai", must be array' },
      { path: "sesion", message: expect.stringContaining("is not a known key; known are session, orchestrator") },
      { path: "session.contxt", message: expect.stringContaining("is not a known key") },
      { path: "session.injection_size_limit", message: "is 0, must be at least 1" },
      { path: "session.orchestrator", message: "is 5, must be string or object" },
      { path: "session.system", message: "is 1, must be string" },
      { path: "tools[0].modul", message: expect.stringContaining("is not a known key") },
      { path: "tools[0].module", message: "is missing" },
      { path: "tools[1]", message: "is 3, must be object" },
      { path: "tools[2].config", message: "is [], must be object" },
      { path: "tools[3].instance_id", message: expect.stringContaining("is not a known key") },
    ]);
  });

  const a = { module: "a" };
  it.each<[unknown, string, string]>([
    [undefined, "plan", "is missing; a plan needs at least session.orchestrator"],
    [[], "plan", "is [], must be object; a plan needs at least session.orchestrator"],
    [{}, "session", "is missing; a plan needs at least session.orchestrator"],
    [{ session: {} }, "session.orchestrator", 'is missing; name an orchestrator, for example "loop-streaming"'],
    [{ session: { orchestrator: "" } }, "session.orchestrator", 'is "", must be at least 1 characters long'],
    [
      { session: { orchestrator: "a" }, orchestrators: [{ module: "b" }] },
      "orchestrators[0].module",
      'is "b", but session.orchestrator is "a"; a session has one orchestrator',
    ],
    [
      { session: { orchestrator: "a" }, orchestrators: [a, a] },
      "orchestrators[1].module",
      'is "a" a second time; keep one',
    ],
    [
      { session: { orchestrator: "a" }, orchestrators: [a], orchestrator: { config: {} } },
      "orchestrator.config",
      "gives a config that orchestrators gives too; keep one",
    ],
    [
      { session: { orchestrator: { module: "a", config: {} } }, orchestrator: { config: {} } },
      "orchestrator.config",
      "gives a config that session.orchestrator gives too; keep one",
    ],
    [
      { session: { orchestrator: { execute: () => "" } }, orchestrator: { config: {} } },
      "orchestrator.config",
      "gives a config that session.orchestrator does not take: it is an object made in code",
    ],
    [{ ...LOOP, tools: [a, a] }, "tools[1].module", 'is "a", which tools[0] mounts already; keep one'],
    [{ ...LOOP, hooks: [a, a] }, "hooks[1].module", 'is "a", which hooks[0] mounts already; keep one'],
    [
      { ...LOOP, providers: [a, { module: "a", instance_id: "b" }, a] },
      "providers[2].module",
      'is "a", which providers[0] mounts already; keep one, or give each further one an instance_id',
    ],
    [
      {
        ...LOOP,
        providers: [
          { ...a, instance_id: "b" },
          { module: "c", instance_id: "b" },
        ],
      },
      "providers[1].instance_id",
      'is "b", as providers[0] has it; each needs its own',
    ],
  ])("is refused: %j", (plan, path, message) => {
    expect(readPlan(plan).problems).toEqual([{ path, message }]);
  });

  it("is not looked into where it holds objects or configs", () => {
    const loop = { execute: () => Promise.resolve(""), self: {} };
    loop.self = loop;
    const config = { callback: () => undefined, big: 1n, nothing: undefined };
    const { problems } = readPlan({
      session: { orchestrator: loop, system: undefined },
      tools: [{ module: "x", config }],
      hooks: undefined,
    });
    expect(problems).toEqual([]);
  });
});

function entry(type: string, fields: { readonly path: string; readonly [field: string]: unknown }): object {
  const { path } = fields;
  const defaults = { source: undefined, config: {}, configGiven: false };
  return { kind: "module", type, idPath: `${path}.module`, configPath: `${path}.config`, ...defaults, ...fields };
}
