/**
 * Owns what a call of a model has cost, and what one is going to: the vendors' table applied to counts of tokens, exactly.
 * Invariant: what is not known is absent, never zero; a cost is a decimal without rounding.
 */
import type { ModelInfo, ProviderEvent, Usage } from "amplifier-core";
import type { Translator } from "./http/translate-stream.ts";
import { MODEL_COSTS, type ModelCosts, type TokenPrices } from "./model-costs-table.ts";

/** Which model is asked, and where: prices are those of a server. */
export interface PricedModel {
  /** Any address of the server. */
  readonly url: string;
  readonly model?: string | undefined;
  /** Caches are kept for an hour, at a price of its own. */
  readonly cachesForAnHour?: boolean;
}

const SNAPSHOT = /-(?:\d{8}|\d{4}-\d{2}-\d{2})$/;
/** Prices have up to this many places; a token costs a millionth of them. */
const PLACES = 4;
const COST_PLACES = PLACES + 6;

/** What the table adds to the list of models of the server at `url`: the price now, and limits that the list did not tell. */
export function withKnownCosts(info: ModelInfo, url: string, now = Date.now()): ModelInfo {
  const costs = costsOf({ url, model: info.id });
  if (costs === undefined) return info;
  const { input, output } = pricesAt(costs, now);
  const { contextWindow, maxOutputTokens } = costs;
  return {
    ...(contextWindow === undefined ? {} : { contextWindow }),
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
    ...info,
    pricing: { input, output },
  };
}

/**
 * What these tokens cost in US dollars, as a decimal; undefined where the model's price, or that of a cache it used, is not
 * known, and for counts that are estimates. Tools that a vendor runs itself are not in it.
 */
export function costOf(usage: Usage, priced: PricedModel, now = Date.now()): string | undefined {
  const costs = costsOf(priced);
  if (costs === undefined || usage.estimated === true) return undefined;
  const { input_tokens, output_tokens, cache_read_tokens: read = 0, cache_write_tokens: written = 0 } = usage;
  const { longPrompt } = costs;
  const isLong = longPrompt !== undefined && input_tokens + written > longPrompt.tokens;
  const prices = isLong ? longPrompt.prices : pricesAt(costs, now);
  const sum = sumOf([
    [Math.max(0, input_tokens - read), prices.input],
    [output_tokens, prices.output],
    [read, prices.cacheRead],
    [written, priced.cachesForAnHour === true ? prices.cacheWriteHour : prices.cacheWrite],
  ]);
  return sum === undefined ? undefined : toDecimal(sum);
}

/** The same translator, with costs in its counts of tokens; as it is where they are not known. */
export function withCosts(translator: Translator, priced: PricedModel): Translator {
  return costsOf(priced) === undefined ? translator : new PricingTranslator(translator, priced);
}

class PricingTranslator implements Translator {
  readonly #translator: Translator;
  readonly #priced: PricedModel;

  constructor(translator: Translator, priced: PricedModel) {
    this.#translator = translator;
    this.#priced = priced;
  }

  get finished(): boolean {
    return this.#translator.finished;
  }

  read(payload: string, events: ProviderEvent[]): boolean {
    const from = events.length;
    const isWhole = this.#translator.read(payload, events);
    this.#price(events, from);
    return isWhole;
  }

  finish(events: ProviderEvent[]): void {
    const from = events.length;
    this.#translator.finish(events);
    this.#price(events, from);
  }

  #price(events: ProviderEvent[], from: number): void {
    for (let at = from; at < events.length; at++) {
      const event = events[at];
      if (event?.type !== "usage") continue;
      const cost_usd = costOf(event.usage, this.#priced);
      if (cost_usd !== undefined) events[at] = { ...event, usage: { ...event.usage, cost_usd } };
    }
  }
}

function costsOf({ url, model = "" }: PricedModel): ModelCosts | undefined {
  const hosts: Readonly<Record<string, Readonly<Record<string, ModelCosts>>>> = MODEL_COSTS;
  const { hostname } = new URL(url);
  const table = Object.hasOwn(hosts, hostname) ? hosts[hostname] : undefined;
  if (table === undefined) return undefined;
  const id = Object.hasOwn(table, model) ? model : model.replace(SNAPSHOT, "");
  return Object.hasOwn(table, id) ? table[id] : undefined;
}

function pricesAt(costs: ModelCosts, now: number): TokenPrices {
  const { later } = costs;
  return later !== undefined && now >= Date.parse(later.from) ? later.prices : costs;
}

/** In units of the last place of a cost; undefined for tokens without a price, and counts that are none. */
function sumOf(parts: readonly (readonly [tokens: number, price: string | undefined])[]): bigint | undefined {
  let sum = 0n;
  for (const [tokens, price] of parts) {
    if (tokens === 0) continue;
    if (price === undefined || !Number.isSafeInteger(tokens)) return undefined;
    const [whole = "0", fraction = ""] = price.split(".");
    sum += BigInt(tokens) * BigInt(whole + fraction.padEnd(PLACES, "0"));
  }
  return sum;
}

function toDecimal(units: bigint): string {
  const digits = units.toString().padStart(COST_PLACES + 1, "0");
  return `${digits.slice(0, -COST_PLACES)}.${digits.slice(-COST_PLACES)}`.replace(/\.?0+$/, "");
}
