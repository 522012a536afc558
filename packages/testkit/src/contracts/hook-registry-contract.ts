/**
 * Owns the contract suite of the hook port: what modules and loops rely on in any `HookRegistry`. This file has the subject
 * and the rules of registration and payloads; decisions and publishing are in the files beside it.
 */
import type { Event, HookRegistry } from "amplifier-core";
import { gate } from "../gate.ts";
import { COLLECTING } from "./hook-collecting-rules.ts";
import { DECIDING } from "./hook-decision-rules.ts";
import { FAILING } from "./hook-failure-rules.ts";
import { publishing } from "./hook-publishing-rules.ts";
import { type ContractTest, contractTests, type Patience, type Patient, type Rules } from "./contract-test.ts";
import { demand, demandEqual } from "./demand.ts";
import { answers, PAYLOAD, raise } from "./raise.ts";

/** The registry under test. */
export interface HookRegistrySubject extends Patience {
  /** Makes a new registry without handlers; asked once per test. */
  readonly create: () => HookRegistry | Promise<HookRegistry>;
  /** What a registry made by `create` has published so far: its type and its stored data. */
  readonly published?: (hooks: HookRegistry) => readonly Pick<Event, "type" | "data">[];
}

/** The rules of the hook port for one registry. `published` adds the rules of publishing. */
export function hookRegistryContract(subject: HookRegistrySubject): readonly ContractTest[] {
  return contractTests(subject, {
    ...REGISTERING,
    ...PAYLOADS,
    ...DECIDING,
    ...FAILING,
    ...COLLECTING,
    ...(subject.published === undefined ? {} : publishing(subject.published)),
  });
}

/** The subject with its patience. */
export type HookSubject = Patient<HookRegistrySubject>;

const REGISTERING: Rules<HookSubject> = {
  "knows which events are handled": async ({ create }) => {
    const hooks = await create();
    const before = hooks.has("tool:pre");
    const unregister = hooks.register("tool:pre", () => undefined);
    const handled = [before, hooks.has("tool:pre"), hooks.has("tool:post")];
    unregister();
    demandEqual([...handled, hooks.has("tool:pre")], [false, true, false, false], {
      what: "has() before, with, beside and after a handler",
      advice: "Producers ask it to leave out events that nobody handles.",
    });
  },

  "runs handlers by priority, and ties in the order they were registered": async ({ create, ...subject }) => {
    const hooks = await create();
    const ran: string[] = [];
    const add = (name: string, priority?: number): void => {
      const handler = (): void => void ran.push(name);
      hooks.register("tool:pre", handler, { name, ...(priority === undefined ? {} : { priority }) });
    };
    add("last", 10);
    add("default");
    add("tie", 0);
    add("first", -5);
    add("next to last", 1);
    await raise(hooks, subject);
    const order = ["first", "default", "tie", "next to last", "last"];
    const advice = "Smaller runs first, 0 is the default, and the sort has to be stable.";
    demandEqual(ran, order, { what: "the order of the handlers", advice });
    demandEqual(hooks.list("tool:pre"), { "tool:pre": order }, { what: 'list("tool:pre")', advice });
  },

  "takes handlers by `on` as by register": async ({ create }) => {
    const hooks = await create();
    hooks.register("tool:pre", () => undefined, { name: "one" });
    const takeAway = hooks.on("tool:pre", () => undefined, { name: "two", priority: -1 });
    const both = hooks.list("tool:pre")["tool:pre"];
    takeAway();
    demandEqual([both, hooks.list("tool:pre")["tool:pre"]], [["two", "one"], ["one"]], {
      what: "the handlers of both, and those left when the one of `on` is taken away",
      advice: "Let `on` call register.",
    });
  },

  "lists the handlers of every event that has some": async ({ create }) => {
    const hooks = await create();
    hooks.register("tool:pre", () => undefined, { name: "one" });
    hooks.register("tool:post", () => undefined, { name: "two" });
    hooks.register("tool:post", () => undefined);
    const [named, unnamed] = hooks.list()["tool:post"] ?? [];
    demandEqual(
      { ...hooks.list(), "tool:post": [named] },
      { "tool:pre": ["one"], "tool:post": ["two"] },
      {
        what: "list()",
        advice: "Give names by event, and no event without handlers.",
      },
    );
    demand(typeof unnamed === "string" && unnamed !== "", {
      expected: "a handler without a name to get one",
      seen: unnamed,
      advice: "Failures and denials name their handler.",
    });
  },

  "takes away exactly the handler it was asked to": async ({ create, ...subject }) => {
    const hooks = await create();
    const ran: string[] = [];
    const handler = (event: string): void => void ran.push(event);
    const takeAway = hooks.register("tool:pre", handler, { name: "same" });
    hooks.register("tool:pre", handler, { name: "same" });
    hooks.register("tool:post", handler, { name: "same" });
    takeAway();
    takeAway();
    await raise(hooks, subject);
    demandEqual([ran, hooks.has("tool:post")], [["tool:pre"], true], {
      what: "what is left of three registrations with one name",
      advice: "Unregister by the registration, not by its name or its handler.",
    });
  },

  "asks the handlers that were there when the event was raised": async ({ create, ...subject }) => {
    const hooks = await create();
    const ran: string[] = [];
    hooks.register("tool:pre", () => {
      ran.push("first");
      takeAway();
      hooks.register("tool:pre", () => void ran.push("new"));
    });
    const takeAway = hooks.register("tool:pre", () => void ran.push("taken away"));
    await raise(hooks, subject);
    demandEqual(ran, ["first", "taken away"], {
      what: "the handlers asked while others come and go",
      advice: "Go through a list of their own, copied when the event is raised.",
    });
  },
};

const COPY = "Hand each handler a deeply frozen copy; the payload is what will be stored.";

const PAYLOADS: Rules<HookSubject> = {
  "shows handlers the event, its payload and a timestamp of its own": async ({ create, ...subject }) => {
    const hooks = await create();
    const seen: unknown[] = [];
    hooks.register("tool:pre", (event, { timestamp, ...data }, { signal }) => {
      // Beside the payload there may be other fields for handlers.
      const payload = Object.fromEntries(Object.entries(data).filter(([key]) => key in PAYLOAD));
      seen.push(event, payload, RFC_3339.test(timestamp), signal.aborted);
    });
    const data = { ...PAYLOAD, timestamp: "long ago" };
    await raise(hooks, { ...subject, data });
    demandEqual(seen, ["tool:pre", PAYLOAD, true, false], {
      what: "event, payload, a timestamp in RFC 3339, and a signal that is not aborted",
      advice: "Call handlers with (event, data, { signal }) and put the time over the caller's.",
    });
  },

  "keeps what a handler does to its payload from everybody else": async ({ create, ...subject }) => {
    const hooks = await create();
    const seen: unknown[] = [];
    hooks.register("tool:pre", (_, data) => {
      Reflect.set(data, "tool_name", "spoilt");
      Reflect.set(data.tool_input, "path", "spoilt");
    });
    hooks.register("tool:pre", (_, { tool_name, tool_input }) => void seen.push(tool_name, tool_input["path"]));
    const data = structuredClone(PAYLOAD);
    const decision = await raise(hooks, { ...subject, data });
    demandEqual([...seen, data, decision.data], ["look", "a.txt", PAYLOAD, PAYLOAD], {
      what: "what the next handler, the caller and the decision have",
      advice: COPY,
    });
  },

  "shows later handlers what the event was when it was raised": async ({ create, ...subject }) => {
    const hooks = await create();
    const held = gate();
    const seen: unknown[] = [];
    hooks.register("tool:pre", () => held.pass());
    hooks.register("tool:pre", (_, { tool_input }) => void seen.push(tool_input["path"]));
    const data = structuredClone(PAYLOAD);
    const raised = raise(hooks, { ...subject, data });
    await held.reached;
    Reflect.set(data.tool_input, "path", "changed meanwhile");
    held.open();
    await raised;
    demandEqual(seen, ["a.txt"], { what: "what a later handler sees", advice: COPY });
  },

  "decides at once where nobody handles the event": async ({ create }) => {
    const hooks = await create();
    answers(hooks, { action: "deny" });
    const decision = hooks.emit("tool:post", { ...PAYLOAD, result: { success: true } });
    demand(!("then" in decision) && decision.action === "continue" && !decision.modified, {
      expected: "a decision to continue, not a promise of one",
      seen: decision,
      advice: "An event without handlers costs nothing and is published before emit returns.",
    });
    demandEqual(
      decision.data,
      { ...PAYLOAD, result: { success: true } },
      {
        what: "the data of an event nobody handles",
        advice: "Give back the payload as it is, without fields for handlers.",
      },
    );
  },

  "asks nobody when it is told so": async ({ create, ...subject }) => {
    const hooks = await create();
    answers(hooks, { action: "deny" });
    const decision = await raise(hooks, { ...subject, handlers: false });
    demandEqual(decision.action, "continue", { what: "the action with handlers: false", advice: "Only publish then." });
  },

  "lets a handler raise an event of its own": async ({ create, ...subject }) => {
    const hooks = await create();
    const ran: string[] = [];
    hooks.register("tool:pre", async () => {
      await hooks.emit("user:notification", { message: "Hm.", level: "info", source: "hook" });
      ran.push("outer");
    });
    hooks.register("user:notification", () => void ran.push("inner"));
    await raise(hooks, subject);
    demandEqual(ran, ["inner", "outer"], {
      what: "the handlers of an event raised by a handler",
      advice: "Hold no lock while handlers run.",
    });
  },
};

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)$/;
