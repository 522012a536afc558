/**
 * Owns the plainest orchestrator that keeps the port's contract: one model call after the other, one tool after the other, no
 * retries, no limits, no buffer. It shows that the suite asks for what the port says and for nothing of our own loop.
 */
import {
  ABORTED,
  addUsage,
  type BlockEnd,
  checkValue,
  type ContentBlock,
  type Decision,
  errorInfo,
  type Event,
  type EventMap,
  type FinishReason,
  injectionMessage,
  isStored,
  type Message,
  NO_USAGE,
  type Orchestrator,
  Outbox,
  type Provider,
  type ProviderEvent,
  publishingHooks,
  serializeToolResult,
  systemClock,
  textOf,
  type ToolCallBlock,
  type ToolResult,
  toToolResult,
  type TurnInput,
  type TurnStatus,
  TurnStream,
  untilAborted,
} from "amplifier-core";

/** Runs turns; each is an object of its own. */
export class PlainOrchestrator implements Orchestrator {
  async execute(input: TurnInput): Promise<string> {
    return new PlainTurn(input, []).run();
  }

  stream(input: TurnInput): AsyncIterable<Event> {
    const outbox = new Outbox();
    const left = new AbortController();
    const hooks = publishingHooks(input.hooks, { sessionId: input.coordinator?.sessionId ?? "plain" });
    return new TurnStream({
      outbox,
      run: async () => {
        const detach = hooks.attach(outbox);
        await new PlainTurn({ ...input, hooks }, [left.signal]).run().finally(detach);
      },
      stop: () => left.abort(),
    });
  }
}

/** Why a turn ends before its answer. */
class Ended extends Error {
  readonly status: TurnStatus;

  constructor(status: TurnStatus) {
    super(status);
    this.status = status;
  }
}

interface Answer {
  readonly blocks: ContentBlock[];
  readonly open: Map<number, OpenBlock>;
  end: FinishReason | null;
}

interface OpenBlock {
  readonly type: "text" | "thinking" | "tool_call";
  readonly call: { readonly tool_call_id?: string; readonly name?: string };
  text: string;
}

class PlainTurn {
  readonly #input: TurnInput;
  /** Nothing new begins, and the model is left. */
  readonly #stop: AbortSignal;
  /** Running tools are left as well. */
  readonly #stopTools: AbortSignal;
  #iteration = 0;
  #usage = NO_USAGE;
  #finish: FinishReason | null = null;
  #text = "";

  constructor(input: TurnInput, stops: readonly AbortSignal[]) {
    this.#input = input;
    const { signal, immediateSignal } = input.coordinator?.cancellation ?? {};
    const all = (own?: AbortSignal): AbortSignal =>
      AbortSignal.any([input.signal, own, ...stops].filter((each) => each !== undefined));
    this.#stop = all(signal);
    this.#stopTools = all(immediateSignal);
  }

  async run(): Promise<string> {
    const { hooks, prompt, signal } = this.#input;
    await hooks.emit("execution:start", { prompt });
    let thrown: { readonly error: unknown } | undefined;
    try {
      await this.#turn();
    } catch (error) {
      thrown = { error };
    }
    const status = thrown === undefined ? "success" : statusOf(thrown.error);
    if (status === "cancelled") await this.#tellCancel();
    await hooks.emit("execution:end", {
      response: this.#text,
      status,
      usage: this.#usage,
      finish_reason: this.#finish,
      ...(status === "error" ? { error: errorInfo(thrown?.error) } : {}),
    });
    await hooks.emit("orchestrator:complete", { orchestrator: "plain", turn_count: this.#iteration, status });
    signal?.throwIfAborted();
    if (status === "error") throw thrown?.error;
    return this.#text;
  }

  async #turn(): Promise<void> {
    const { prompt } = await this.#decide("prompt:submit", { prompt: this.#input.prompt });
    await this.#store({ role: "user", content: prompt });
    for (;;) {
      const calls = await this.#ask();
      if (calls.length === 0) return;
      const group = crypto.randomUUID();
      for (const call of calls) await this.#call(call, group);
      if (this.#stop.aborted) throw new Ended("cancelled");
    }
  }

  /** One model call; gives the calls of its answer. */
  async #ask(): Promise<readonly ToolCallBlock[]> {
    const [provider] = this.#input.providers.values();
    if (provider === undefined) throw new Error("There is no provider.");
    const about = { provider: provider.name, model: null, iteration: ++this.#iteration };
    const decision = await this.#decision("provider:request", about);
    const messages = await this.#messages(decision);
    const answer: Answer = { blocks: [], open: new Map(), end: null };
    try {
      await this.#read(provider, messages, answer);
    } catch (error) {
      await this.#keepPartial(answer);
      const told = { error: errorInfo(error), recovered: false, request_id: crypto.randomUUID() };
      await this.#input.hooks.emit("provider:error", { ...about, ...told });
      throw this.#stop.aborted ? new Ended("cancelled") : error;
    }
    const calls = answer.blocks.filter((block) => block.type === "tool_call");
    this.#text = textOf(answer.blocks);
    this.#finish = answer.end;
    await this.#store({ role: "assistant", content: answer.blocks });
    await this.#input.hooks.emit("provider:response", {
      ...about,
      usage: this.#usage,
      finish_reason: answer.end ?? "unknown",
      tool_calls: calls.length > 0,
      streamed: true,
    });
    return calls;
  }

  async #messages(decision: Decision<"provider:request">): Promise<readonly Message[]> {
    const { system, context } = this.#input;
    const stored = await context.getMessagesForRequest({});
    const ephemeral = decision.injections.map((injection) => injectionMessage(injection, systemClock));
    return [...(system === undefined ? [] : [{ role: "system", content: system } as const]), ...stored, ...ephemeral];
  }

  async #read(provider: Provider, messages: readonly Message[], answer: Answer): Promise<void> {
    const tools = [...this.#input.tools.values()].map(({ name, description, inputSchema }) => {
      return { name, description, parameters: inputSchema };
    });
    const stream = provider.stream({ messages, tools }, { signal: this.#stop });
    const reader = stream[Symbol.asyncIterator]();
    for (;;) {
      const step = await untilAborted(reader.next(), this.#stop);
      if (step === ABORTED) {
        void reader.return?.();
        throw this.#stop.reason;
      }
      if (step.done === true) return;
      for (const event of step.value) await this.#show(event, answer);
    }
  }

  async #show(event: ProviderEvent, answer: Answer): Promise<void> {
    const { hooks } = this.#input;
    const iteration = this.#iteration;
    if (event.type === "block_start") {
      const { type } = event.block;
      const call = event.block.type === "tool_call" ? { tool_call_id: event.block.id, name: event.block.name } : {};
      if (type === "text" || type === "thinking" || type === "tool_call")
        answer.open.set(event.index, { type, call, text: "" });
      await hooks.emit("content_block:start", { iteration, block_index: event.index, block_type: type, ...call });
    } else if (event.type === "block_delta") {
      const open = answer.open.get(event.index);
      if (open === undefined) return;
      open.text += event.delta;
      await hooks.emit("content_block:delta", {
        block_index: event.index,
        block_type: open.type,
        delta: event.delta,
        ...open.call,
      });
    } else if (event.type === "block_end") await this.#endBlock(event, answer);
    else if (event.type === "usage") this.#usage = addUsage(this.#usage, event.usage);
    else if (event.type === "end") answer.end = event.finish_reason;
  }

  async #endBlock({ index, block }: Pick<BlockEnd, "index" | "block">, answer: Answer): Promise<void> {
    answer.open.delete(index);
    answer.blocks.push(block);
    const cut = block.interrupted ? { interrupted: true as const } : {};
    await this.#input.hooks.emit("content_block:end", {
      iteration: this.#iteration,
      block_index: index,
      block,
      ...cut,
    });
  }

  /** What came of an answer that was cut off; a call that was cut off is not run, and so not kept. */
  async #keepPartial(answer: Answer): Promise<void> {
    for (const [index, { type, text }] of answer.open) {
      if (type === "text") await this.#endBlock({ index, block: { type, text, interrupted: true } }, answer);
    }
    if (answer.blocks.length > 0) await this.#store({ role: "assistant", content: answer.blocks });
  }

  async #call(call: ToolCallBlock, group: string): Promise<void> {
    const { hooks } = this.#input;
    const about = { tool_name: call.name, tool_call_id: call.id, parallel_group_id: group };
    const tool = this.#input.tools.get(call.name);
    const decided = await this.#prepare(call, about);
    if (decided.decision !== "run" || tool === undefined) {
      const msg = decided.reason ?? `There is no tool ${call.name}.`;
      await hooks.emit("tool:error", { ...about, error: { type: decided.decision, msg } });
      return this.#storeResult(call, { success: false, error: { message: msg } });
    }
    const running = (async () => tool.execute(decided.tool_input, this.#toolContext(call.id)))();
    const outcome = await untilAborted(running, this.#stopTools).then(toResult, toFailure);
    if (outcome === ABORTED) {
      await hooks.emit("tool:error", { ...about, error: { type: "cancelled", msg: "The turn was stopped." } });
      return this.#storeResult(call, { success: false, error: { message: "The turn was stopped." } });
    }
    const post = await this.#decision("tool:post", { ...about, tool_input: decided.tool_input, result: outcome });
    const withheld = { success: false, error: { message: `The result was withheld: ${post.reason}` } };
    await this.#storeResult(call, post.action === "deny" ? withheld : post.data.result);
  }

  async #prepare(
    call: ToolCallBlock,
    about: Omit<EventMap["tool:pre"], "tool_input" | "decision">,
  ): Promise<EventMap["tool:pre"]> {
    const { hooks, tools } = this.#input;
    const tool = tools.get(call.name);
    const problems = tool === undefined ? [] : checkValue(call.input, tool.inputSchema);
    const pre = { ...about, tool_input: call.input };
    const refused = tool === undefined ? "unknown" : problems.length > 0 ? "invalid" : null;
    if (this.#stop.aborted || refused !== null) {
      const decision = refused ?? "cancelled";
      const reason = problems.map(({ path, message }) => `${path} ${message}`).join("; ") || `The call is ${decision}.`;
      await hooks.emit("tool:pre", { ...pre, decision, reason }, { handlers: false });
      return { ...pre, decision, reason };
    }
    let stored: EventMap["tool:pre"] = { ...pre, decision: "run" };
    await hooks.emit("tool:pre", stored, {
      settle: async (raw) => {
        const { action, data, reason = "No reason given" } = await this.#carryOut(raw, "tool:pre");
        stored = action === "deny" ? { ...data, decision: "denied", reason } : data;
        return stored;
      },
    });
    return stored;
  }

  #toolContext(callId: string): { callId: string; signal: AbortSignal; progress: () => void } {
    return { callId, signal: this.#stopTools, progress: () => undefined };
  }

  async #storeResult({ id, name }: ToolCallBlock, result: ToolResult): Promise<void> {
    await this.#store({ role: "tool", name, tool_call_id: id, content: serializeToolResult(result) });
  }

  async #store(message: Message): Promise<void> {
    await this.#input.context.addMessage(message);
    await this.#input.hooks.emit("context:message", { message });
  }

  /** The payload, unless handlers deny: the turn is then over. */
  async #decide<K extends "prompt:submit" | "provider:request">(type: K, data: EventMap[K]): Promise<EventMap[K]> {
    return (await this.#decision(type, data)).data;
  }

  async #decision<K extends "prompt:submit" | "provider:request" | "tool:post">(
    type: K,
    data: EventMap[K],
  ): Promise<Decision<K>> {
    if (!isStored(type) || (this.#stop.aborted && type !== "tool:post")) throw new Ended("cancelled");
    const decision = await this.#carryOut(await this.#input.hooks.emit(type, data), type);
    if (decision.action === "deny" && type !== "tool:post") throw new Ended("denied");
    return decision;
  }

  async #carryOut<K extends keyof EventMap>(decision: Decision<K>, type: K): Promise<Decision<K>> {
    return (await this.#input.coordinator?.processDecision(decision, type, { signal: this.#stop })) ?? decision;
  }

  async #tellCancel(): Promise<void> {
    const state = this.#input.coordinator?.cancellation.isGraceful ? "graceful" : "immediate";
    const about = { orchestrator: "plain", turn_count: this.#iteration };
    await this.#input.hooks.emit("cancel:requested", { ...about, state });
    await this.#input.hooks.emit("cancel:completed", { ...about, was_immediate: state === "immediate" });
  }
}

function statusOf(error: unknown): TurnStatus {
  return error instanceof Ended ? error.status : "error";
}

function toResult(value: unknown): ToolResult | typeof ABORTED {
  return value === ABORTED ? ABORTED : toToolResult(value);
}

function toFailure(error: unknown): ToolResult {
  return toToolResult(error instanceof Error ? error : new Error(String(error)));
}
