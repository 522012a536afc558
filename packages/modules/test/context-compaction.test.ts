/** When `context-simple` compacts: what it asks providers, what it learns from them, and whom it tells. */
import {
  createSession,
  type Message,
  type ModelInfo,
  NO_USAGE,
  type Orchestrator,
  type Provider,
  type TurnInput,
} from "amplifier-core";
import { FakeClock } from "amplifier-testkit";
import { describe, expect, it } from "vitest";
import * as contextSimple from "../src/context-simple/index.ts";
import { SimpleContext, type SimpleContextOptions } from "../src/context-simple/index.ts";

type Asked = Provider & { asked: number };

/** A provider that is asked for its models and for nothing else. */
function providerWith(listModels: () => Promise<readonly ModelInfo[]>, defaultModel: string | null = "m"): Asked {
  const provider: Asked = {
    name: "p",
    asked: 0,
    getInfo: () => ({ id: "p", displayName: "P", defaultModel }),
    listModels: () => {
      provider.asked++;
      return listModels();
    },
    stream: () => {
      throw new Error("No model is asked for an answer here.");
    },
  };
  return provider;
}

const window = (contextWindow: number, maxOutputTokens?: number): (() => Promise<readonly ModelInfo[]>) => {
  const limit = maxOutputTokens === undefined ? {} : { maxOutputTokens };
  return async () => [
    { id: "other", contextWindow: 1 },
    { id: "m", contextWindow, ...limit },
  ];
};
const unasked = providerWith(() => Promise.reject(new Error("This provider must not be asked.")));

/** A user message that is estimated at exactly `tokens`. */
const user = (tokens: number): Message => ({ role: "user", content: "x".repeat((tokens - 4) * 4) });

interface Recorded {
  readonly context: SimpleContext;
  /** Every event with its payload, in order. */
  readonly told: (readonly [type: string, data: unknown])[];
}

async function contextOf(tokens: readonly number[], options: SimpleContextOptions = {}): Promise<Recorded> {
  const told: (readonly [string, unknown])[] = [];
  const emit = (type: string, data: unknown): never => {
    told.push([type, data]);
    return undefined as never;
  };
  const context = new SimpleContext({ hooks: { emit }, ...options });
  for (const each of tokens) await context.addMessage(user(each));
  return { context, told };
}

/** What is told of one compaction to a budget of 920 tokens. */
function compaction([before, beforeTokens]: Size, [after, afterTokens]: Size): Recorded["told"] {
  const budget = 920;
  const counts = { before, after, before_tokens: beforeTokens, after_tokens: afterTokens, budget };
  return [
    ["context:pre_compact", { message_count: before, token_count: beforeTokens, budget }],
    ["context:compaction", counts],
    ["context:post_compact", { message_count: after, token_count: afterTokens }],
  ];
}

type Size = readonly [messages: number, tokens: number];

/** Ten user messages of the same size. */
const spread = (total: number): number[] => Array.from({ length: 10 }, () => total / 10);

async function fits(total: number, provider: Provider, options: SimpleContextOptions = {}): Promise<boolean> {
  const { context, told } = await contextOf(spread(total), options);
  await context.getMessagesForRequest({ provider });
  return told.length === 0;
}

describe("the budget of a request", () => {
  it("is 0.92 of the default model's window without the room for its answer", async () => {
    expect(await fits(9200, providerWith(window(12_000, 2000)))).toBe(true);
    expect(await fits(9210, providerWith(window(12_000, 2000)))).toBe(false);
  });

  it("holds back at most a quarter of the window for the answer", async () => {
    expect(await fits(11_040, providerWith(window(16_000, 64_000)))).toBe(true);
    expect(await fits(11_050, providerWith(window(16_000, 64_000)))).toBe(false);
    expect(await fits(11_050, providerWith(window(16_000)))).toBe(false);
  });

  it("is max_tokens where it is set, and then no provider is asked", async () => {
    expect(await fits(2760, unasked, { maxTokens: 3000 })).toBe(true);
    expect(await fits(2770, unasked, { maxTokens: 3000 })).toBe(false);
    expect(unasked.asked).toBe(0);
  });

  it("moves with compact_threshold", async () => {
    expect(await fits(1500, unasked, { maxTokens: 3000, compactThreshold: 0.5 })).toBe(true);
    expect(await fits(1510, unasked, { maxTokens: 3000, compactThreshold: 0.5 })).toBe(false);
  });

  it("is unknown, and everything is given, when the provider does not know its model or fails", async () => {
    expect(await fits(90_000, providerWith(window(1000), null))).toBe(true);
    expect(await fits(90_000, providerWith(window(1000), "unlisted"))).toBe(true);
    expect(
      await fits(
        90_000,
        providerWith(async () => [{ id: "m" }]),
      ),
    ).toBe(true);
    expect(
      await fits(
        90_000,
        providerWith(() => Promise.reject(new Error("down"))),
      ),
    ).toBe(true);
    const throwing = providerWith(() => {
      throw new Error("broken");
    });
    expect(await fits(90_000, throwing)).toBe(true);
  });

  it("is that of the only model where the server decides which one it is", async () => {
    expect(
      await fits(
        9000,
        providerWith(async () => [{ id: "x", contextWindow: 8000 }], null),
      ),
    ).toBe(false);
  });

  it("asks a provider once, and not for a conversation that fits every model", async () => {
    const provider = providerWith(window(1000));
    const { context } = await contextOf([1990]);
    expect(await context.getMessagesForRequest({ provider })).toHaveLength(1);
    expect(provider.asked).toBe(0);
    for (let n = 0; n < 3; n++) {
      await context.addMessage(user(100));
      await context.getMessagesForRequest({ provider });
    }
    expect(provider.asked).toBe(1);
  });

  it("does not wait for a provider that never answers, and uses an answer that comes late", async () => {
    const clock = new FakeClock();
    let answer: (models: readonly ModelInfo[]) => void = () => {};
    const provider = providerWith(() => new Promise((resolve) => (answer = resolve)));
    const { context } = await contextOf(spread(9000), { clock });
    const first = context.getMessagesForRequest({ provider });
    await clock.advance(2000);
    expect(await first).toHaveLength(10);
    expect(await context.getMessagesForRequest({ provider })).toHaveLength(10);
    answer([{ id: "m", contextWindow: 8000 }]);
    await clock.advance(0);
    expect((await context.getMessagesForRequest({ provider })).length).toBeLessThan(10);
    clock.assertIdle();
  });
});

describe("a compacted conversation", () => {
  it("is brought down to the target, stays as it is while there is room, and all of it is still stored", async () => {
    const { context, told } = await contextOf(spread(950), { maxTokens: 1000 });
    const request = async (): Promise<readonly Message[]> => context.getMessagesForRequest({ provider: unasked });
    const first = await request();
    // The first message, the notice, and three of 95 tokens: at most 500.
    expect(first.map(({ content }) => content.length)).toEqual([364, 115, 364, 364, 364]);
    const firstTime = compaction([10, 950], [5, 413]);
    expect(told).toEqual(firstTime);
    await context.addMessage(user(100));
    expect((await request()).slice(0, 5)).toEqual(first);
    expect(told).toHaveLength(3);
    for (let n = 0; n < 5; n++) await context.addMessage(user(100));
    await request();
    expect(told).toEqual([...firstTime, ...compaction([16, 1550], [5, 428])]);
    expect(await context.getMessages()).toHaveLength(16);
  });

  it("is whole again for a provider with room for it", async () => {
    const { context } = await contextOf(spread(9000));
    expect((await context.getMessagesForRequest({ provider: providerWith(window(8000)) })).length).toBeLessThan(10);
    expect(await context.getMessagesForRequest({ provider: providerWith(window(80_000)) })).toHaveLength(10);
  });

  it("begins anew when all messages are replaced", async () => {
    const { context } = await contextOf(spread(950), { maxTokens: 1000 });
    await context.getMessagesForRequest({ provider: unasked });
    await context.setMessages([user(10), user(10)]);
    expect(await context.getMessagesForRequest({ provider: unasked })).toEqual([user(10), user(10)]);
  });

  it("costs no event when nothing more can be left out", async () => {
    const { context, told } = await contextOf([5000], { maxTokens: 1000 });
    expect(await context.getMessagesForRequest({})).toEqual([user(5000)]);
    expect(await context.getMessagesForRequest({})).toEqual([user(5000)]);
    expect(told).toEqual([]);
  });
});

/** A turn that is one request; what the model counts or refuses is told as the loop tells it. */
function turnsThat(report: (hooks: TurnInput["hooks"]) => unknown, given: number[]): Orchestrator {
  return {
    execute: async ({ prompt, context, providers, hooks }) => {
      await context.addMessage({ role: "user", content: prompt });
      const [provider] = providers.values();
      given.push((await context.getMessagesForRequest(provider === undefined ? {} : { provider })).length);
      await report(hooks);
      return "";
    },
  };
}

const answered = {
  provider: "p",
  model: "m",
  iteration: 1,
  finish_reason: "stop",
  tool_calls: false,
  streamed: true,
} as const;
const refused = { type: "ContextLengthError", msg: "too long" };

async function givenInTurns(
  config: Readonly<Record<string, unknown>>,
  report: (hooks: TurnInput["hooks"]) => unknown,
): Promise<number[]> {
  const given: number[] = [];
  const session = await createSession(
    {
      session: { orchestrator: turnsThat(report, given), context: { module: "context-simple", config } },
      providers: [providerWith(async () => [])],
    },
    { findModule: async () => contextSimple },
  );
  for (let turn = 0; turn < 6; turn++) await session.execute("x".repeat(4 * 96));
  await session.close();
  return given;
}

describe("mounted in a session", () => {
  it("keeps room for what a request carries beside the messages, once a model has counted it", async () => {
    let turn = 0;
    // Messages of 100 tokens each, and 500 for a system prompt and tools.
    const counted = await givenInTurns({ max_tokens: 1000 }, (hooks) => {
      const usage = { ...NO_USAGE, input_tokens: 100 * ++turn + 300, cache_write_tokens: 200 };
      return turn > 4 ? undefined : hooks.emit("provider:response", { ...answered, usage });
    });
    expect(counted).toEqual([1, 2, 3, 4, 3, 4]);
    expect(await givenInTurns({ max_tokens: 1000 }, () => {})).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("gives less after a model has refused a request as too long, also where its window is unknown", async () => {
    let turn = 0;
    const given = await givenInTurns({}, (hooks) => {
      if (++turn !== 4) return;
      return hooks.emit("provider:error", {
        provider: "p",
        model: "m",
        iteration: 1,
        request_id: "r",
        error: refused,
        recovered: false,
      });
    });
    expect(given).toEqual([1, 2, 3, 4, 3, 3]);
  });

  it("refuses a config that makes no sense", async () => {
    await expect(givenInTurns({ compact_threshold: 92 }, () => {})).rejects.toThrow(/compact_threshold/u);
    await expect(givenInTurns({ max_messages: 100 }, () => {})).rejects.toThrow(/max_messages/u);
  });
});
