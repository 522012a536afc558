/**
 * Owns the rules for handlers that fail: a throw is skipped unless it was registered to deny, nonsense denies, and one that
 * never answers holds nobody up once the emit's signal is aborted.
 */
import type { HookHandler } from "amplifier-core";
import type { HookSubject } from "./hook-registry-contract.ts";
import type { Rules } from "./contract-test.ts";
import { demand, demandEqual } from "./demand.ts";
import { answers, demandDecision, raise } from "./raise.ts";

const throwing: HookHandler<"tool:pre"> = () => {
  throw new Error("broken at once");
};
const rejecting: HookHandler<"tool:pre"> = () => Promise.reject(new Error("broken later"));
const silent: HookHandler<"tool:pre"> = () => new Promise(() => undefined);

const NONSENSE: readonly unknown[] = [42, "deny", [], { action: "perhaps" }, { action: "modify", data: "text" }];

/** What becomes of handlers that fail. */
export const FAILING: Rules<HookSubject> = {
  "skips a handler that throws, and asks the next one": async ({ create, ...subject }) => {
    const hooks = await create();
    const ran: string[] = [];
    hooks.register("tool:pre", throwing);
    hooks.register("tool:pre", rejecting, { onError: "skip" });
    hooks.register("tool:pre", () => void ran.push("next"));
    demandDecision(await raise(hooks, subject), {}, "A handler that fails has said nothing.");
    demandEqual(ran, ["next"], { what: "the handlers asked behind one that throws", advice: "Report it and go on." });
  },

  "denies when a handler that was registered to deny throws": async ({ create, ...subject }) => {
    for (const handler of [throwing, rejecting]) {
      const hooks = await create();
      hooks.register("tool:pre", handler, { name: "guard", onError: "deny" });
      const decision = await raise(hooks, subject);
      demandDecision(decision, { action: "deny", hook_name: "guard" }, "A policy that breaks must not allow anything.");
      demand(typeof decision.reason === "string" && decision.reason.includes("broken"), {
        expected: "a reason that has the error's message",
        seen: decision.reason,
        advice: "Say which hook failed and how: the person has to mend it.",
      });
    }
  },

  "denies when a handler answers nonsense": async ({ create, ...subject }) => {
    for (const nonsense of [...NONSENSE, ...NONSENSE.map((value) => Promise.resolve(value))]) {
      const hooks = await create();
      answers(hooks, nonsense, "confused");
      const advice = "What cannot be understood may have been a denial: fail closed.";
      demandDecision(await raise(hooks, subject), { action: "deny", hook_name: "confused" }, advice);
    }
  },

  "does not wait for a handler once its signal is aborted": async ({ create, ...subject }) => {
    const hooks = await create();
    const stop = new AbortController();
    let told = false;
    hooks.register("tool:pre", (_event, _data, { signal }) => {
      signal.addEventListener("abort", () => {
        told = true;
      });
      queueMicrotask(() => stop.abort());
      return new Promise(() => undefined);
    });
    const decision = await raise(hooks, { ...subject, signal: stop.signal });
    demandDecision(decision, {}, "A handler that is not waited for has said nothing.");
    demandEqual(told, true, {
      what: "whether the handler's signal was aborted",
      advice: "Hand the emit's signal to the handler, so that it can stop.",
    });
  },

  "denies when a handler that was registered to deny is not waited for": async ({ create, ...subject }) => {
    const hooks = await create();
    hooks.register("tool:pre", silent, { name: "guard", onError: "deny" });
    const decision = await raise(hooks, { ...subject, signal: AbortSignal.abort() });
    const wanted = { action: "deny", hook_name: "guard" } as const;
    demandDecision(decision, wanted, "A policy that did not answer has not allowed anything.");
  },
};
