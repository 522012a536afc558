/**
 * Plans of modules made here, mounted by `createSession`: what a module may do wrong, and what becomes of it.
 */
import type { AmplifierModule, ModuleCoordinator, MountPlan } from "amplifier-core";
import { ArrayContext } from "amplifier-testkit";
import { describe, expect, it } from "vitest";
import {
  dataOf,
  loop,
  module,
  type Mount,
  mounted,
  type Mounted,
  PLAN,
  provider,
  refusal,
  tool,
} from "./modules-in-memory.ts";

const told = (reason: string): unknown =>
  expect.stringMatching(new RegExp(`tools\\[0\\]: module "broken" .*${reason}`));

describe("a module that cannot be mounted", () => {
  const bad: readonly (readonly [what: string, module: unknown, reason: string])[] = [
    ["exports no mount", { moduleType: "tool" }, "module_invalid: exports no function `mount`"],
    ["exports nothing", undefined, "module_invalid: exports no function `mount`"],
    ["has no type", { mount: () => undefined }, "module_invalid: exports no moduleType"],
    [
      "is of another type",
      module("hook", () => undefined),
      "module_invalid: is a hook, but stands where a tool belongs",
    ],
    ["mounts nothing", module("tool", () => undefined), "module_invalid: mounted nothing as tool"],
    [
      "mounts only what is none of its type",
      module("tool", (coordinator) => coordinator.mount("providers", provider("x"))),
      "module_invalid: mounted nothing as tool",
    ],
    [
      "mounts at a point that is none",
      module("tool", (coordinator) => coordinator.mount("tool" as "tools", tool("x"))),
      'module_load_failed: could not be mounted: There is no mount point "tool"',
    ],
    [
      "mounts a tool with a broken schema",
      module("tool", (coordinator) => coordinator.mount("tools", { ...tool("x"), inputSchema: { type: "strnig" } })),
      'module_load_failed: could not be mounted: What is mounted at "tools" \\("x"\\) has an inputSchema that is none',
    ],
    [
      "throws",
      module("tool", () => {
        throw new Error("no luck");
      }),
      "module_load_failed: could not be mounted: no luck",
    ],
    ["rejects", module("tool", () => Promise.reject(new Error("later"))), "module_load_failed: mounted: later"],
    [
      "has a schema that is none",
      module("tool", () => undefined, { configSchema: { $ref: "#/nowhere" } }),
      "module_invalid: exports a configSchema that cannot be used",
    ],
  ];

  it.each(bad)("is left out and told when it %s", async (_what, broken, wanted) => {
    const plan = { ...PLAN, tools: [{ module: "broken" }, tool("kept")] };
    const [code = "", reason = ""] = wanted.split(/: (.*)/);
    const { session, events, shown } = await mounted(plan, { broken });
    expect([...session.coordinator.get("tools").keys()]).toEqual(["kept"]);
    expect(dataOf(events)).toEqual([
      { type: "module:load_failed", module_type: "tool", module_id: "broken", error: told(reason), reason_code: code },
    ]);
    expect(shown).toEqual([told(reason)]);
  });

  it("tells no secret: not in events, not to people, not in the error of one that is needed", async () => {
    const fails = (): never => {
      throw new Error("no redis://admin:hunter2@host with key sk-abcdefghijklmnop1234567890");
    };
    const wanted = "no redis://[redacted]@host with key [redacted]";
    const broken = module("tool", fails);
    const late = module("tool", (coordinator) => coordinator.mount("tools", tool("late")), { onSessionReady: fails });
    const plan = { ...PLAN, tools: [{ module: "broken" }, { module: "late" }] };
    const { events, shown } = await mounted(plan, { broken, late });
    const leftOut = `tools[0]: module "broken" could not be mounted: ${wanted}`;
    expect(events.map(({ data }) => (data as { error: string }).error)).toEqual([leftOut, wanted]);
    expect(shown).toEqual([`Left out: ${leftOut}`, `Module "late" failed when the session was ready: ${wanted}`]);
    expect(await refusal(PLAN, { loop: module("orchestrator", fails) })).toMatchObject({
      message: `session.orchestrator: module "loop" could not be mounted: ${wanted}`,
      data: { module: "loop", reason: wanted },
    });
  });

  it.each(["orchestrator", "context"] as const)("is fatal when it is the %s", async (type) => {
    const plan = { ...PLAN, session: { ...PLAN.session, [type]: "broken" } };
    expect(await refusal(plan, { broken: module(type, () => undefined) })).toMatchObject({
      code: "module_invalid",
      message: `session.${type}: module "broken" mounted nothing as ${type}.`,
    });
    const throws = module(type, () => Promise.reject(new Error("no")));
    expect(await refusal(plan, { broken: throws })).toMatchObject({ code: "module_load_failed" });
    expect(await refusal(plan, { broken: {} })).toMatchObject({ code: "module_invalid" });
  });

  it("leaves nothing behind of what it mounted before it failed", async () => {
    const broken = module("tool", (coordinator) => {
      coordinator.mount("tools", tool("half"));
      coordinator.unmount("tools", "first");
      coordinator.mount("orchestrator", { execute: () => Promise.reject(new Error("another")) });
      coordinator.mount("context", new ArrayContext());
      throw new Error("no");
    });
    const context = new ArrayContext();
    const plan = { ...PLAN, session: { ...PLAN.session, context }, tools: [tool("first"), { module: "broken" }] };
    const { session } = await mounted(plan, { broken });
    expect(session.coordinator.get("context")).toBe(context);
    expect([...session.coordinator.get("tools").keys()]).toEqual(["first"]);
    expect(session.coordinator.get("orchestrator")).toBe(loop);
  });

  it("asks no capability of a provider's: what was left out is told in events and to people", async () => {
    let asked = 0;
    const loader = module("orchestrator", (coordinator) => {
      coordinator.mount("orchestrator", loop);
      for (const name of ["provider.before_load", "provider.load_failure"])
        coordinator.registerCapability(name, () => void asked++);
    });
    const providers = [{ module: "provider-a" }, { module: "broken", instance_id: "second" }];
    const { events, shown } = await mounted({ ...PLAN, providers }, { loop: loader, broken: {} });
    const error = 'providers[1]: module "broken" exports no function `mount`.';
    expect(dataOf(events)).toEqual([
      {
        type: "module:load_failed",
        module_type: "provider",
        module_id: "broken",
        error,
        reason_code: "module_invalid",
        instance_id: "second",
      },
    ]);
    expect(shown).toEqual([`Left out: ${error}`]);
    expect(asked).toBe(0);
  });

  it("takes its reason along when no provider is left", async () => {
    const broken = module("provider", () => Promise.reject(new Error("no key")));
    expect(await refusal({ ...PLAN, providers: [{ module: "broken" }] }, { broken })).toMatchObject({
      code: "no_provider",
      message: 'No provider could be mounted. providers[0]: module "broken" could not be mounted: no key',
    });
  });
});

describe("what a module threw", () => {
  it("is the cause of the error that its session fails with, told once, with place, module and reason", async () => {
    const boom = new TypeError("boom");
    const broken = (type: string): unknown => module(type, () => Promise.reject(boom));
    const needed = await refusal(PLAN, { loop: broken("orchestrator") });
    expect(needed.message).toBe('session.orchestrator: module "loop" could not be mounted: boom');
    expect(needed.cause).toBe(boom);
    const providers = [{ module: "broken" }];
    const left = await refusal({ ...PLAN, providers }, { broken: broken("provider") });
    expect(left).toMatchObject({ code: "no_provider", cause: { code: "module_load_failed" } });
    expect((left.cause as Error).cause).toBe(boom);
    const required = module("hook", () => Promise.reject(boom), { required: true });
    expect((await refusal({ ...PLAN, hooks: [{ module: "policy" }] }, { policy: required })).cause).toBe(boom);
  });

  it.each(["provider", "tool", "hook"] as const)("leaves out the %s alone: the others are mounted", async (type) => {
    const broken = module(type, () => Promise.reject(new Error("boom")));
    const hook = module("hook", ({ hooks }) => void hooks.register("tool:pre", () => undefined, { name: "kept" }));
    const plan = {
      session: PLAN.session,
      providers: [...(type === "provider" ? [{ module: "broken" }] : []), { module: "provider-a" }],
      tools: [...(type === "tool" ? [{ module: "broken" }] : []), tool("kept")],
      hooks: [...(type === "hook" ? [{ module: "broken" }] : []), { module: "hook" }],
    };
    const { session, events, shown } = await mounted(plan, { broken, hook });
    const { coordinator } = session;
    expect([...coordinator.get("providers").keys(), ...coordinator.get("tools").keys()]).toEqual(["a", "kept"]);
    expect(coordinator.hooks.list()).toEqual({ "tool:pre": ["kept"] });
    const error = `${type}s[0]: module "broken" could not be mounted: boom`;
    expect(dataOf(events)).toEqual([
      { type: "module:load_failed", module_type: type, module_id: "broken", error, reason_code: "module_load_failed" },
    ]);
    expect(shown).toEqual([`Left out: ${error}`]);
  });
});

describe("the mistakes of a plan", () => {
  const strict = module("tool", () => undefined, {
    configSchema: { type: "object", properties: { limit: { type: "integer" } } },
  });

  it("throw the error of the one module that is wrong", async () => {
    expect(await refusal({ ...PLAN, tools: [{ module: "nowhere" }] })).toMatchObject({ code: "module_not_found" });
    const tools = [{ module: "strict", config: { limit: "x" } }];
    expect(await refusal({ ...PLAN, tools }, { strict })).toMatchObject({
      code: "config_invalid",
      data: { module: "strict", problems: [{ path: "tools[0].config.limit", message: 'is "x", must be integer' }] },
    });
  });

  it("are one error that names all, before anything is mounted", async () => {
    const mount = (): never => {
      throw new Error("not to be mounted");
    };
    const plan = {
      session: { orchestrator: "loop", colour: 1 },
      providers: [{ module: "provider-a" }],
      tools: [{ module: "strict", config: { limit: "x" } }, { module: "nowhere" }, { module: "hooky" }],
    } as MountPlan;
    const more = { strict, hooky: module("hook", () => undefined), loop: module("orchestrator", mount) };
    const error = await refusal(plan, more);
    expect(error).toMatchObject({
      code: "plan_invalid",
      data: {
        problems: [
          { path: "session.colour", message: expect.stringContaining("is not a known key") },
          { path: "tools[0].config.limit", message: 'is "x", must be integer' },
          { path: "tools[1].module", message: 'is "nowhere": No nowhere.' },
          { path: "tools[2].module", message: 'is "hooky", which is a hook, but stands where a tool belongs' },
        ],
      },
    });
    expect(error.message).toContain('tools[1].module is "nowhere"');
  });

  it("name the place of an object whose name is taken", async () => {
    expect(await refusal({ ...PLAN, tools: [tool("x"), tool("x")] })).toMatchObject({
      code: "mount_failed",
      message: 'tools[1]: "x" is mounted at "tools" already; unmount it or use another name.',
    });
  });
});

it("two modules with a tool of one name: the second is left out and told", async () => {
  const one = module("tool", (coordinator) => coordinator.mount("tools", tool("same")));
  const plan = { ...PLAN, tools: [{ module: "one" }, { module: "two" }] };
  const { session, events } = await mounted(plan, { one, two: one });
  expect([...session.coordinator.get("tools").keys()]).toEqual(["same"]);
  expect(dataOf(events)).toEqual([
    expect.objectContaining({
      module_id: "two",
      error: expect.stringContaining('"same" is mounted at "tools" already') as string,
    }),
  ]);
});

describe("instances of a provider", () => {
  const names = ({ session }: Mounted): readonly string[] => [...session.coordinator.get("providers").keys()];

  it("are mounted under their instance_id, in the order of the plan, whoever comes first", async () => {
    const plain = { module: "provider-a" };
    const b = { module: "provider-b" };
    const second = { module: "provider-a", instance_id: "second", config: { priority: 2 } };
    expect(names(await mounted({ ...PLAN, providers: [plain, b, second] }))).toEqual(["a", "b", "second"]);
    expect(names(await mounted({ ...PLAN, providers: [second, b, plain] }))).toEqual(["second", "b", "a"]);
    const third = { ...second, instance_id: "third" };
    expect(names(await mounted({ ...PLAN, providers: [second, third] }))).toEqual(["second", "third"]);
  });

  it("keep the one that was mounted under the module's own name", async () => {
    const providers = [
      { module: "provider-a", config: { priority: 1 } },
      { module: "provider-a", instance_id: "second", config: { priority: 2 } },
    ];
    const { session } = await mounted({ ...PLAN, providers });
    const mountedNow = [...session.coordinator.get("providers")].map(([name, { priority }]) => [name, priority]);
    expect(mountedNow).toEqual([
      ["a", 1],
      ["second", 2],
    ]);
  });

  it("each have their own config, are cleaned up each, and are told each that the session is ready, by then renamed", async () => {
    const said: string[] = [];
    const own = module(
      "provider",
      (coordinator, { priority }) => {
        coordinator.mount("providers", provider("own", priority as number));
        return () => void said.push(`end ${String(priority)}`);
      },
      {
        onSessionReady: (coordinator: ModuleCoordinator) =>
          void said.push(`ready: ${[...coordinator.get("providers").keys()].join(", ")}`),
      },
    );
    const providers = ["one", "two"].map((instance_id, index) => ({
      module: "own",
      instance_id,
      config: { priority: index + 1 },
    }));
    const { session } = await mounted({ ...PLAN, providers }, { own });
    expect([...session.coordinator.get("providers").values()].map(({ priority }) => priority)).toEqual([1, 2]);
    await session.close();
    expect(said).toEqual(["ready: one, two", "ready: one, two", "end 2", "end 1"]);
  });

  it("may have a name of their own from their config", async () => {
    const own = { module: "provider-a", instance_id: "second", config: { name: "mine" } };
    expect(names(await mounted({ ...PLAN, providers: [{ module: "provider-a" }, own] }))).toEqual(["a", "second"]);
  });

  it("that fail are left out and the others are as they were; the event has the instance's name", async () => {
    const twice = module("provider", (coordinator) => {
      coordinator.mount("providers", provider("x"));
      coordinator.mount("providers", provider("y"));
    });
    const providers = [
      { module: "provider-a" },
      { module: "provider-b" },
      { module: "provider-b", instance_id: "a" },
      { module: "twice", instance_id: "one" },
    ];
    const all = await mounted({ ...PLAN, providers }, { twice });
    expect(names(all)).toEqual(["a", "b"]);
    expect(dataOf(all.events)).toEqual([
      expect.objectContaining({ instance_id: "a", reason_code: "module_load_failed" }),
      expect.objectContaining({
        instance_id: "one",
        reason_code: "module_invalid",
        error: 'providers[3]: module "twice" mounts several providers ("x", "y"), so it cannot be mounted as "one".',
      }),
    ]);
  });
});

describe("onSessionReady", () => {
  it("is called once all modules are mounted, in their order, and only where the mount succeeded", async () => {
    const told: string[] = [];
    const ready = (name: string, mount: Mount): unknown =>
      module("tool", mount, {
        onSessionReady: (coordinator: ModuleCoordinator) => {
          told.push(`${name} sees ${[...coordinator.get("tools").keys()].join(", ")}`);
          return Promise.resolve();
        },
      } satisfies Partial<AmplifierModule>);
    const { events } = await mounted(
      { ...PLAN, tools: [{ module: "one" }, { module: "broken" }, { module: "two" }] },
      {
        one: ready("one", (coordinator) => coordinator.mount("tools", tool("1"))),
        broken: ready("broken", () => undefined),
        two: ready("two", (coordinator) => coordinator.mount("tools", tool("2"))),
      },
    );
    expect(told).toEqual(["one sees 1, 2", "two sees 1, 2"]);
    expect(events.map(({ type }) => type)).toEqual(["module:load_failed"]);
  });

  it("that throws is told; the module stays, and the others are called", async () => {
    const told: string[] = [];
    const mount: Mount = (coordinator) => coordinator.mount("tools", tool("1"));
    const one = module("tool", mount, { onSessionReady: () => Promise.reject(new Error("no luck")) });
    const two = module("hook", () => undefined, { onSessionReady: () => void told.push("two") });
    const plan = { ...PLAN, tools: [{ module: "one" }], hooks: [{ module: "two" }] };
    const { session, events, shown } = await mounted(plan, { one, two });
    expect(dataOf(events)).toEqual([{ type: "module:on_session_ready_failed", module_id: "one", error: "no luck" }]);
    expect(shown).toEqual(['Module "one" failed when the session was ready: no luck']);
    expect(told).toEqual(["two"]);
    expect(session.coordinator.get("tools").has("1")).toBe(true);
  });
});

it("a provider with complete instead of stream is adapted, as an object and from a module", async () => {
  const whole = { name: "whole", getInfo: () => ({ id: "w", displayName: "W", defaultModel: null }) };
  const completing = { ...whole, listModels: () => Promise.resolve([]), complete: () => Promise.reject(new Error()) };
  const stranger = module("provider", (coordinator) =>
    coordinator.mount("providers", { ...completing, name: "other" } as never),
  );
  const { session } = await mounted({ ...PLAN, providers: [completing, { module: "stranger" }] }, { stranger });
  const infos = [...session.coordinator.get("providers")].map(([name, each]) => [name, each.getInfo().streams]);
  expect(infos).toEqual([
    ["whole", false],
    ["other", false],
  ]);
});
