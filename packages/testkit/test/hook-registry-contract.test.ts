/** The suite of the hook port notices what it is there to notice. */
import type { HookHandler, HookRegistry, HookResult } from "amplifier-core";
import { hookRegistryContract, type HookRegistrySubject } from "amplifier-testkit";
import { deciding, handling, type Payload, replacing, without } from "./broken-registry.ts";
import { type BrokenSubject, showThatItFails } from "./broken-subjects.ts";

type Broken = BrokenSubject<HookRegistrySubject>;
type AnyHandler = HookHandler<"tool:pre">;

const REGISTERING: readonly Broken[] = [
  {
    what: "says that every event is handled",
    subject: replacing(() => ({ has: () => true })),
    breaks: ["knows which events are handled"],
  },
  {
    what: "knows no priority",
    subject: replacing((hooks) => ({
      register: (event: "tool:pre", handler: AnyHandler, { name }: { name?: string } = {}) =>
        hooks.register(event, handler, name === undefined ? {} : { name }),
    })),
    breaks: [
      "runs handlers by priority, and ties in the order they were registered",
      "denies when a handler that was registered to deny throws",
      "denies when a handler that was registered to deny is not waited for",
    ],
  },
  {
    what: "takes no handlers by on",
    subject: replacing(() => ({ on: () => () => undefined })),
    breaks: ["takes handlers by `on` as by register"],
  },
  {
    what: "lists nothing",
    subject: replacing(() => ({ list: () => ({}) })),
    breaks: [
      "runs handlers by priority, and ties in the order they were registered",
      "takes handlers by `on` as by register",
      "lists the handlers of every event that has some",
    ],
  },
  {
    what: "takes away by name",
    subject: replacing((hooks) => {
      const byName = new Map<string, (() => void)[]>();
      const register: HookRegistry["register"] = (event, handler, options = {}) => {
        const takeAway = hooks.register(event, handler, options);
        const name = options.name ?? crypto.randomUUID();
        byName.set(name, [...(byName.get(name) ?? []), takeAway]);
        return () => byName.get(name)?.forEach((each) => each());
      };
      return { register };
    }),
    breaks: ["takes away exactly the handler it was asked to"],
  },
  {
    what: "does not ask who is taken away meanwhile",
    subject: replacing((hooks) => {
      const register: HookRegistry["register"] = (event, handler, options) => {
        let isThere = true;
        const own = ((...all) => (isThere ? handler(...all) : undefined)) as typeof handler;
        const takeAway = hooks.register(event, own, options);
        return () => {
          isThere = false;
          takeAway();
        };
      };
      return { register };
    }),
    breaks: ["asks the handlers that were there when the event was raised"],
  },
];

const PAYLOADS: readonly Broken[] = [
  {
    what: "shows no time",
    subject: handling(
      (handler) => (event, data, context) => handler(event, without(data, "timestamp") as typeof data, context),
    ),
    breaks: ["shows handlers the event, its payload and a timestamp of its own"],
  },
  {
    what: "shows its own payload",
    subject: replacing((hooks) => {
      let raised: object = {};
      const register = (event: "tool:pre", handler: AnyHandler, options: object): (() => void) =>
        hooks.register(
          event,
          (type, shown, context) =>
            handler(type, Object.assign(raised, { timestamp: shown.timestamp }) as never, context),
          options,
        );
      const emit = (type: "tool:pre", data: Payload, options: object): unknown => {
        raised = Object.isFrozen(data) ? { ...data } : data;
        return hooks.emit(type, data, options);
      };
      return { register, emit };
    }),
    breaks: [
      "keeps what a handler does to its payload from everybody else",
      "shows later handlers what the event was when it was raised",
      "takes a modified payload whole, and shows it to the next handler",
    ],
  },
  {
    what: "always promises",
    subject: replacing((hooks) => ({
      emit: async (type: "tool:pre", data: Payload, options: object) => hooks.emit(type, data, options),
    })),
    breaks: ["decides at once where nobody handles the event"],
  },
  {
    what: "asks although it is told not to",
    subject: replacing((hooks) => ({
      emit: (type: "tool:pre", data: Payload, options: object) =>
        hooks.emit(type, data, { ...options, handlers: true }),
    })),
    breaks: ["asks nobody when it is told so"],
  },
  {
    what: "raises one event at a time",
    subject: replacing((hooks) => {
      let last: unknown = null;
      const emit = (type: "tool:pre", data: Payload, options: object): unknown => {
        if (!hooks.has("user:notification") && !hooks.has(type)) return hooks.emit(type, data, options);
        last = Promise.resolve(last).then(() => hooks.emit(type, data, options));
        return last;
      };
      return { emit };
    }),
    breaks: ["lets a handler raise an event of its own"],
  },
];

const DECISIONS: readonly Broken[] = [
  {
    what: "takes silence for a denial",
    subject: handling(
      (handler) => async (event, data, context) => (await handler(event, data, context)) ?? { action: "deny" },
    ),
    breaks: [
      "runs handlers by priority, and ties in the order they were registered",
      "asks the handlers that were there when the event was raised",
      "keeps what a handler does to its payload from everybody else",
      "shows later handlers what the event was when it was raised",
      "goes on when handlers have nothing to say",
      "asks handlers one after the other",
      "takes a modified payload whole, and shows it to the next handler",
      "skips a handler that throws, and asks the next one",
    ],
  },
  {
    what: "does not wait for handlers",
    subject: handling((handler) => (event, data, context) => {
      const answer = handler(event, data, context);
      if (!(answer instanceof Promise)) return answer;
      answer.catch(() => undefined);
      return undefined;
    }),
    breaks: [
      "asks handlers one after the other",
      "denies when a handler that was registered to deny throws",
      "denies when a handler answers nonsense",
      "denies when a handler that was registered to deny is not waited for",
      "collects the data of every handler that has some, in order",
      "publishes an event behind its handlers, as they left it",
    ],
  },
  {
    what: "merges a modified payload into the old one",
    subject: deciding((decision, data) => ({ ...decision, data: { ...(data as object), ...decision.data } })),
    breaks: [
      "takes a modified payload whole, and shows it to the next handler",
      "decides deny over ask_user over inject_context over modify, and loses nothing of the others",
    ],
  },
  {
    what: "keeps the time in a modified payload",
    subject: deciding((decision) =>
      decision.modified ? { ...decision, data: { ...decision.data, timestamp: "now" } } : decision,
    ),
    breaks: [
      "takes a modified payload whole, and shows it to the next handler",
      "keeps the fields for handlers out of a payload that one of them spreads",
      "decides deny over ask_user over inject_context over modify, and loses nothing of the others",
    ],
  },
  {
    what: "asks everybody, whoever denies",
    subject: replacing((hooks) => {
      let denial: object | undefined;
      const register = (event: "tool:pre", handler: AnyHandler, options: { name: string }): (() => void) =>
        hooks.register(
          event,
          async (type, data, context) => {
            const answer = (await handler(type, data, context)) as HookResult | undefined;
            if (answer?.action !== "deny" || type !== event) return answer;
            denial = { action: "deny", reason: answer.reason ?? "No reason given", hook_name: options.name };
            const { user_message, user_message_level, user_message_source } = answer;
            return JSON.parse(JSON.stringify({ user_message, user_message_level, user_message_source })) as HookResult;
          },
          options,
        );
      const emit = async (type: "tool:pre", data: Payload, options: object): Promise<unknown> => ({
        ...(await hooks.emit(type, data, options)),
        ...denial,
      });
      return { register, emit };
    }),
    breaks: [
      "decides at once where nobody handles the event",
      "stops at the first denial, and says whose it is",
      "collects the data of every handler that has some, in order",
      "stores what settle makes of the decision",
    ],
  },
  {
    what: "does not say who denied",
    subject: deciding((decision) => without(decision, "hook_name")),
    breaks: [
      "stops at the first denial, and says whose it is",
      "keeps the questions of all handlers, with upstream's defaults",
      "denies when a handler that was registered to deny throws",
      "denies when a handler answers nonsense",
      "denies when a handler that was registered to deny is not waited for",
    ],
  },
  {
    what: "keeps one question only",
    subject: deciding(({ questions, ...decision }) =>
      questions ? { ...decision, questions: questions.slice(0, 1) } : decision,
    ),
    breaks: ["keeps the questions of all handlers, with upstream's defaults"],
  },
  {
    what: "joins injections",
    subject: deciding(({ injections, ...decision }) => ({ ...decision, injections: injections.slice(0, 1) })),
    breaks: ["collects the injections of all handlers, each with its own role and life"],
  },
  {
    what: "shows people nothing",
    subject: deciding((decision) => ({ ...decision, messages: [] })),
    breaks: ["hands on what handlers want people to see, whatever their action is"],
  },
  {
    what: "loses modified data when a handler also asks or injects",
    subject: deciding((decision, data) =>
      decision.action === "continue" ? decision : { ...decision, data, modified: false },
    ),
    breaks: ["decides deny over ask_user over inject_context over modify, and loses nothing of the others"],
  },
  {
    what: "lets every event be denied",
    subject: replacing((hooks) => ({
      emit: (type: "tool:pre", data: Payload, options: object) => {
        const decision = hooks.emit(type, data, options);
        return (type as string) === "user:notification" ? { action: "deny", data } : decision;
      },
    })),
    breaks: ["ignores actions where the event cannot be changed"],
  },
];

const FAILURES: readonly Broken[] = [
  {
    what: "breaks with its handlers",
    subject: replacing((hooks) => {
      let thrown: { readonly error: unknown } | undefined;
      const register = (event: "tool:pre", handler: AnyHandler, options: object): (() => void) =>
        hooks.register(
          event,
          async (...all) => {
            try {
              return await handler(...all);
            } catch (error) {
              thrown = { error };
              throw error;
            }
          },
          options,
        );
      const emit = async (type: "tool:pre", data: Payload, options: object): Promise<unknown> => {
        const decision = await hooks.emit(type, data, options);
        if (thrown) throw thrown.error;
        return decision;
      };
      return { register, emit };
    }),
    breaks: [
      "decides at once where nobody handles the event",
      "skips a handler that throws, and asks the next one",
      "denies when a handler that was registered to deny throws",
      "publishes what was denied, and what a handler failed on",
    ],
  },
  {
    what: "skips whoever throws",
    subject: replacing((hooks) => ({
      register: (event: "tool:pre", handler: AnyHandler, options: object) =>
        hooks.register(event, handler, { ...options, onError: "skip" }),
    })),
    breaks: [
      "denies when a handler that was registered to deny throws",
      "denies when a handler that was registered to deny is not waited for",
    ],
  },
  {
    what: "lets nonsense pass",
    subject: handling((handler) => async (event, data, context) => {
      const answer = (await handler(event, data, context)) as HookResult | undefined;
      const known = ["continue", "deny", "modify", "inject_context", "ask_user"];
      const isSound = typeof answer === "object" && !Array.isArray(answer) && typeof (answer.data ?? {}) === "object";
      return isSound && known.includes(answer.action ?? "continue") ? answer : undefined;
    }),
    breaks: ["denies when a handler answers nonsense"],
  },
  {
    what: "waits for handlers for ever",
    subject: replacing((hooks) => ({
      emit: (type: "tool:pre", data: Payload, options: { signal?: AbortSignal } = {}) =>
        hooks.emit(type, data, without(options, "signal")),
    })),
    breaks: [
      "does not wait for a handler once its signal is aborted",
      "denies when a handler that was registered to deny is not waited for",
    ],
  },
  {
    what: "does not tell handlers to stop",
    subject: handling((handler) => (event, data) => handler(event, data, { signal: new AbortController().signal })),
    breaks: ["does not wait for a handler once its signal is aborted"],
  },
];

const COLLECTING: readonly Broken[] = [
  {
    what: "collects nothing",
    subject: replacing(() => ({ emitAndCollect: async () => [] })),
    breaks: [
      "collects the data of every handler that has some, in order",
      "leaves out handlers that fail or take too long",
    ],
  },
  {
    what: "waits for ever when it collects",
    subject: replacing((hooks) => ({
      emitAndCollect: (type: "tool:pre", data: Payload) => hooks.emitAndCollect(type, data, { timeoutMs: 60_000 }),
    })),
    breaks: ["leaves out handlers that fail or take too long"],
  },
  {
    what: "collects a decision where nobody answers",
    subject: replacing((hooks) => ({
      emitAndCollect: async (type: "tool:pre", data: Payload, options: object) =>
        hooks.has(type) ? hooks.emitAndCollect(type, data, options) : [data],
    })),
    breaks: ["collects nothing where nobody handles the event"],
  },
];

const PUBLISHING: readonly Broken[] = [
  {
    what: "publishes later",
    subject: replacing((hooks) => ({
      emit: (type: "tool:pre", data: Payload, options: object) => {
        if (!hooks.has(type)) queueMicrotask(() => void hooks.emit(type, data, options));
        return hooks.has(type) ? hooks.emit(type, data, options) : { action: "continue", data, modified: false };
      },
    })),
    breaks: ["publishes an event nobody handles before emit returns"],
  },
  {
    what: "publishes what was raised, in front of the handlers",
    subject: replacing((hooks, events) => ({
      emit: async (type: "tool:pre", data: Payload, options: object) => {
        const before = { type, data };
        if (hooks.has(type)) events.push(before);
        const decision = await hooks.emit(type, data, options);
        if (events.includes(before)) events.pop();
        return decision;
      },
    })),
    breaks: [
      "decides at once where nobody handles the event",
      "publishes an event behind its handlers, as they left it",
      "publishes an event that a handler raises in front of the one it handles",
      "stores what settle makes of the decision",
    ],
  },
  {
    what: "publishes nothing that was denied",
    subject: replacing((hooks, events) => ({
      emit: async (type: "tool:pre", data: Payload, options: object) => {
        const decision = await hooks.emit(type, data, options);
        if (decision.action === "deny") events.pop();
        return decision;
      },
    })),
    breaks: [
      "decides at once where nobody handles the event",
      "publishes what was denied, and what a handler failed on",
      "stores what settle makes of the decision",
    ],
  },
  {
    what: "does not let anybody settle",
    subject: replacing((hooks) => ({
      emit: (type: "tool:pre", data: Payload, options: { settle?: never } = {}) =>
        hooks.emit(type, data, without(options, "settle")),
    })),
    breaks: ["stores what settle makes of the decision"],
  },
  {
    what: "publishes what it collects for",
    subject: replacing((hooks, events) => ({
      emitAndCollect: (type: "tool:pre", data: Payload, options: object) => {
        events.push({ type, data });
        return hooks.emitAndCollect(type, data, options);
      },
    })),
    breaks: ["publishes nothing when it only collects"],
  },
];

showThatItFails({
  contract: hookRegistryContract,
  sound: replacing(() => ({})),
  broken: [...REGISTERING, ...PAYLOADS, ...DECISIONS, ...FAILURES, ...COLLECTING, ...PUBLISHING],
});
