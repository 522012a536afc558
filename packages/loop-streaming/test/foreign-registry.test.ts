/**
 * The orchestrator used without a session, on a registry that is not ours: a host's, with the least the port asks for.
 */
import type {
  Decision,
  EmitOptions,
  Event,
  EventMap,
  EventType,
  HookHandler,
  HookRegistry,
  TurnInput,
} from "amplifier-core";
import {
  answer,
  ArrayContext,
  assertInvariants,
  checkConversation,
  drainMicrotasks,
  fails,
  hangs,
  outlineEvents,
  ScriptedProvider,
  text,
  toolCall,
} from "amplifier-testkit";
import { expect, onTestFinished, test } from "vitest";
import { createLoopConfig, StreamingOrchestrator } from "../src/index.ts";
import { clockTool } from "./test-tools.ts";

/** The least a registry can be: it remembers what was emitted and asks the handlers it has. */
class ForeignRegistry implements HookRegistry {
  readonly emitted: EventType[] = [];
  readonly #handlers = new Map<EventType, HookHandler<EventType>>();

  register<K extends EventType>(event: K, handler: HookHandler<K>): () => void {
    this.#handlers.set(event, handler as unknown as HookHandler<EventType>);
    return () => this.#handlers.delete(event);
  }

  on(): never {
    throw new Error("The loop uses one name for one thing.");
  }

  has(event: EventType): boolean {
    return this.#handlers.has(event);
  }

  list(): Readonly<Record<string, readonly string[]>> {
    throw new Error("The loop lists no handlers.");
  }

  emitAndCollect(): Promise<never> {
    return Promise.reject(new Error("The loop collects nothing."));
  }

  async emit<K extends EventType>(type: K, data: EventMap[K], options: EmitOptions<K> = {}): Promise<Decision<K>> {
    this.emitted.push(type);
    const signal = options.signal ?? new AbortController().signal;
    const result = await this.#handlers.get(type)?.(type, data as never, { signal });
    const action = result?.action === "deny" ? "deny" : "continue";
    return {
      action,
      data,
      modified: false,
      injections: [],
      messages: [],
      ...(result?.reason ? { reason: result.reason } : {}),
    };
  }
}

function setup(script: ConstructorParameters<typeof ScriptedProvider>[0], config = {}) {
  const provider = new ScriptedProvider(script);
  onTestFinished(() => provider.assertDone());
  const hooks = new ForeignRegistry();
  const context = new ArrayContext();
  const input: TurnInput = {
    prompt: "Time?",
    context,
    providers: new Map([["scripted", provider]]),
    tools: new Map([["clock", clockTool]]),
    hooks,
  };
  return { provider, hooks, context, input, orchestrator: new StreamingOrchestrator(createLoopConfig(config)) };
}

const withTool = () => [answer(toolCall("c1", "clock", { zone: "Oslo" })), answer(text("No", "on"))];
const names = [
  "execution:start",
  "prompt:submit",
  "context:message",
  "provider:request",
  "content_block:start",
  "content_block:delta",
  "content_block:end",
  "tool:pre",
];

test("stream yields the loop's own events, whole and in order", async () => {
  const { orchestrator, input, hooks, context } = setup(withTool(), { tool_start: "after_message" });
  const events: Event[] = [];
  for await (const event of orchestrator.stream(input)) events.push(event);
  assertInvariants(events, { source: "orchestrator" });
  expect(events.map(({ type }) => type).slice(0, 7)).toEqual(names.slice(0, 7));
  expect(outlineEvents(events).slice(-2)).toEqual([
    'execution:end success "Noon" stop',
    "orchestrator:complete success turns=2",
  ]);
  expect(hooks.emitted.toSorted()).toEqual(events.map(({ type }) => type).toSorted());
  expect(checkConversation(await context.getMessages())).toEqual([]);
});

test("execute resolves with the text and raises the same events", async () => {
  const { orchestrator, input, hooks } = setup(withTool());
  expect(await orchestrator.execute(input)).toBe("Noon");
  expect(hooks.emitted.slice(0, 7)).toEqual(names.slice(0, 7));
  expect(hooks.emitted.at(-1)).toBe("orchestrator:complete");
});

test("a handler of the foreign registry may deny", async () => {
  const { orchestrator, input, hooks } = setup(withTool());
  hooks.register("tool:pre", () => ({ action: "deny", reason: "no clocks" }));
  const events: Event[] = [];
  for await (const event of orchestrator.stream(input)) events.push(event);
  assertInvariants(events, { source: "orchestrator" });
  expect(outlineEvents(events)).toContain('context:message tool(c1): "Denied: no clocks"');
});

test("break ends the turn and resolves when the closing events have been emitted", async () => {
  const { orchestrator, input, hooks, provider } = setup([answer(text("No", "on"), hangs())], { buffer_size: 1 });
  for await (const event of orchestrator.stream(input)) if (event.type === "content_block:delta") break;
  expect(hooks.emitted.slice(-4)).toEqual([
    "cancel:requested",
    "cancel:completed",
    "execution:end",
    "orchestrator:complete",
  ]);
  expect(provider.calls[0]?.signal.aborted).toBe(true);
});

test("nothing runs before the first next(), and errors are thrown behind the closing events", async () => {
  const error = new Error("gone");
  const { orchestrator, input, hooks } = setup([fails(error)]);
  const stream = orchestrator.stream(input);
  await drainMicrotasks();
  expect(hooks.emitted).toEqual([]);
  const seen: EventType[] = [];
  const drain = async (): Promise<void> => {
    for await (const event of stream) seen.push(event.type);
  };
  await expect(drain()).rejects.toBe(error);
  expect(seen.at(-1)).toBe("orchestrator:complete");
});

test("the caller's signal rejects execute with its reason", async () => {
  const { orchestrator, input } = setup([answer(text("No"), hangs())]);
  const caller = new AbortController();
  const turn = orchestrator.execute({ ...input, signal: caller.signal });
  await drainMicrotasks();
  caller.abort(new Error("enough"));
  await expect(turn).rejects.toThrow("enough");
});

test("a question without a coordinator is denied: there is nobody to ask", async () => {
  const { orchestrator, input, hooks } = setup(withTool());
  const emit = hooks.emit.bind(hooks);
  hooks.emit = async (type, data, options) => {
    const decision = await emit(type, data, options);
    if (type !== "tool:pre") return decision;
    const question = {
      hook_name: "guard",
      prompt: "Run?",
      options: ["Allow", "Deny"],
      timeout: 1,
      default: "deny",
    } as const;
    return { ...decision, action: "ask_user", questions: [question] };
  };
  const events: Event[] = [];
  for await (const event of orchestrator.stream(input)) events.push(event);
  assertInvariants(events, { source: "orchestrator" });
  expect(outlineEvents(events)).toContain('context:message tool(c1): "Denied: No approval system available"');
});

test("a foreign registry whose emit hangs does not hold up a stop", async () => {
  const { orchestrator, input, hooks } = setup([]);
  const emit = hooks.emit.bind(hooks);
  hooks.emit = (type, data, options) =>
    type === "provider:request" ? new Promise(() => undefined) : emit(type, data, options);
  const caller = new AbortController();
  const turn = orchestrator.execute({ ...input, signal: caller.signal }).catch((error: unknown) => error);
  await drainMicrotasks();
  caller.abort(new Error("enough"));
  let settled = false;
  void turn.then(() => (settled = true));
  await drainMicrotasks();
  expect(settled).toBe(true);
});

test("a foreign registry whose emit rejects over a tool's outcome does not end the turn", async () => {
  const { orchestrator, input, hooks } = setup(withTool());
  const emit = hooks.emit.bind(hooks);
  hooks.emit = (type, data, options) =>
    type === "tool:post" ? Promise.reject(new Error("host bug")) : emit(type, data, options);
  expect(await orchestrator.execute(input)).toBe("Noon");
});
