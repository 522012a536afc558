/**
 * What modules find on the coordinator: mount points, capabilities, contributions, cleanup, and the session's own ports.
 */
import { describe, expect, it } from "vitest";
import { systemClock } from "../clock.ts";
import type { Event } from "../events/event.ts";
import { continueWith } from "../hooks/decision-builder.ts";
import { SessionHooks } from "../hooks/session-hooks.ts";
import type { ContextManager } from "../ports/context-manager.ts";
import type { Orchestrator } from "../ports/orchestrator.ts";
import type { Provider } from "../ports/provider.ts";
import type { Tool } from "../ports/tool.ts";
import { EventPublisher } from "../publishing/event-publisher.ts";
import { SessionCoordinator } from "./session-coordinator.ts";

function setup() {
  const shown: string[] = [];
  const raised: Event[] = [];
  const publisher = new EventPublisher({ log: null, sessionId: "s", clock: systemClock });
  publisher.attach({ push: (event) => raised.push(event), room: () => undefined });
  const coordinator = new SessionCoordinator({
    sessionId: "s",
    parentId: "p",
    config: { session: { orchestrator: "loop" } },
    hooks: new SessionHooks({ publisher, clock: systemClock, report: () => undefined }),
    clock: systemClock,
    approvalSystem: null,
    displaySystem: { showMessage: (message, level, source) => void shown.push(`${level} ${source}: ${message}`) },
    workspace: null,
    limits: { sizeLimit: 10, budgetPerTurn: null },
  });
  return { coordinator, shown, raised };
}

const tool = (name: string): Tool => ({ name, description: "", inputSchema: {}, execute: () => Promise.resolve("") });
const provider = (name: string): Provider => ({
  name,
  getInfo: () => ({ id: name, displayName: name, defaultModel: "m" }),
  listModels: () => Promise.resolve([]),
  stream: () => {
    throw new Error("nobody asks");
  },
});
const loop = (): Orchestrator => ({ execute: () => Promise.resolve("") });
const context = (): ContextManager => ({
  addMessage: () => Promise.resolve(),
  getMessages: () => Promise.resolve([]),
  getMessagesForRequest: () => Promise.resolve([]),
  setMessages: () => Promise.resolve(),
  clear: () => Promise.resolve(),
});

describe("a mount point for one", () => {
  it.each([
    ["orchestrator", loop],
    ["context", context],
  ] as const)("is %s: empty at first, then what was mounted last, and empty again", (point, make) => {
    const { coordinator } = setup();
    const [first, second] = [make(), make()] as [never, never];
    expect(coordinator.get(point)).toBeNull();
    coordinator.mount(point, first);
    coordinator.mount(point, second);
    expect(coordinator.get(point)).toBe(second);
    coordinator.unmount(point);
    expect(coordinator.get(point)).toBeNull();
  });

  it("has the README's name for it as well: orchestrators", () => {
    const { coordinator } = setup();
    const alias = "orchestrators" as "orchestrator";
    const mounted = loop();
    coordinator.mount(alias, mounted);
    expect([coordinator.get("orchestrator"), coordinator.get(alias)]).toEqual([mounted, mounted]);
    coordinator.unmount(alias);
    expect(coordinator.get("orchestrator")).toBeNull();
  });
});

describe("a mount point for many", () => {
  it.each([
    ["tools", tool],
    ["providers", provider],
  ] as const)("is %s: by the given name, else by their own, in the order they came", (point, make) => {
    const { coordinator } = setup();
    const [one, two] = [make("one"), make("two")] as [never, never];
    coordinator.mount(point, one);
    coordinator.mount(point, two, "zwei");
    expect([...(coordinator.get(point) as ReadonlyMap<string, unknown>)]).toEqual([
      ["one", one],
      ["zwei", two],
    ]);
  });

  it("gives one by its name, and null where there is none", () => {
    const { coordinator } = setup();
    const one = tool("one");
    coordinator.mount("tools", one);
    expect([coordinator.get("tools", "one"), coordinator.get("tools", "two")]).toEqual([one, null]);
    expect(coordinator.get("providers", "one")).toBeNull();
  });

  it("loses one by its name, and nothing when there is none", () => {
    const { coordinator } = setup();
    for (const name of ["one", "two"]) coordinator.mount("tools", tool(name));
    coordinator.unmount("tools", "one");
    coordinator.unmount("tools", "three");
    expect([...coordinator.get("tools").keys()]).toEqual(["two"]);
  });

  it("needs a name to take something away", () => {
    const { coordinator } = setup();
    expect(() => coordinator.unmount("tools")).toThrow('To unmount from "tools", name what to take away.');
  });

  it("needs a name to mount by, its own or a given one", () => {
    const { coordinator } = setup();
    const nameless = { ...provider("p"), name: undefined } as unknown as Provider;
    expect(() => coordinator.mount("providers", nameless)).toThrow('What is mounted at "providers" needs a name.');
    coordinator.mount("providers", nameless, "given");
    expect([...coordinator.get("providers").keys()]).toEqual(["given"]);
  });

  it("refuses a name that is taken, and keeps who has it", () => {
    const { coordinator } = setup();
    const first = tool("t");
    coordinator.mount("tools", first);
    expect(() => coordinator.mount("tools", tool("t"))).toThrow(
      expect.objectContaining({ code: "mount_failed", data: { point: "tools", name: "t" } }),
    );
    expect(coordinator.get("tools", "t")).toBe(first);
  });
});

describe("what is no mount point", () => {
  it.each(["session", "hooks", "module-source-resolver", "tool"])(
    "%s: nothing is mounted, found or taken away there",
    (name) => {
      const { coordinator } = setup();
      const point = name as "tools";
      const failures = [
        () => coordinator.mount(point, tool("t")),
        () => coordinator.get(point),
        () => coordinator.unmount(point, "t"),
      ];
      const message = `There is no mount point "${name}"; there are orchestrator, context, providers, tools.`;
      for (const run of failures) expect(run).toThrow(expect.objectContaining({ code: "mount_failed", message }));
    },
  );
});

describe("capabilities", () => {
  it("are anything, by name, and undefined by a name that nobody took", () => {
    const { coordinator } = setup();
    const steer = (): string => "steered";
    coordinator.registerCapability("session.steer", steer);
    expect(coordinator.getCapability("session.steer")).toBe(steer);
    expect(coordinator.getCapability("session.other")).toBeUndefined();
  });

  it("are those of the last registration", () => {
    const { coordinator } = setup();
    coordinator.registerCapability("x", 1);
    coordinator.registerCapability("x", 2);
    expect(coordinator.getCapability("x")).toBe(2);
  });
});

describe("contributions", () => {
  it("come in order of registration, at once or later, from the contributors of that channel", async () => {
    const { coordinator } = setup();
    coordinator.registerContributor("a", "late", () => Promise.resolve("one"));
    coordinator.registerContributor("b", "other", () => "not asked");
    coordinator.registerContributor("a", "list", () => [2]);
    expect(await coordinator.collectContributions("a")).toEqual(["one", [2]]);
    expect(await coordinator.collectContributions("nobody")).toEqual([]);
  });

  it("are made anew each time a channel is collected", async () => {
    const { coordinator } = setup();
    let times = 0;
    coordinator.registerContributor("a", "counter", () => ++times);
    await coordinator.collectContributions("a");
    expect(await coordinator.collectContributions("a")).toEqual([2]);
  });

  it("that are nothing are left out; false, zero and an empty text are something", async () => {
    const { coordinator } = setup();
    for (const [index, value] of [null, 0, undefined, "", false, Promise.resolve(null)].entries()) {
      coordinator.registerContributor("a", `c${index}`, () => value);
    }
    expect(await coordinator.collectContributions("a")).toEqual([0, "", false]);
  });

  it("that fail, at once or later, are shown and left out, and the others come", async () => {
    const { coordinator, shown } = setup();
    coordinator.registerContributor("a", "broken", () => {
      throw new Error("boom");
    });
    coordinator.registerContributor("a", "late", () => Promise.reject(new Error("bang")));
    coordinator.registerContributor("a", "none", "no function" as never);
    coordinator.registerContributor("a", "last", () => "here");
    expect(await coordinator.collectContributions("a")).toEqual(["here"]);
    expect(shown).toEqual([
      'warning broken: Contributor "broken" of "a" failed and was left out: boom',
      'warning late: Contributor "late" of "a" failed and was left out: bang',
      'warning none: Contributor "none" of "a" failed and was left out: contribute is not a function',
    ]);
  });

  it("end at a stop: nobody is asked or waited for any more, and what there is comes back", async () => {
    const { coordinator, shown } = setup();
    const stop = new AbortController();
    coordinator.registerContributor("a", "quick", () => "here");
    coordinator.registerContributor("a", "stuck", () => {
      stop.abort();
      return new Promise(() => undefined);
    });
    let asked = 0;
    coordinator.registerContributor("a", "last", () => ++asked);
    expect(await coordinator.collectContributions("a", { signal: stop.signal })).toEqual(["here"]);
    expect([asked, shown]).toEqual([0, []]);
  });
});

describe("what a session offers its modules", () => {
  it("is who it is, its plan, its ports and how it is stopped", () => {
    const { coordinator, shown } = setup();
    const { sessionId, parentId, config, approvalSystem, displaySystem, workspace, hooks, cancellation } = coordinator;
    expect({ sessionId, parentId, config, approvalSystem, workspace }).toEqual({
      sessionId: "s",
      parentId: "p",
      config: { session: { orchestrator: "loop" } },
      approvalSystem: null,
      workspace: null,
    });
    expect([hooks.list(), cancellation.state]).toEqual([{}, "none"]);
    displaySystem.showMessage("Hello", "info", "module");
    expect(shown).toEqual(["info module: Hello"]);
  });

  it.each(["loader", "channels", "session", "to_dict"])("has no %s", (name) => {
    expect(setup().coordinator).not.toHaveProperty(name);
  });

  it("is a place for what modules share, to write and to read", () => {
    const { coordinator } = setup();
    coordinator.sessionState.set("goal", { turns: 1 });
    expect(coordinator.sessionState.get("goal")).toEqual({ turns: 1 });
    coordinator.sessionState.delete("goal");
    expect(coordinator.sessionState.size).toBe(0);
  });

  it("is a stop that says nothing by itself: no event, no callback", () => {
    const { coordinator, raised } = setup();
    let called = 0;
    coordinator.cancellation.onCancel(() => void called++);
    coordinator.cancellation.requestGraceful();
    coordinator.cancellation.requestImmediate();
    expect([coordinator.cancellation.state, called, raised]).toEqual(["immediate", 0, []]);
  });

  it("is what hooks may inject and did in this turn, which a new turn begins anew", async () => {
    const { coordinator } = setup();
    expect(coordinator.injections).toEqual({ sizeLimit: 10, budgetPerTurn: null, tokens: 0 });
    const text = { content: "12345678", role: "system", ephemeral: true, append_to_last_tool_result: false } as const;
    const injections = [{ ...text, hook_name: "h", event: "prompt:submit" }];
    const decision = {
      ...continueWith<"prompt:submit">({ prompt: "p" }),
      action: "inject_context",
      injections,
    } as const;
    await coordinator.processDecision(decision, "prompt:submit", { signal: new AbortController().signal });
    expect(coordinator.injections.tokens).toBe(2);
    coordinator.resetTurn();
    expect(coordinator.injections.tokens).toBe(0);
  });
});

describe("cleanup", () => {
  it("runs in reverse order, once, whatever fails", async () => {
    const { coordinator, shown } = setup();
    const ran: string[] = [];
    coordinator.registerCleanup(() => void ran.push("first"));
    coordinator.registerCleanup(() => Promise.reject(new Error("boom")));
    coordinator.registerCleanup(() => {
      // oxlint-disable-next-line only-throw-error -- plain JavaScript throws anything
      throw "bang";
    });
    coordinator.registerCleanup(async () => void ran.push("last"));
    await coordinator.cleanup(1000);
    await coordinator.cleanup(1000);
    expect(ran).toEqual(["last", "first"]);
    expect(shown).toEqual([
      "warning session: A module failed to clean up: bang",
      "warning session: A module failed to clean up: boom",
    ]);
  });

  it("is nothing where a module hands on what is no function", async () => {
    const { coordinator, shown } = setup();
    for (const nothing of [undefined, null, "done"]) coordinator.registerCleanup(nothing as never);
    await coordinator.cleanup(1000);
    expect(shown).toEqual([]);
  });
});

describe("what would fail in the middle of a turn", () => {
  const context = { addMessage: () => undefined, getMessages: () => [], clear: () => undefined };
  it.each<["orchestrator" | "context" | "providers" | "tools", object, string]>([
    ["orchestrator", {}, 'What is mounted at "orchestrator" has no method execute.'],
    ["context", context, 'What is mounted at "context" has no method getMessagesForRequest, setMessages.'],
    ["providers", { name: "p", stream: () => [] }, 'at "providers" ("p") has no method getInfo, listModels.'],
    ["tools", { name: "t", inputSchema: {} }, 'What is mounted at "tools" ("t") has no method execute.'],
    [
      "tools",
      { ...tool("t"), inputSchema: { properties: { zone: { type: "strnig" } } } },
      '("t") has an inputSchema that is none: properties.zone.type is "strnig", must be one of "object", ',
    ],
  ])("is not mounted at %s: %j", (point, what, message) => {
    const { coordinator } = setup();
    const mount = (): void => coordinator.mount(point, what as never);
    expect(mount).toThrow(expect.objectContaining({ code: "mount_failed", message: expect.stringContaining(message) }));
  });

  it("is not asked of a tool: it may do without a schema", () => {
    const { coordinator } = setup();
    const { inputSchema: _, ...plain } = tool("t");
    coordinator.mount("tools", plain as Tool);
    expect([...coordinator.get("tools").keys()]).toEqual(["t"]);
  });
});
