/**
 * Owns the messages of one session, in memory, in the order they came, and what a request shows of them: all, or a
 * smaller view that fits the model. Does not persist, and never forgets what a view leaves out.
 * Invariant: what is stored is a deeply frozen copy; nothing a caller holds can change it, and no array is shared.
 */
import {
  type Clock,
  type ContextManager,
  type EventMap,
  frozenCopy,
  type HookRegistry,
  type Message,
  type Provider,
} from "amplifier-core";
import { compact, type Compaction, type CompactionGoal, type Measure, type View, viewOf, WHOLE } from "./compaction.ts";
import { estimateTokens } from "./estimate-tokens.ts";
import { type BudgetSettings, RequestBudget } from "./request-budget.ts";
import { shortenResult } from "./shorten-result.ts";

/** How a context compacts; every field has upstream's default. */
export interface SimpleContextOptions {
  /** Tokens a request may carry; default: what the provider's default model takes, less room for its answer. */
  readonly maxTokens?: number | undefined;
  /** Share of the tokens above which it compacts; default 0.92. */
  readonly compactThreshold?: number | undefined;
  /** Share of the tokens it compacts to; default 0.5. */
  readonly targetUsage?: number | undefined;
  /** Characters left of a tool result that is shortened; default 250. */
  readonly truncateChars?: number | undefined;
  /** So many of the newest tool results are not shortened while that can be helped; default 5. */
  readonly protectedToolResults?: number | undefined;
  /** Where compactions are told; without it nobody is. */
  readonly hooks?: Pick<HookRegistry, "emit">;
  /** Bounds the wait for a provider's list of models; without one it is waited for. */
  readonly clock?: Clock;
}

type ContextSize = EventMap["context:post_compact"];

/** A `ContextManager` that keeps everything and compacts what it gives for a request. */
export class SimpleContext implements ContextManager {
  readonly #options: SimpleContextOptions;
  readonly #settings: BudgetSettings;
  readonly #measure: Measure;
  #messages: Message[] = [];
  /** Estimate of all messages, unshortened. */
  #tokens = 0;
  /** One per provider, and one for requests that name none. */
  readonly #budgets = new Map<Provider | undefined, RequestBudget>();
  #lastAsked: RequestBudget | undefined;

  constructor(options: SimpleContextOptions = {}) {
    this.#options = options;
    this.#settings = {
      maxTokens: options.maxTokens,
      compactThreshold: options.compactThreshold ?? 0.92,
      targetUsage: options.targetUsage ?? 0.5,
      protectedResults: options.protectedToolResults ?? 5,
    };
    this.#measure = cachedMeasure(options.truncateChars ?? 250);
  }

  /** Stores a copy of `message` at the end. */
  async addMessage(message: Message): Promise<void> {
    this.#add(message);
  }

  /** All messages, oldest first; the array is the caller's own. */
  async getMessages(): Promise<readonly Message[]> {
    return [...this.#messages];
  }

  /**
   * The messages for one request to `provider`, oldest first: all of them while they fit, else a valid conversation with
   * less in it. What is left out once stays out of later requests to this provider. Rejects never because of the provider.
   */
  async getMessagesForRequest({ provider }: { readonly provider?: Provider } = {}): Promise<readonly Message[]> {
    const budget = this.#budgetOf(provider);
    this.#lastAsked = budget;
    const messages = this.#messages;
    const before = { message_count: messages.length, token_count: this.#tokens };
    const whole = this.#view(budget);
    const goal = await budget.goalFor(whole.tokens, provider);
    // While the provider was asked all messages may have been replaced; this request is about those before.
    const compaction = goal === null || messages !== this.#messages ? budget.compaction : this.#compact(budget, goal);
    const isNew = compaction !== budget.compaction;
    budget.compaction = compaction;
    const given = isNew ? viewOf(messages, compaction, this.#measure) : whole;
    budget.sends(given.tokens);
    if (goal !== null && given.tokens < whole.tokens) await this.#tell(before, given, goal);
    return given.messages;
  }

  /** Replaces all messages by copies of these. */
  async setMessages(messages: readonly Message[]): Promise<void> {
    this.#reset();
    for (const message of messages) this.#add(message);
  }

  /** Forgets all messages. */
  async clear(): Promise<void> {
    this.#reset();
  }

  /** The provider asked last counted so many input tokens: from now on the rest of the request is allowed for. */
  noteInputTokens(tokens: number): void {
    this.#lastAsked?.counted(tokens);
  }

  /** The provider asked last found its request too long: the next one will be smaller. */
  noteTooLong(): void {
    this.#lastAsked?.refused();
  }

  // The usual request shows everything, and its estimate is at hand.
  #view({ compaction }: RequestBudget): View {
    if (compaction === WHOLE) return { messages: [...this.#messages], tokens: this.#tokens };
    return viewOf(this.#messages, compaction, this.#measure);
  }

  #compact({ compaction }: RequestBudget, goal: CompactionGoal): Compaction {
    return compact(this.#messages, compaction, { goal, measure: this.#measure });
  }

  // Nothing is decided any more: whoever handles these may look at the conversation, which is whole as ever.
  async #tell(before: ContextSize, given: View, { limit }: CompactionGoal): Promise<void> {
    const { hooks } = this.#options;
    if (hooks === undefined) return;
    const budget = Math.floor(limit);
    const after = { message_count: given.messages.length, token_count: given.tokens };
    await hooks.emit("context:pre_compact", { ...before, budget });
    await hooks.emit("context:compaction", {
      before: before.message_count,
      after: after.message_count,
      before_tokens: before.token_count,
      after_tokens: after.token_count,
      budget,
    });
    await hooks.emit("context:post_compact", after);
  }

  #budgetOf(provider: Provider | undefined): RequestBudget {
    const known = this.#budgets.get(provider);
    if (known !== undefined) return known;
    const budget = new RequestBudget(this.#settings, this.#options.clock);
    this.#budgets.set(provider, budget);
    return budget;
  }

  #add(message: Message): void {
    const stored = frozenCopy(message);
    this.#messages.push(stored);
    this.#tokens += this.#measure.tokens(stored);
  }

  #reset(): void {
    this.#messages = [];
    this.#tokens = 0;
    for (const budget of this.#budgets.values()) budget.compaction = WHOLE;
  }
}

// Stored messages never change, so each is measured and shortened once.
function cachedMeasure(truncateChars: number): Measure {
  const tokens = new WeakMap<Message, number>();
  const shortened = new WeakMap<Message, Message>();
  return {
    tokens: (message) => cached(tokens, message, estimateTokens),
    shorten: (message) => cached(shortened, message, (whole) => shortenResult(whole, truncateChars)),
  };
}

function cached<T>(known: WeakMap<Message, T>, message: Message, make: (message: Message) => T): T {
  const before = known.get(message);
  if (before !== undefined) return before;
  const made = make(message);
  known.set(message, made);
  return made;
}
