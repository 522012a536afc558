/**
 * Mount points, capabilities, contributions and cleanup.
 */
import { describe, expect, it } from "vitest";
import { systemClock } from "../clock.ts";
import { SessionHooks } from "../hooks/session-hooks.ts";
import type { Provider } from "../ports/provider.ts";
import type { Tool } from "../ports/tool.ts";
import { EventPublisher } from "../publishing/event-publisher.ts";
import { SessionCoordinator } from "./session-coordinator.ts";

function setup() {
  const shown: string[] = [];
  const publisher = new EventPublisher({ log: null, sessionId: "s", clock: systemClock });
  const coordinator = new SessionCoordinator({
    sessionId: "s",
    parentId: "p",
    config: { session: { orchestrator: "loop" } },
    hooks: new SessionHooks({ publisher, clock: systemClock, report: () => undefined }),
    clock: systemClock,
    approvalSystem: null,
    displaySystem: { showMessage: (message, level, source) => void shown.push(`${level} ${source}: ${message}`) },
    workspace: null,
    limits: { sizeLimit: null, budgetPerTurn: null },
  });
  return { coordinator, shown };
}

const tool = (name: string): Tool => ({ name, description: "", inputSchema: {}, execute: () => Promise.resolve("") });

describe("mount points", () => {
  it("hold one orchestrator, also under the README's name for it", () => {
    const { coordinator } = setup();
    const loop = { execute: () => Promise.resolve("") };
    expect(coordinator.get("orchestrator")).toBeNull();
    coordinator.mount("orchestrators" as "orchestrator", loop);
    expect(coordinator.get("orchestrator")).toBe(loop);
    coordinator.unmount("orchestrator");
    expect(coordinator.get("orchestrator")).toBeNull();
  });

  it("hold many tools and providers by name: the given one, else their own", () => {
    const { coordinator } = setup();
    const [one, two] = [tool("one"), tool("two")];
    coordinator.mount("tools", one);
    coordinator.mount("tools", two, "zwei");
    expect([...coordinator.get("tools")]).toEqual([
      ["one", one],
      ["zwei", two],
    ]);
    coordinator.unmount("tools", "one");
    expect([...coordinator.get("tools").keys()]).toEqual(["zwei"]);
  });

  it("refuse a point that is none, a name that is missing or taken, and unmounting without a name", () => {
    const { coordinator } = setup();
    coordinator.mount("tools", tool("t"));
    const failing: [() => void, string][] = [
      [() => coordinator.mount("session" as "context", {} as never), 'There is no mount point "session"'],
      [() => coordinator.mount("hooks" as "context", {} as never), 'There is no mount point "hooks"'],
      [() => coordinator.mount("providers", {} as Provider), 'What is mounted at "providers" needs a name.'],
      [() => coordinator.mount("tools", tool("t")), '"t" is mounted at "tools" already'],
      [() => coordinator.unmount("tools"), 'To unmount from "tools", name what to take away.'],
    ];
    for (const [run] of failing) expect(run).toThrow(expect.objectContaining({ code: "mount_failed" }));
    for (const [run, message] of failing) expect(run).toThrow(message);
  });
});

describe("capabilities", () => {
  it("are values by name; the last registration wins", () => {
    const { coordinator } = setup();
    expect(coordinator.getCapability("x")).toBeUndefined();
    coordinator.registerCapability("x", 1);
    coordinator.registerCapability("x", 2);
    expect(coordinator.getCapability("x")).toBe(2);
  });
});

describe("contributions", () => {
  it("come in order of registration, without nothing and without those that fail", async () => {
    const { coordinator, shown } = setup();
    coordinator.registerContributor("a", "one", () => [1]);
    coordinator.registerContributor("b", "other", () => "not asked");
    coordinator.registerContributor("a", "none", () => null);
    coordinator.registerContributor("a", "broken", () => {
      throw new Error("boom");
    });
    coordinator.registerContributor("a", "late", () => Promise.resolve("two"));
    expect(await coordinator.collectContributions("a")).toEqual([[1], "two"]);
    expect(await coordinator.collectContributions("nobody")).toEqual([]);
    expect(shown).toEqual(['warning broken: Contributor "broken" of "a" failed and was left out: Error: boom']);
  });
});

describe("cleanup", () => {
  it("runs in reverse order, once, whatever fails", async () => {
    const { coordinator, shown } = setup();
    const ran: string[] = [];
    coordinator.registerCleanup(() => void ran.push("first"));
    coordinator.registerCleanup(() => Promise.reject(new Error("boom")));
    coordinator.registerCleanup(async () => void ran.push("last"));
    await coordinator.cleanup(1000);
    await coordinator.cleanup(1000);
    expect(ran).toEqual(["last", "first"]);
    expect(shown).toEqual(["warning session: A module failed to clean up: boom"]);
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
