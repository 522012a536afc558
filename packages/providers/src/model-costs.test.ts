/** What calls cost: known prices applied exactly, and nothing where a price is not known. */
import type { ProviderEvent, Usage } from "amplifier-core";
import { describe, expect, it } from "vitest";
import { DEFAULT_MODELS } from "./default-models.ts";
import type { Translator } from "./http/translate-stream.ts";
import { MODEL_COSTS, type TokenPrices } from "./model-costs-table.ts";
import { costOf, withCosts, withKnownCosts } from "./model-costs.ts";

const NOVEMBER = Date.parse("2026-11-24");
const counts = (input_tokens: number, output_tokens: number, more: Partial<Usage> = {}): Usage => ({
  input_tokens,
  output_tokens,
  total_tokens: input_tokens + output_tokens,
  ...more,
});
const OPENAI = "https://api.openai.com/v1/responses";
const GOOGLE = "https://generativelanguage.googleapis.com/v1beta";
const sol = { url: OPENAI, model: "gpt-6-sol" } as const;
const sonnet = { url: "https://api.anthropic.com/v1/messages", model: "claude-sonnet-5-5" } as const;
const flash = { url: GOOGLE, model: "gemini-3.8-flash" } as const;

describe("the table", () => {
  const all = Object.values(MODEL_COSTS).flatMap((models) => Object.values(models));

  it("has the models that are used when nobody names one", () => {
    expect(MODEL_COSTS["api.openai.com"]).toHaveProperty([DEFAULT_MODELS.openai]);
    expect(MODEL_COSTS["api.anthropic.com"]).toHaveProperty([DEFAULT_MODELS.anthropic]);
    expect(MODEL_COSTS["generativelanguage.googleapis.com"]).toHaveProperty([DEFAULT_MODELS.gemini]);
  });

  it("has prices as decimals of at most four places only, and days that are days", () => {
    const prices = all.flatMap((costs): TokenPrices[] =>
      [costs, costs.longPrompt?.prices, costs.later?.prices].filter((one) => one !== undefined),
    );
    const words = prices.flatMap(({ input, output, cacheRead, cacheWrite, cacheWriteHour }) =>
      [input, output, cacheRead, cacheWrite, cacheWriteHour].filter((one) => one !== undefined),
    );
    expect(words.filter((word) => !/^\d+(\.\d{1,4})?$/.test(word))).toEqual([]);
    expect(all.flatMap(({ later }) => later?.from ?? []).filter((day) => Number.isNaN(Date.parse(day)))).toEqual([]);
  });
});

describe("a call", () => {
  it.each([
    ["a single token of each kind", sol, counts(1, 1), "0.000012"],
    ["a million of each", sonnet, counts(1_000_000, 1_000_000), "12"],
    ["reads from the cache, counted as input", sol, counts(1000, 0, { cache_read_tokens: 900 }), "0.00038"],
    ["writes to the cache, counted beside it", sonnet, counts(10, 0, { cache_write_tokens: 1 }), "0.0000225"],
    ["an hour's cache", { ...sonnet, cachesForAnHour: true }, counts(0, 0, { cache_write_tokens: 3 }), "0.000012"],
    ["a dated snapshot", { ...sol, model: "gpt-6-sol-2026-09-22" }, counts(3, 0), "0.000006"],
    ["the longest prompt of the lower price", sol, counts(272_000, 0), "0.544"],
    ["a prompt one token longer", sol, counts(272_001, 1), "1.088019"],
    [
      "the smallest price there is",
      { ...sol, model: "gpt-6-luna" },
      counts(1, 0, { cache_read_tokens: 1 }),
      "0.00000001",
    ],
    ["no tokens", sol, counts(0, 0), "0"],
  ])("costs exactly: %s", (...[, priced, usage, cost]) => {
    expect(costOf(usage, priced, NOVEMBER)).toBe(cost);
  });

  it("counts what is written to a cache when it asks how long the prompt is", () => {
    const haiku = { url: "https://api.anthropic.com/v1/messages", model: "claude-haiku-5-5" } as const;
    expect(costOf(counts(99_999, 0, { cache_write_tokens: 1 }), haiku)).toBe("0.010000025");
    expect(costOf(counts(100_000, 0, { cache_write_tokens: 1 }), haiku)).toBe("0.050000625");
  });

  it("costs what is asked on its day", () => {
    expect(costOf(counts(1_000_000, 0), flash, Date.parse("2026-12-31T23:59:59Z"))).toBe("0.75");
    expect(costOf(counts(1_000_000, 0), flash, Date.parse("2027-01-01T00:00:00Z"))).toBe("1.5");
  });

  it.each([
    ["a model nobody knows", { ...sol, model: "gpt-99" }, counts(1, 1)],
    ["a name that every object has", { ...sol, model: "constructor" }, counts(1, 1)],
    ["another server", { ...sol, url: "http://localhost:4000/v1" }, counts(1, 1)],
    ["a regional server", { ...sol, url: "https://eu.api.openai.com/v1" }, counts(1, 1)],
    ["another vendor's model", { ...sol, url: GOOGLE }, counts(1, 1)],
    ["estimated counts", sol, counts(1, 1, { estimated: true })],
    ["a cache without a known price", { ...sol, model: "gpt-6.2-astra" }, counts(9, 1, { cache_read_tokens: 4 })],
    ["counts that are none", sol, counts(0.5, 1)],
  ])("has no cost, which is not zero, with %s", (_, priced, usage) => {
    expect(costOf(usage, priced, NOVEMBER)).toBeUndefined();
  });
});

describe("a list of models", () => {
  it("gets the price of the day, and the limits that it did not tell", () => {
    expect(withKnownCosts({ id: "gpt-6-sol" }, OPENAI, NOVEMBER)).toEqual({
      id: "gpt-6-sol",
      contextWindow: 1_050_000,
      maxOutputTokens: 128_000,
      pricing: { input: "2", output: "10" },
    });
    expect(withKnownCosts({ id: "gemini-3.8-flash", contextWindow: 7 }, GOOGLE, Date.parse("2027-02-01"))).toEqual({
      id: "gemini-3.8-flash",
      contextWindow: 7,
      pricing: { input: "1.5", output: "7.5" },
    });
  });

  it("keeps its own limits, and stays as it is where nothing is known", () => {
    expect(withKnownCosts({ id: "gpt-6-sol", contextWindow: 5 }, OPENAI)).toMatchObject({ contextWindow: 5 });
    expect(withKnownCosts({ id: "gpt-6-sol" }, "http://[::1]:8000/v1")).toEqual({ id: "gpt-6-sol" });
    expect(withKnownCosts({ id: "mystery" }, OPENAI)).toEqual({ id: "mystery" });
  });
});

describe("an answer's counts", () => {
  const told: Translator = {
    finished: true,
    read: (payload, events) => {
      events.push({ type: "block_delta", index: 0, delta: payload }, { type: "usage", usage: counts(10, 1) });
      return payload === "last";
    },
    finish: (events) =>
      void events.push({ type: "usage", usage: counts(10, 2) }, { type: "end", finish_reason: "stop" }),
  };

  it("have their cost, also those of its end; nothing else changes", () => {
    const before: ProviderEvent[] = [{ type: "usage", usage: counts(1, 1) }];
    const events = [...before];
    const translator = withCosts(told, sonnet);
    expect([translator.read("a", events), translator.read("last", events), translator.finished]).toEqual([
      false,
      true,
      true,
    ]);
    translator.finish(events);
    expect(events).toEqual([
      ...before,
      { type: "block_delta", index: 0, delta: "a" },
      { type: "usage", usage: counts(10, 1, { cost_usd: "0.00003" }) },
      { type: "block_delta", index: 0, delta: "last" },
      { type: "usage", usage: counts(10, 1, { cost_usd: "0.00003" }) },
      { type: "usage", usage: counts(10, 2, { cost_usd: "0.00004" }) },
      { type: "end", finish_reason: "stop" },
    ]);
  });

  it("cost no work where no price is known: the translator is the same", () => {
    expect(withCosts(told, { ...sonnet, url: "http://127.0.0.1" })).toBe(told);
    expect(withCosts(told, { ...sonnet, model: "claude-unknown" })).toBe(told);
  });
});
