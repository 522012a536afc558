/**
 * Owns the rules of publishing: an event is published once, behind its handlers, as they left it, and before the emit is over.
 */
import type { HookRegistrySubject, HookSubject } from "./hook-registry-contract.ts";
import type { Rules } from "./contract-test.ts";
import { demandEqual, resolved } from "./demand.ts";
import { answers, emitting, PAYLOAD, raise } from "./raise.ts";

const NOTE = { message: "Hello.", level: "info", source: "test" } as const;

type Published = NonNullable<HookRegistrySubject["published"]>;

/** When and how events are published. */
export function publishing(published: Published): Rules<HookSubject> {
  return { ...order(published), ...content(published) };
}

function order(published: Published): Rules<HookSubject> {
  return {
    "publishes an event nobody handles before emit returns": async ({ create }) => {
      const hooks = await create();
      void hooks.emit("user:notification", NOTE);
      demandEqual(published(hooks).map(brief), [{ type: "user:notification", data: NOTE }], {
        what: "what was published when emit returned",
        advice: "Publish synchronously where there is no handler to wait for.",
      });
    },

    "publishes an event behind its handlers, as they left it": async ({ create, ...subject }) => {
      const hooks = await create();
      const before: number[] = [];
      const data = { ...PAYLOAD, tool_input: { path: "b.txt" } };
      hooks.register("tool:pre", async () => {
        before.push(published(hooks).length);
        return { action: "modify", data };
      });
      await raise(hooks, subject);
      demandEqual(
        { before, after: published(hooks).map(brief) },
        { before: [0], after: [{ type: "tool:pre", data }] },
        {
          what: "what was published before and after the handlers",
          advice: "Handlers first; no field for handlers is stored.",
        },
      );
    },

    "publishes an event that a handler raises in front of the one it handles": async ({ create, ...subject }) => {
      const hooks = await create();
      hooks.register("tool:pre", async () => void (await hooks.emit("user:notification", NOTE)));
      await raise(hooks, subject);
      demandEqual(
        published(hooks).map(({ type }) => type),
        ["user:notification", "tool:pre"],
        { what: "the order of both", advice: "Each event takes its place when its own handlers are done." },
      );
    },
  };
}

function content(published: Published): Rules<HookSubject> {
  return {
    "publishes what was denied, and what a handler failed on": async ({ create, ...subject }) => {
      const hooks = await create();
      hooks.register("user:notification", () => {
        throw new Error("broken");
      });
      answers(hooks, { action: "deny" });
      await raise(hooks, subject);
      await resolved(hooks.emit("user:notification", NOTE), emitting(subject.timeoutMs));
      demandEqual(
        published(hooks).map(({ type }) => type),
        ["tool:pre", "user:notification"],
        { what: "the types published", advice: "Whatever handlers say or do, the event has happened." },
      );
    },

    "stores what settle makes of the decision": async ({ create, ...subject }) => {
      const hooks = await create();
      answers(hooks, { action: "deny", reason: "Because." });
      const decision = await raise(hooks, {
        ...subject,
        settle: async ({ data, reason }) => ({
          ...data,
          decision: "denied",
          ...(reason === undefined ? {} : { reason }),
        }),
      });
      const stored = { ...PAYLOAD, decision: "denied", reason: "Because." };
      demandEqual([decision.action, published(hooks).map(brief)], ["deny", [{ type: "tool:pre", data: stored }]], {
        what: "the action, and what was published",
        advice: "Call settle between the handlers and the publishing, await it, and store what it gives.",
      });
    },

    "publishes nothing when it only collects": async ({ create }) => {
      const hooks = await create();
      answers(hooks, { data: { n: 1 } });
      await hooks.emitAndCollect("tool:pre", PAYLOAD);
      demandEqual(published(hooks), [], {
        what: "what emitAndCollect published",
        advice: "It asks; nothing has happened.",
      });
    },
  };
}

function brief({ type, data }: { readonly type: string; readonly data: unknown }): object {
  return { type, data };
}
