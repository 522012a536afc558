/**
 * Registering handlers: who is asked, when, with what, and for how long.
 */
import { drainMicrotasks } from "amplifier-testkit";
import { describe, expect, it } from "vitest";
import { PRE, recordedHooks } from "./recorded-hooks.ts";

describe("a registered handler", () => {
  it("is asked for its own event, with the event's name, and for no other", async () => {
    const { hooks } = recordedHooks();
    const heard: string[] = [];
    const hear = (event: string) => void heard.push(event);
    hooks.register("prompt:submit", hear);
    hooks.register("tool:pre", hear);
    await hooks.emit("prompt:submit", { prompt: "p" });
    await hooks.emit("execution:start", { prompt: "p" });
    expect(heard).toEqual(["prompt:submit"]);
  });

  it("runs before those of a greater priority, also with a negative one; 0 is the default", async () => {
    const { hooks } = recordedHooks();
    const heard: string[] = [];
    hooks.register("prompt:submit", () => void heard.push("ten"), { priority: 10 });
    hooks.register("prompt:submit", () => void heard.push("default"));
    hooks.register("prompt:submit", () => void heard.push("minus"), { priority: -1 });
    hooks.register("prompt:submit", () => void heard.push("zero"), { priority: 0 });
    await hooks.emit("prompt:submit", { prompt: "p" });
    expect(heard).toEqual(["minus", "default", "zero", "ten"]);
  });

  it("is asked when the one before it has answered, whether that takes time or not", async () => {
    const { hooks } = recordedHooks();
    const heard: string[] = [];
    const slow = (name: string) => async (): Promise<void> => {
      heard.push(`${name} begins`);
      await drainMicrotasks();
      heard.push(`${name} ends`);
    };
    hooks.register("prompt:submit", slow("one"));
    hooks.register("prompt:submit", () => void heard.push("two"));
    hooks.register("prompt:submit", slow("three"));
    await hooks.emit("prompt:submit", { prompt: "p" });
    expect(heard).toEqual(["one begins", "one ends", "two", "three begins", "three ends"]);
  });

  it("may be registered with `on` as well, which is the same", async () => {
    const { hooks } = recordedHooks();
    const heard: string[] = [];
    const remove = hooks.on("prompt:submit", () => void heard.push("late"), { name: "late", priority: 5 });
    hooks.register("prompt:submit", () => void heard.push("early"), { name: "early" });
    expect(hooks.list("prompt:submit")).toEqual({ "prompt:submit": ["early", "late"] });
    remove();
    await hooks.emit("prompt:submit", { prompt: "p" });
    expect(heard).toEqual(["early"]);
  });

  it("gets a name of its own when it is given none", () => {
    const { hooks } = recordedHooks();
    hooks.register("prompt:submit", () => undefined);
    hooks.register("prompt:submit", () => undefined);
    expect(new Set(hooks.list("prompt:submit")["prompt:submit"]).size).toBe(2);
  });

  it("stays on one event when it is taken away from another, though both know it by one name", async () => {
    const { hooks } = recordedHooks();
    const heard: string[] = [];
    const hear = (event: string) => void heard.push(event);
    const remove = hooks.register("prompt:submit", hear, { name: "agent" });
    hooks.register("tool:pre", hear, { name: "agent" });
    remove();
    await hooks.emit("prompt:submit", { prompt: "p" });
    await hooks.emit("tool:pre", PRE);
    expect(heard).toEqual(["tool:pre"]);
    expect(hooks.list()).toEqual({ "tool:pre": ["agent"] });
    expect(hooks).not.toHaveProperty("unregister");
  });

  it("that comes or goes while an event is handled does so for the next one", async () => {
    const { hooks } = recordedHooks();
    const heard: string[] = [];
    hooks.register("prompt:submit", () => {
      remove();
      hooks.register("prompt:submit", () => void heard.push("new"));
    });
    const remove = hooks.register("prompt:submit", () => void heard.push("old"));
    await hooks.emit("prompt:submit", { prompt: "p" });
    expect(heard).toEqual(["old"]);
    await hooks.emit("prompt:submit", { prompt: "p" });
    expect(heard).toEqual(["old", "new"]);
  });
});

describe("what a handler sees", () => {
  it("is the payload over the default fields, and the moment of the event over both", async () => {
    const { hooks, clock } = recordedHooks();
    const seen: unknown[] = [];
    hooks.setDefaultFields({ session_id: "s1", parent_id: "p1" });
    hooks.setDefaultFields({ parent_id: "p2" });
    hooks.register("session:start", (_, data) => void seen.push(data));
    const payload = { session_id: "own", timestamp: "yesterday" };
    await hooks.emit("session:start", payload as never);
    const timestamp = new Date(clock.now()).toISOString();
    expect(seen).toEqual([{ session_id: "own", parent_id: "p2", timestamp }]);
  });

  it("is a copy: it cannot change what others see, what is stored, or the object of the one who raised it", async () => {
    const { hooks, published, reports } = recordedHooks();
    const seen: unknown[] = [];
    const payload = { ...PRE, tool_input: { a: 1 } };
    hooks.register(
      "tool:pre",
      (_, data) => {
        (data.tool_input as { a: number }).a = 2;
      },
      { name: "meddling" },
    );
    hooks.register("tool:pre", (_, data) => void seen.push(data.tool_input));
    await hooks.emit("tool:pre", payload);
    payload.tool_input.a = 3;
    expect(seen).toEqual([{ a: 1 }]);
    expect(published.map(({ data }) => data)).toEqual([PRE]);
    expect(reports).toEqual([expect.stringMatching(/^Hook "meddling" failed on "tool:pre": Cannot assign/)]);
  });

  it("is nothing new to the one who raised the event: default fields and timestamp are not in the decision", async () => {
    const { hooks } = recordedHooks();
    hooks.setDefaultFields({ session_id: "s1" });
    hooks.register("prompt:submit", () => undefined);
    expect((await hooks.emit("prompt:submit", { prompt: "p" })).data).toEqual({ prompt: "p" });
  });
});

describe("how long a handler may take", () => {
  it("is not limited by the registry: an emit waits as long as its handler works", async () => {
    const { hooks, clock } = recordedHooks();
    let finish = (): void => undefined;
    hooks.register("prompt:submit", () => new Promise<void>((resolve) => void (finish = resolve)));
    let done = false;
    const emitted = (async () => {
      await hooks.emit("prompt:submit", { prompt: "p" });
      done = true;
    })();
    await clock.advance(3_600_000);
    expect(done).toBe(false);
    finish();
    await emitted;
    expect(done).toBe(true);
  });

  it("ends with the signal of the emit, which the running handler gets and can act on", async () => {
    const { hooks, published } = recordedHooks();
    const stop = new AbortController();
    const heard: string[] = [];
    hooks.register("prompt:submit", (_, __, { signal }) => {
      signal.addEventListener("abort", () => heard.push("told to stop"));
      return new Promise(() => undefined);
    });
    const emitted = hooks.emit("prompt:submit", { prompt: "p" }, { signal: stop.signal });
    stop.abort();
    expect(await emitted).toMatchObject({ action: "continue" });
    expect([heard, published.map(({ type }) => type)]).toEqual([["told to stop"], ["prompt:submit"]]);
  });
});
