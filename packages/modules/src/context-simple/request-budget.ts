/**
 * Owns how many tokens the messages for one provider may take, and what is known of it: the configured number, or the
 * window of its default model, what requests turned out to carry beside the messages (system prompt, tools), and what
 * the model refused. It counts and compacts nothing itself.
 */
import { type Clock, type ModelInfo, type Provider, untilAborted } from "amplifier-core";
import { type Compaction, type CompactionGoal, WHOLE } from "./compaction.ts";

/** No model in use has a smaller window: shorter conversations need not ask for it. Tokens. */
export const FITS_EVERYWHERE = 2000;

/** How long a request waits for the list of models. A later answer counts for later requests. */
const ASK_MS = 2000;

/** Room for an answer where the model's limit is unknown. Tokens. */
const ANSWER_TOKENS = 4096;

/** Of the window at most this share is held back for the answer: few answers come near a large output limit. */
const ANSWER_SHARE = 1 / 4;

/** What a refused request was estimated at, times this, is tried next. */
const AFTER_REFUSAL = 3 / 4;

/** The settings of a budget, each with its default filled in. */
export interface BudgetSettings {
  readonly maxTokens: number | undefined;
  readonly compactThreshold: number;
  readonly targetUsage: number;
  readonly protectedResults: number;
}

/** The budget of one provider, with what was left out for it so far. */
export class RequestBudget {
  /** Carried from request to request, so that a prompt cache sees the same beginning. */
  compaction: Compaction = WHOLE;
  readonly #settings: BudgetSettings;
  readonly #clock: Clock | undefined;
  #asked = false;
  #window: number | null = null;
  #refused = Infinity;
  #unseen = 0;
  #lastTokens = 0;

  constructor(settings: BudgetSettings, clock: Clock | undefined) {
    this.#settings = settings;
    this.#clock = clock;
  }

  /**
   * What messages of `tokens` have to be brought to; null when they fit, or nobody knows what would. Asks the provider
   * for its models at most once, and not for a short conversation.
   */
  async goalFor(tokens: number, provider: Provider | undefined): Promise<CompactionGoal | null> {
    const { maxTokens, compactThreshold, targetUsage, protectedResults } = this.#settings;
    if (maxTokens === undefined && provider !== undefined && tokens > FITS_EVERYWHERE) await this.#ask(provider);
    const budget = Math.min(maxTokens ?? this.#window ?? Infinity, this.#refused);
    // Where a budget is this small the rest of the request is most of it; the messages keep a half.
    const unseen = Math.min(this.#unseen, budget / 2);
    const limit = budget * compactThreshold - unseen;
    if (tokens <= limit) return null;
    return { limit, target: Math.min(budget * targetUsage - unseen, limit), protectedResults };
  }

  /** The next request carries messages of so many tokens. */
  sends(tokens: number): void {
    this.#lastTokens = tokens;
  }

  /** The provider counted so many tokens in the last request, everything included. */
  counted(tokens: number): void {
    this.#unseen = Math.max(0, tokens - this.#lastTokens);
  }

  /** The last request was too long for the model. */
  refused(): void {
    this.#refused = Math.min(this.#refused, (this.#lastTokens + this.#unseen) * AFTER_REFUSAL);
  }

  // Only the first request waits, and not for long.
  async #ask(provider: Provider): Promise<void> {
    if (this.#asked) return;
    this.#asked = true;
    const learning = this.#learn(provider);
    const limit = new AbortController();
    const clear = this.#clock?.schedule(() => limit.abort(), ASK_MS);
    await untilAborted(learning, limit.signal);
    clear?.();
  }

  // Not knowing is no failure of the turn: the provider says what is wrong with it when it is asked to answer.
  async #learn(provider: Provider): Promise<void> {
    try {
      this.#window = roomFor(modelOf(await provider.listModels(), provider.getInfo().defaultModel));
    } catch {
      this.#window = null;
    }
  }
}

// Without a default model the server decides; only where it has a single one is it known which.
function modelOf(models: readonly ModelInfo[], defaultModel: string | null): ModelInfo | undefined {
  if (defaultModel === null) return models.length === 1 ? models[0] : undefined;
  return models.find(({ id }) => id === defaultModel);
}

function roomFor(model: ModelInfo | undefined): number | null {
  const window = model?.contextWindow ?? 0;
  if (!(window > 0)) return null;
  return window - Math.min(model?.maxOutputTokens ?? ANSWER_TOKENS, window * ANSWER_SHARE);
}
