/** The suite of the orchestrator port notices what it is there to notice. */
import {
  CancellationToken,
  type ContextManager,
  continueWith,
  type Decision,
  type EmitOptions,
  type Event,
  type EventType,
  type HookRegistry,
  type Message,
  type ModuleCoordinator,
  type Orchestrator,
  type Tool,
  type TurnInput,
} from "amplifier-core";
import { orchestratorContract, type OrchestratorSubject } from "amplifier-testkit";
import { showThatItFails } from "./broken-subjects.ts";
import { PlainOrchestrator } from "./plain-orchestrator.ts";

/** The plain orchestrator, with turns that are given something else than what was asked for. */
function given(change: (input: TurnInput) => TurnInput): OrchestratorSubject {
  const plain = new PlainOrchestrator();
  return running({ execute: (input) => plain.execute(change(input)), stream: (input) => plain.stream(change(input)) });
}

function running(orchestrator: Orchestrator): OrchestratorSubject {
  return { create: () => orchestrator, timeoutMs: 200 };
}

// Typed as for one event; which one it is makes no difference here.
type Emit = (type: "tool:pre", data: Decision<"tool:pre">["data"], options?: EmitOptions<"tool:pre">) => unknown;

/** `emit` is called in place of the registry's. */
function emitting(emit: (hooks: HookRegistry) => Emit): OrchestratorSubject {
  return given((input) => ({ ...input, hooks: hooksLike(input.hooks, emit(input.hooks)) }));
}

function hooksLike(hooks: HookRegistry, emit: Emit): HookRegistry {
  return new Proxy(hooks, {
    get: (_, key) => {
      if (key === "emit") return emit;
      const member: unknown = Reflect.get(hooks, key);
      return typeof member === "function" ? (member.bind(hooks) as unknown) : member;
    },
  });
}

/** Events of this type are never raised. */
const silent = (type: EventType): OrchestratorSubject =>
  emitting(
    (hooks) => (raised, data, options) => (raised === type ? continueWith(data) : hooks.emit(raised, data, options)),
  );

/** What handlers of this event decide is changed. */
const deciding = (
  type: EventType,
  change: (decision: Decision<"tool:pre">, data: Decision<"tool:pre">["data"]) => Decision<"tool:pre">,
): OrchestratorSubject =>
  emitting((hooks) => async (raised, data, options = {}) => {
    if (raised !== type) return hooks.emit(raised, data, options);
    const { settle } = options;
    const settled: EmitOptions<"tool:pre"> = settle ? { settle: (decision) => settle(change(decision, data)) } : {};
    return change(await hooks.emit(raised, data, { ...options, ...settled }), data);
  });

const deaf = (type: EventType): OrchestratorSubject => deciding(type, (_, data) => continueWith(data));

function remembering(change: (context: ContextManager) => Partial<ContextManager>): OrchestratorSubject {
  return given((input) => {
    const { context } = input;
    return {
      ...input,
      context: {
        addMessage: (message) => context.addMessage(message),
        getMessages: () => context.getMessages(),
        getMessagesForRequest: (options) => context.getMessagesForRequest(options),
        setMessages: (messages) => context.setMessages(messages),
        clear: () => context.clear(),
        ...change(context),
      },
    };
  });
}

const storing = (change: (message: Message) => Message | null): OrchestratorSubject =>
  remembering((context) => ({
    addMessage: async (message) => {
      const changed = change(message);
      if (changed !== null) await context.addMessage(changed);
    },
  }));

const tools = (change: (tool: Tool) => Partial<Tool>): OrchestratorSubject =>
  given((input) => ({
    ...input,
    tools: new Map([...input.tools].map(([name, tool]) => [name, { ...tool, ...change(tool) }])),
  }));

const coordinated = (change: (coordinator: ModuleCoordinator) => Partial<ModuleCoordinator>): OrchestratorSubject =>
  given((input) => {
    const { coordinator } = input;
    if (coordinator === undefined) return input;
    const { cancellation } = coordinator;
    const processDecision: ModuleCoordinator["processDecision"] = (...all) => coordinator.processDecision(...all);
    const own = { cancellation, processDecision, sessionId: coordinator.sessionId, ...change(coordinator) };
    return { ...input, coordinator: own as ModuleCoordinator };
  });

const plain = new PlainOrchestrator();
let lastTurn: Promise<unknown> = Promise.resolve();

const ALL = orchestratorContract(running(plain)).map(({ name }) => name);
const ALONE = "needs no coordinator, and resolves with the last answer's text";
const STREAM = "gives the same turn by its own stream, if it has one";
const UNREAD = "runs nothing before its stream's first step";
const LEFT = "has closed the turn when its stream is left";
const NO_PROMPT = "asks no model when the prompt is denied";
const NO_REQUEST = "asks no model when the request is denied";
const allBut = (...names: readonly string[]): readonly string[] => ALL.filter((name) => !names.includes(name));

showThatItFails({
  contract: orchestratorContract,
  sound: running(plain),
  broken: [
    {
      what: "stores no prompt",
      subject: storing((message) => (message.role === "user" ? null : message)),
      breaks: [
        "answers a prompt, and stores both",
        "hands the model the conversation of earlier turns",
        "runs the tools of an answer and hands their results on in the order of the calls",
      ],
    },
    { what: "does not open its turns", subject: silent("prompt:submit"), breaks: allBut(ALONE, UNREAD, LEFT) },
    {
      what: "shows no deltas",
      subject: silent("content_block:delta"),
      breaks: allBut(NO_PROMPT, NO_REQUEST, ALONE, UNREAD),
    },
    { what: "does not close its turns", subject: silent("orchestrator:complete"), breaks: allBut(ALONE, UNREAD) },
    {
      what: "forgets the system prompt",
      subject: given(({ system: _system, ...input }) => input),
      breaks: ["puts the system prompt in front of every request and stores it never"],
    },
    {
      what: "stores the system prompt",
      subject: given((input) => {
        const { context, system } = input;
        if (system === undefined) return input;
        void context.addMessage({ role: "system", content: system });
        return input;
      }),
      breaks: ["puts the system prompt in front of every request and stores it never"],
    },
    {
      what: "tells the model only what was said last",
      subject: remembering((context) => ({
        getMessagesForRequest: async () => (await context.getMessages()).slice(-1),
      })),
      breaks: [
        "hands the model the conversation of earlier turns",
        "runs the tools of an answer and hands their results on in the order of the calls",
        "puts ephemeral text into one request, and stored text into the conversation",
      ],
    },
    {
      what: "throws an error of its own",
      subject: running({
        execute: (input) =>
          plain.execute(input).catch((error: unknown) => {
            throw new Error("Execution failed", { cause: error });
          }),
      }),
      breaks: ["rejects with the provider's own error, behind the closing events, and takes the next prompt"],
    },
    {
      what: "swallows errors",
      subject: running({ execute: (input) => plain.execute(input).catch(() => "") }),
      breaks: [
        "rejects with the provider's own error, behind the closing events, and takes the next prompt",
        "rejects when its caller's signal is aborted, behind the closing events",
      ],
    },
    {
      what: "runs one turn at a time",
      subject: running({
        execute: async (input) => {
          const before = lastTurn;
          const turn = before.then(() => plain.execute(input));
          lastTurn = turn.catch(() => undefined);
          return turn;
        },
      }),
      breaks: ["runs several sessions at once without mixing them"],
    },
    {
      what: "cannot do without a coordinator",
      subject: running({
        execute: async (input) => {
          if (input.coordinator === undefined) throw new TypeError("coordinator is undefined");
          return plain.execute(input);
        },
      }),
      breaks: ["needs no coordinator, and resolves with the last answer's text"],
    },
    {
      what: "returns all that was said",
      subject: running({ execute: async (input) => `Wait.${await plain.execute(input)}` }),
      breaks: allBut(STREAM, UNREAD, LEFT),
    },
    {
      what: "runs its stream before anybody reads it",
      subject: running({
        execute: (input) => plain.execute(input),
        stream: (input) => {
          const events = plain.stream(input)[Symbol.asyncIterator]();
          let first: Promise<IteratorResult<Event>> | null = events.next();
          const next = (): Promise<IteratorResult<Event>> => {
            const step = first ?? events.next();
            first = null;
            return step;
          };
          return { [Symbol.asyncIterator]: () => ({ next, return: async () => (await events.return?.()) as never }) };
        },
      }),
      breaks: ["runs nothing before its stream's first step"],
    },
    {
      what: "streams only the beginning",
      subject: running({
        execute: (input) => plain.execute(input),
        stream: async function* (input) {
          for await (const event of plain.stream(input)) if (event.type !== "orchestrator:complete") yield event;
        },
      }),
      breaks: ["gives the same turn by its own stream, if it has one"],
    },
    {
      what: "does not stop when its stream is left",
      subject: running({
        execute: (input) => plain.execute(input),
        stream: (input) => {
          const events = plain.stream(input)[Symbol.asyncIterator]();
          const left = { done: true, value: undefined } as const;
          return { [Symbol.asyncIterator]: () => ({ next: () => events.next(), return: async () => left }) };
        },
      }),
      breaks: ["has closed the turn when its stream is left"],
    },
    {
      what: "stores results as they come",
      subject: remembering((context) => {
        const early: Message[] = [];
        const addMessage = async (message: Message): Promise<void> => {
          early.unshift(message);
          const said = (await context.getMessages()).findLast(({ role }) => role === "assistant")?.content ?? [];
          const calls = typeof said === "string" ? 0 : said.filter(({ type }) => type === "tool_call").length;
          if (message.role === "tool" && early.length < calls) return;
          for (const each of early.splice(0)) await context.addMessage(each);
        };
        return { addMessage };
      }),
      breaks: [
        "runs the tools of an answer and hands their results on in the order of the calls",
        "aborts a running tool, and keeps the results of those that are done",
      ],
    },
    {
      what: "counts no model calls",
      subject: emitting((hooks) => (type, data, options) => {
        const isLast = (type as EventType) === "orchestrator:complete";
        return hooks.emit(type, isLast ? Object.assign({}, data, { turn_count: 1 }) : data, options);
      }),
      breaks: ["goes on until an answer calls no tool, and counts its model calls"],
    },
    {
      what: "takes any tool for the one it has",
      subject: given((input) => {
        const [tool] = input.tools.values();
        const any = new Map(input.tools);
        any.get = (name) =>
          input.tools.get(name) ?? (tool && { ...tool, inputSchema: {}, execute: async () => "12:00" });
        return { ...input, tools: any };
      }),
      breaks: ["tells the model that a tool does not exist"],
    },
    {
      what: "runs whatever it is told to",
      subject: tools(() => ({ inputSchema: { type: "object" } })),
      breaks: ["tells the model that its input is invalid, and does not run it"],
    },
    {
      what: "keeps to itself why a tool failed",
      subject: tools((tool) => ({
        execute: (input, context) =>
          tool.execute(input, context).catch(() => {
            throw new Error("It failed.");
          }),
      })),
      breaks: ["tells the model that a tool threw, and why"],
    },
    {
      what: "makes words of whatever a tool gives",
      subject: tools((tool) => ({ execute: async (input, context) => String(await tool.execute(input, context)) })),
      breaks: ["tells the model that a tool's result is no JSON"],
    },
    {
      what: "ignores what is decided about prompts",
      subject: deaf("prompt:submit"),
      breaks: ["asks no model when the prompt is denied"],
    },
    {
      what: "ignores what is decided about requests",
      subject: deaf("provider:request"),
      breaks: [
        "asks no model when the request is denied",
        "puts ephemeral text into one request, and stored text into the conversation",
      ],
    },
    {
      what: "ignores what is decided about calls",
      subject: deaf("tool:pre"),
      breaks: [
        "does not run a call that is denied, and tells the model why",
        "runs a call with the input that a hook made of it",
        "runs a call that a hook asks about only with the person's yes",
      ],
    },
    {
      what: "ignores what is decided about results",
      subject: deaf("tool:post"),
      breaks: ["hands on the result that a hook made of it", "withholds a result that is denied"],
    },
    {
      what: "runs calls as they were raised",
      subject: deciding("tool:pre", (decision, data) => ({ ...decision, data, modified: false })),
      breaks: ["runs a call with the input that a hook made of it"],
    },
    {
      what: "asks nobody",
      subject: coordinated(() => ({
        processDecision: async (decision) =>
          decision.action === "ask_user" ? { ...decision, action: "continue" } : decision,
      })),
      breaks: [
        "runs a call that a hook asks about only with the person's yes",
        "puts ephemeral text into one request, and stored text into the conversation",
      ],
    },
    {
      what: "stores ephemeral text",
      subject: coordinated((coordinator) => ({
        processDecision: (decision, event, options) => {
          const injections = decision.injections.map((injection) => ({ ...injection, ephemeral: false }));
          return coordinator.processDecision({ ...decision, injections }, event, options);
        },
      })),
      breaks: ["puts ephemeral text into one request, and stored text into the conversation"],
    },
    {
      what: "breaks with a hook",
      subject: emitting((hooks) => (type, data, options) => {
        if ((type as EventType) === "execution:end" && hooks.has(type)) throw new Error("The hook is broken.");
        return hooks.emit(type, data, options);
      }),
      breaks: ["goes on when a hook throws"],
    },
    {
      what: "hears no cancel",
      subject: coordinated(() => ({ cancellation: new CancellationToken() })),
      breaks: [
        "ends normally when it is cancelled in the middle of an answer, and keeps what came",
        "stops when its reader leaves, and has closed the turn by then",
        "lets running tools finish when it is cancelled gracefully, and asks the model no more",
        "aborts a running tool, and keeps the results of those that are done",
      ],
    },
    {
      what: "stops tools at the first request",
      subject: coordinated(({ cancellation: { signal, isGraceful } }) => ({
        cancellation: { signal, immediateSignal: signal, isGraceful } as CancellationToken,
      })),
      breaks: ["lets running tools finish when it is cancelled gracefully, and asks the model no more"],
    },
    {
      what: "hears no signal of its caller",
      subject: given(({ signal: _signal, ...input }) => input),
      breaks: ["rejects when its caller's signal is aborted, behind the closing events"],
    },
    {
      what: "keeps nothing of what was cut off",
      subject: storing((message) => (JSON.stringify(message).includes("Once upon") ? null : message)),
      breaks: [
        "ends normally when it is cancelled in the middle of an answer, and keeps what came",
        "rejects when its caller's signal is aborted, behind the closing events",
        "stops when its reader leaves, and has closed the turn by then",
      ],
    },
    {
      what: "lets tools run on",
      subject: tools((tool) => ({
        execute: (input, context) => tool.execute(input, { ...context, signal: new AbortController().signal }),
      })),
      breaks: ["aborts a running tool, and keeps the results of those that are done"],
    },
  ],
});
