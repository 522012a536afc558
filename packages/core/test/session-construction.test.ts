/**
 * Making a session: what is refused at once, what its ids are, what is mounted in which order, and what modules see.
 */
import { createSession, type ModuleCoordinator, type MountPlan, type SessionOptions } from "amplifier-core";
import { ArrayContext, FakeClock } from "amplifier-testkit";
import { describe, expect, it } from "vitest";
import { loop, module, type Modules, mounted, PLAN, provider, refusal, tool } from "./modules-in-memory.ts";

const OBJECTS: MountPlan = {
  session: { orchestrator: loop, context: new ArrayContext() },
  providers: [provider("a")],
};

describe("a plan that cannot make a session", () => {
  it.each<[unknown, string]>([
    [undefined, "plan is missing; a plan needs at least session.orchestrator"],
    [{}, "session is missing; a plan needs at least session.orchestrator"],
    [{ session: {} }, 'session.orchestrator is missing; name an orchestrator, for example "loop-streaming"'],
    [{ session: { orchestrator: null } }, "session.orchestrator is null, must be string or object"],
    [{ session: { orchestrator: "" } }, 'session.orchestrator is "", must be at least 1 characters long'],
    [{ session: { orchestrator: {} } }, "session.orchestrator.module is missing"],
    [{ session: { orchestrator: "loop", context: {} } }, "session.context.module is missing"],
    [{ session: { orchestrator: "loop", context: "" } }, 'session.context is "", must be at least 1 characters long'],
  ])("is refused at once, with its key, before any module is loaded or mounted: %j", async (plan, problem) => {
    const mount = (): never => {
      throw new Error("not to be mounted");
    };
    const modules = { loop: module("orchestrator", mount), "context-simple": module("context", mount) };
    expect(await refusal(plan as MountPlan, modules)).toMatchObject({
      code: "plan_invalid",
      message: `The mount plan is not valid: ${problem}`,
    });
  });

  it.each([
    [{ session: { orchestrator: "nowhere" } }, "nowhere"],
    [{ session: { orchestrator: "loop", context: "nowhere" } }, "nowhere"],
  ])("may name an orchestrator or a context that does not exist: %j", async (plan, missing) => {
    expect(await refusal({ ...PLAN, ...plan })).toMatchObject({ code: "module_not_found", data: { module: missing } });
  });

  it("may have no provider", async () => {
    expect(await refusal({ session: { orchestrator: "loop" } })).toMatchObject({
      code: "no_provider",
      message: 'No provider is mounted: add one to "providers" of the mount plan.',
    });
  });
});

describe("a session's id", () => {
  const idOf = async (options: SessionOptions): Promise<string> => (await createSession(OBJECTS, options)).id;

  it("is the caller's, else a new UUID, also for a session that is resumed", async () => {
    const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
    expect(await idOf({ sessionId: "mine" })).toBe("mine");
    const [one, two] = [await idOf({}), await idOf({ resumed: true })];
    expect([one, two]).toEqual([expect.stringMatching(uuid), expect.stringMatching(uuid)]);
    expect(one).not.toBe(two);
  });
});

describe("what is mounted", () => {
  const orders = (): { readonly order: string[]; readonly modules: Modules } => {
    const order: string[] = [];
    const step = (type: string, name: string, what: (coordinator: ModuleCoordinator) => void): unknown =>
      module(type, (coordinator) => (order.push(name), what(coordinator)), {
        onSessionReady: () => void order.push(`${name} ready`),
      });
    const modules = {
      loop: step("orchestrator", "loop", (coordinator) => coordinator.mount("orchestrator", loop)),
      "context-simple": step("context", "context", (coordinator) => coordinator.mount("context", new ArrayContext())),
      "provider-a": step("provider", "provider", (coordinator) => coordinator.mount("providers", provider("a"))),
      "tool-t": step("tool", "tool", (coordinator) => coordinator.mount("tools", tool("t"))),
      "hooks-h": step("hook", "hook", (coordinator) => {
        coordinator.hooks.register("session:fork", () => void order.push("session:fork"));
      }),
    };
    return { order, modules };
  };

  it("comes in one order, whatever the plan's is: loop, context, providers, tools, hooks; then all are told, then the parent", async () => {
    const { order, modules } = orders();
    const plan = {
      hooks: [{ module: "hooks-h" }],
      tools: [{ module: "tool-t" }],
      providers: [{ module: "provider-a" }],
      session: { orchestrator: "loop" },
    };
    await mounted(plan, modules, { parentId: "p" });
    expect(order).toEqual([
      "loop",
      "context",
      "provider",
      "tool",
      "hook",
      "loop ready",
      "context ready",
      "provider ready",
      "tool ready",
      "hook ready",
      "session:fork",
    ]);
  });

  it("is mounted once: turns mount nothing again", async () => {
    let mounts = 0;
    const counted = module("tool", (coordinator) => {
      mounts++;
      coordinator.mount("tools", tool("t"));
    });
    const { session } = await mounted({ ...PLAN, tools: [{ module: "counted" }] }, { counted });
    await session.execute("One");
    await session.execute("Two");
    expect(mounts).toBe(1);
  });

  it("gets its config, each entry its own; without one an empty table", async () => {
    const seen: unknown[] = [];
    const own = (name: string): unknown =>
      module("tool", (coordinator, config) => {
        seen.push(config);
        coordinator.mount("tools", tool(name));
      });
    const tools = [{ module: "one", config: { size: 1 } }, { module: "two" }];
    await mounted({ ...PLAN, tools }, { one: own("one"), two: own("two") });
    expect(seen).toEqual([{ size: 1 }, {}]);
  });

  it("may mount synchronously or later, with or without a look at its config, and may hand back what cleans up", async () => {
    const ran: string[] = [];
    const modules = {
      sync: module("tool", (coordinator) => {
        coordinator.mount("tools", tool("sync"));
        return () => void ran.push("sync");
      }),
      later: module("tool", async (coordinator) => {
        await Promise.resolve();
        coordinator.mount("tools", tool("later"));
        return async () => void ran.push("later");
      }),
      odd: module("tool", (coordinator) => {
        coordinator.mount("tools", tool("odd"));
        return "no function, and so nothing to call";
      }),
    };
    const plan = { ...PLAN, tools: [{ module: "sync" }, { module: "later" }, { module: "odd" }] };
    const clock = new FakeClock();
    const { session, shown } = await mounted(plan, modules, { clock });
    expect([...session.coordinator.get("tools").keys()]).toEqual(["sync", "later", "odd"]);
    clock.assertIdle();
    await session.close();
    expect(ran).toEqual(["later", "sync"]);
    expect(shown).toEqual([]);
  });

  it("sees the session it is mounted into: ids, plan, ports, and what stands already", async () => {
    const seen: unknown[] = [];
    const look = module("tool", (coordinator) => {
      const { sessionId, parentId, config, workspace } = coordinator;
      seen.push({ sessionId, parentId, config, workspace, loop: coordinator.get("orchestrator") });
      coordinator.mount("tools", tool("t"));
    });
    const plan = { ...PLAN, tools: [{ module: "look" }], agents: { helper: { description: "helps" } } };
    const { session } = await mounted(plan, { look }, { sessionId: "s", parentId: "p", workspace: "/w" });
    expect(seen).toEqual([{ sessionId: "s", parentId: "p", config: plan, workspace: "/w", loop }]);
    expect([...session.coordinator.get("tools").keys()]).toEqual(["t"]);
  });
});

describe("the orchestrator and the context of a plan", () => {
  it("may be named by id, with source and config elsewhere", async () => {
    const requests: unknown[] = [];
    const configs: unknown[] = [];
    const plan: MountPlan = {
      session: { orchestrator: "own-loop", orchestrator_source: "./l.js", context: "own-context", context_source: "c" },
      orchestrator: { config: { turns: 1 } },
      context: { config: { size: 2 } },
      providers: [provider("a")],
    };
    const modules: Modules = {
      "own-loop": module("orchestrator", (coordinator, config) => {
        configs.push(config);
        coordinator.mount("orchestrator", loop);
      }),
      "own-context": module("context", (coordinator, config) => {
        configs.push(config);
        coordinator.mount("context", new ArrayContext());
      }),
    };
    await createSession(plan, {
      planDirectory: "/plans",
      findModule: (request) => (requests.push(request), Promise.resolve(modules[request.id])),
    });
    expect(requests).toEqual([
      { id: "own-loop", source: "./l.js", directory: "/plans" },
      { id: "own-context", source: "c", directory: "/plans" },
    ]);
    expect(configs).toEqual([{ turns: 1 }, { size: 2 }]);
  });

  it("may be entries with source and config of their own", async () => {
    const requests: unknown[] = [];
    const own = module("orchestrator", (coordinator, config) => {
      requests.push(config);
      coordinator.mount("orchestrator", loop);
    });
    const orchestrator = { module: "own-loop", source: "./l.js", config: { turns: 1 } };
    await createSession(
      { session: { orchestrator, context: new ArrayContext() }, providers: [provider("a")] },
      { findModule: (request) => (requests.push(request), Promise.resolve(own)) },
    );
    expect(requests).toEqual([{ id: "own-loop", source: "./l.js" }, { turns: 1 }]);
  });
});
