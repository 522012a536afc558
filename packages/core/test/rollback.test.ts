/**
 * A module that cannot be mounted leaves nothing behind, whatever it did before, and nobody waits for it for ever.
 */
import { CancellationToken, MemoryEventLog, type ModuleCoordinator } from "amplifier-core";
import { ArrayContext, drainMicrotasks, FakeClock, gate, readLog } from "amplifier-testkit";
import { describe, expect, it } from "vitest";
import { dataOf, module, mounted, PLAN, provider, refusal, tool } from "./modules-in-memory.ts";

/** Registers one of everything, under `name`, and tells `ran` of each cleanup. */
function registerAll(coordinator: ModuleCoordinator, name: string, ran: string[]): void {
  coordinator.hooks.register("prompt:submit", () => undefined, { name });
  coordinator.registerCapability("shared", name);
  coordinator.registerCapability(`of ${name}`, true);
  coordinator.registerContributor("channel", name, () => name);
  coordinator.registerCleanup(() => void ran.push(`${name} registered`));
}

describe("what a module did before it failed to mount", () => {
  const failures: readonly (readonly [how: string, end: () => unknown])[] = [
    ["throws", () => Promise.reject(new Error("no"))],
    ["mounts nothing", () => undefined],
  ];

  it.each(failures)("is undone when it %s: handlers, capabilities, contributors; its cleanups run", async (_, end) => {
    const ran: string[] = [];
    const kept = module("tool", (coordinator) => {
      registerAll(coordinator, "kept", ran);
      coordinator.mount("tools", tool("kept"));
    });
    let unregister = (): void => undefined;
    const broken = module("tool", (coordinator) => {
      registerAll(coordinator, "broken", ran);
      unregister = coordinator.hooks.register("tool:pre", () => undefined, { name: "another event" });
      coordinator.registerCleanup(() => Promise.reject(new Error("not even that")));
      return end();
    });
    const plan = { ...PLAN, tools: [{ module: "kept" }, { module: "broken" }] };
    const { session, shown } = await mounted(plan, { kept, broken });
    const { coordinator } = session;
    expect(coordinator.hooks.list()).toEqual({ "prompt:submit": ["kept"] });
    expect(coordinator.getCapability("shared")).toBe("kept");
    expect(coordinator.getCapability("of broken")).toBeUndefined();
    expect(await coordinator.collectContributions("channel")).toEqual(["kept"]);
    expect(ran).toEqual(["broken registered"]);
    expect(shown).toEqual(["A module failed to clean up: not even that", expect.stringContaining('"broken"')]);
    unregister();
    await session.close();
    expect(ran).toEqual(["broken registered", "kept registered"]);
  });

  it("includes the function its mount handed back, when that was all it did", async () => {
    const ran: string[] = [];
    const broken = module("provider", () => () => void ran.push("returned"));
    const { events } = await mounted(
      { ...PLAN, providers: [{ module: "provider-a" }, { module: "broken" }] },
      { broken },
    );
    expect(ran).toEqual(["returned"]);
    expect(dataOf(events)).toMatchObject([{ reason_code: "module_invalid" }]);
  });

  it("brings back what it took away: others' handlers, and what was mounted", async () => {
    const broken = module("tool", (coordinator) => {
      coordinator.unmount("tools", "first");
      coordinator.mount("tools", tool("first"));
      throw new Error("no");
    });
    let undo = (): void => undefined;
    const first = tool("first");
    const one = module("tool", (coordinator) => {
      undo = coordinator.hooks.register("prompt:submit", () => undefined, { name: "one" });
      coordinator.mount("tools", first);
    });
    const meddler = module("tool", () => undo());
    const tools = [{ module: "one" }, { module: "broken" }, { module: "meddler" }];
    const { session } = await mounted({ ...PLAN, tools }, { one, broken, meddler });
    expect(session.coordinator.get("tools").get("first")).toBe(first);
    expect(session.coordinator.hooks.list()).toEqual({ "prompt:submit": ["one"] });
  });

  it("is undone for the whole session when the module is needed: nothing is left running", async () => {
    const ran: string[] = [];
    const fine = module("tool", (coordinator) => {
      coordinator.mount("tools", tool("t"));
      return () => void ran.push("tool");
    });
    const policy = module(
      "hook",
      (coordinator) => {
        coordinator.registerCleanup(() => void ran.push("policy"));
        throw new Error("no rules");
      },
      { required: true },
    );
    const plan = { ...PLAN, tools: [{ module: "fine" }], hooks: [{ module: "policy" }] };
    expect(await refusal(plan, { fine, policy })).toMatchObject({
      code: "module_load_failed",
      message: 'hooks[0]: module "policy" could not be mounted: no rules',
    });
    expect(ran).toEqual(["policy", "tool"]);
  });
});

describe("what a module that fails had changed of the session", () => {
  it("is as it was: shared state, callbacks and children of the cancellation", async () => {
    const told: string[] = [];
    const children = { kept: new CancellationToken(), broken: new CancellationToken() };
    const share = ({ sessionState, cancellation }: ModuleCoordinator, name: "kept" | "broken"): void => {
      sessionState.set("shared", name).set(name, true);
      cancellation.onCancel(() => void told.push(name));
      cancellation.registerChild(children[name]);
    };
    const kept = module("tool", (coordinator) => {
      share(coordinator, "kept");
      coordinator.mount("tools", tool("kept"));
    });
    const broken = module("tool", (coordinator) => {
      share(coordinator, "broken");
      coordinator.cancellation.unregisterChild(children.kept);
    });
    const { session } = await mounted({ ...PLAN, tools: [{ module: "kept" }, { module: "broken" }] }, { kept, broken });
    const { sessionState, cancellation } = session.coordinator;
    expect(Object.fromEntries(sessionState)).toEqual({ shared: "kept", kept: true });
    cancellation.requestGraceful();
    await cancellation.triggerCallbacks(() => undefined);
    expect([told, children.kept.state, children.broken.state]).toEqual([["kept"], "graceful", "none"]);
  });
});

describe("a module that never ends", () => {
  const never = (): Promise<never> => new Promise(() => undefined);

  it("its mount is left out after a minute, and what it hands back later is called at once", async () => {
    const clock = new FakeClock();
    const late = gate();
    const ran: string[] = [];
    const slow = module("tool", async (coordinator) => {
      coordinator.registerCleanup(() => void ran.push("registered"));
      await late.pass();
      return () => void ran.push("returned late");
    });
    const making = mounted({ ...PLAN, tools: [{ module: "slow" }] }, { slow }, { clock });
    await clock.advance(60_000);
    const { events } = await making;
    expect(dataOf(events)).toEqual([
      {
        type: "module:load_failed",
        module_type: "tool",
        module_id: "slow",
        error: 'tools[0]: module "slow" could not be mounted: it had not mounted after 60 seconds',
        reason_code: "module_load_failed",
      },
    ]);
    expect(ran).toEqual(["registered"]);
    late.open();
    await drainMicrotasks();
    expect(ran).toEqual(["registered", "returned late"]);
    clock.assertIdle();
  });

  it("a late failure is told", async () => {
    const clock = new FakeClock();
    const late = gate();
    const slow = module("tool", () => late.pass().then(() => Promise.reject(new Error("gone"))));
    const making = mounted({ ...PLAN, tools: [{ module: "slow" }] }, { slow }, { clock });
    await clock.advance(60_000);
    const { shown } = await making;
    late.open();
    await drainMicrotasks();
    expect(shown.at(-1)).toBe("A module that was left out failed later: gone");
  });

  it("mounts and registers nothing once it was left out, whatever it kept of its coordinator", async () => {
    const clock = new FakeClock();
    const late = gate();
    const refused: unknown[] = [];
    const slow = module("tool", async (coordinator) => {
      const { hooks } = coordinator;
      await late.pass();
      for (const change of [
        () => coordinator.mount("tools", tool("late")),
        () => coordinator.unmount("tools", "kept"),
        () => hooks.register("tool:pre", () => ({ action: "deny" as const }), { name: "late" }),
        () => coordinator.hooks.on("tool:pre", () => undefined),
        () => coordinator.registerCapability("late", true),
        () => coordinator.registerContributor("channel", "late", () => "late"),
        () => coordinator.registerCleanup(() => undefined),
      ])
        await Promise.resolve()
          .then(change)
          .catch((error: unknown) => refused.push((error as Error).message));
      coordinator.mount("tools", tool("late"));
    });
    const making = mounted({ ...PLAN, tools: [{ module: "slow" }, tool("kept")] }, { slow }, { clock });
    await clock.advance(60_000);
    const { session, shown } = await making;
    late.open();
    await drainMicrotasks();
    const { coordinator } = session;
    expect([...coordinator.get("tools").keys()]).toEqual(["kept"]);
    expect(coordinator.hooks.list()).toEqual({});
    expect(coordinator.getCapability("late")).toBeUndefined();
    expect(await coordinator.collectContributions("channel")).toEqual([]);
    const why = 'Module "slow" was left out of the session, so it can mount and register nothing more.';
    expect(refused).toEqual(Array(7).fill(why));
    expect(shown.at(-1)).toBe(`A module that was left out failed later: ${why}`);
  });

  it("a required one fails the session", async () => {
    const clock = new FakeClock();
    const stuck = module("hook", never, { required: true });
    const making = mounted({ ...PLAN, hooks: [{ module: "stuck" }] }, { stuck }, { clock });
    const failed = expect(making).rejects.toMatchObject({
      code: "module_load_failed",
      message: 'hooks[0]: module "stuck" could not be mounted: it had not mounted after 60 seconds',
    });
    await clock.advance(60_000);
    await failed;
    clock.assertIdle();
  });

  it("its onSessionReady is left behind after a minute, and told", async () => {
    const clock = new FakeClock();
    const stuck = module("hook", () => undefined, { onSessionReady: never });
    const making = mounted({ ...PLAN, hooks: [{ module: "stuck" }] }, { stuck }, { clock });
    await clock.advance(60_000);
    expect(dataOf((await making).events)).toEqual([
      {
        type: "module:on_session_ready_failed",
        module_id: "stuck",
        error: "it had not returned after 60 seconds",
      },
    ]);
    clock.assertIdle();
  });

  it("a handler that never answers module:load_failed is skipped after a minute", async () => {
    const clock = new FakeClock();
    const log = new MemoryEventLog();
    const watcher = module("tool", (coordinator) => {
      coordinator.mount("tools", tool("watcher"));
      coordinator.hooks.register("module:load_failed", never, { name: "stuck" });
    });
    const plan = { ...PLAN, tools: [{ module: "watcher" }, { module: "broken" }] };
    const making = mounted(plan, { watcher, broken: module("tool", () => undefined) }, { clock, log });
    await clock.advance(60_000);
    expect((await making).shown[0]).toBe('Hook "stuck" had not answered "module:load_failed" in time; it was skipped.');
    expect((await readLog(log)).map(({ type }) => type)).toEqual(["module:load_failed"]);
    clock.assertIdle();
  });
});

it("a provider whose instance fails is rolled back, and the one under its own name stays", async () => {
  const ran: string[] = [];
  const flaky = module("provider", (coordinator, { fails }) => {
    coordinator.mount("providers", provider("flaky"));
    coordinator.registerCleanup(() => void ran.push(String(fails)));
    if (fails === true) throw new Error("no key");
  });
  const providers = [{ module: "flaky" }, { module: "flaky", instance_id: "second", config: { fails: true } }];
  const plan = { session: { orchestrator: "loop", context: new ArrayContext() }, providers };
  const { session, events } = await mounted(plan, { flaky });
  expect([...session.coordinator.get("providers").keys()]).toEqual(["flaky"]);
  expect(dataOf(events)).toMatchObject([{ module_id: "flaky", instance_id: "second" }]);
  expect(ran).toEqual(["true"]);
});
