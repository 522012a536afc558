/**
 * Reading mount plans: the forms that are accepted, and every problem at once.
 */
import { describe, expect, it } from "vitest";
import type { PlanProblem } from "../errors/amplifier-error.ts";
import { readPlan } from "./read-plan.ts";

function problemsOf(plan: unknown): readonly PlanProblem[] {
  try {
    readPlan(plan);
  } catch (error) {
    return (error as { data: { problems: readonly PlanProblem[] } }).data.problems;
  }
  return [];
}

const loop = {
  kind: "module",
  type: "orchestrator",
  path: "session.orchestrator",
  id: "loop-streaming",
  source: undefined,
};
const context = {
  kind: "module",
  type: "context",
  path: "session.context",
  id: "context-simple",
  source: undefined,
  config: {},
};

describe("a mount plan", () => {
  it("needs an orchestrator only; the context has a default", () => {
    expect(readPlan({ session: { orchestrator: "loop-streaming" } })).toEqual({
      mounts: [{ ...loop, config: {} }, context],
      system: undefined,
      warnings: [],
    });
  });

  it("is read in the form of the original README", () => {
    const config = { buffer_size: 10, max_turns: 10, timeout: 300 };
    const { mounts } = readPlan({
      orchestrators: [{ module: "loop-streaming", name: "streaming", config }],
      session: { orchestrator: "loop-streaming" },
    });
    expect(mounts[0]).toEqual({ ...loop, config });
  });

  it.each([
    [{ session: { orchestrator: "loop-streaming" }, orchestrator: { config: { timeout: 1 } } }],
    [{ session: { orchestrator: { module: "loop-streaming", config: { timeout: 1 } } } }],
    [{ session: { orchestrator: { module: "loop-streaming" } }, orchestrator: { config: { timeout: 1 } } }],
  ])("is read in Amplifier's forms: %j", (plan) => {
    expect(readPlan(plan).mounts[0]).toEqual({ ...loop, config: { timeout: 1 } });
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
      {
        kind: "module",
        type: "provider",
        path: "providers[0]",
        id: "provider-demo",
        source: undefined,
        config: { a: 1 },
      },
      { kind: "object", type: "tool", path: "tools[0]", value: tool },
      { kind: "module", type: "tool", path: "tools[1]", id: "tool-x", source: "./x.mjs", config: {} },
      { kind: "object", type: "hook", path: "hooks[0]", value: hook },
    ]);
  });

  it("warns of what upstream knows and this does not act on", () => {
    const plan = { session: { orchestrator: "loop-streaming", raw: true }, agents: {} };
    expect(readPlan(plan).warnings).toEqual(["agents has no effect here yet.", "session.raw has no effect here yet."]);
  });

  it("names every problem at once, each with its place", () => {
    const problems = problemsOf({
      sesion: {},
      session: { orchestrator: 5, contxt: "x", system: 1 },
      providers: "openai",
      tools: [{ modul: "x" }, 3, { module: "y", config: [] }],
    });
    expect(problems).toEqual([
      { path: "sesion", message: expect.stringContaining("is not a known key; known are session, orchestrator") },
      { path: "session.contxt", message: expect.stringContaining("is not a known key") },
      { path: "session.orchestrator", message: 'is 5, must be a table with a "module"' },
      { path: "providers", message: 'is "openai", must be a list' },
      { path: "tools[0].modul", message: expect.stringContaining("is not a known key") },
      { path: "tools[0].module", message: "is missing" },
      { path: "tools[1]", message: 'is 3, must be a table with a "module"' },
      { path: "tools[2].config", message: "is [], must be a table" },
      { path: "session.system", message: "is 1, must be a string" },
    ]);
  });

  it.each([
    [undefined, [{ path: "plan", message: expect.stringContaining("is missing") }]],
    [{}, [{ path: "session", message: expect.stringContaining("is missing") }]],
    [{ session: {} }, [{ path: "session.orchestrator", message: expect.stringContaining("is missing") }]],
    [
      { session: { orchestrator: "a" }, orchestrators: [{ module: "b" }] },
      [
        {
          path: "orchestrators[0].module",
          message: 'is "b", but session.orchestrator is "a"; a session has one orchestrator',
        },
      ],
    ],
    [
      { session: { orchestrator: "a" }, orchestrators: [{ module: "a" }], orchestrator: { config: {} } },
      [{ path: "orchestrator.config", message: "gives a config that orchestrators gives too; keep one" }],
    ],
    [
      { session: { orchestrator: { module: "a", config: {} } }, orchestrator: { config: {} } },
      [{ path: "orchestrator.config", message: "gives a config that session.orchestrator gives too; keep one" }],
    ],
  ])("is refused: %j", (plan, problems) => {
    // Without an orchestrator a missing session is named twice; the first says it.
    expect(problemsOf(plan).slice(0, 1)).toEqual(problems);
  });
});
