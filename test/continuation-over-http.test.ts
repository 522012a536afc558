/**
 * Failures over real sockets, on both wires, with strict servers that refuse what the real APIs refuse: the consumer sees
 * one whole text, and whatever the model is asked to go on with is a request its API takes.
 */
import { createSession, defineTool, type Event, type ModuleConfig } from "amplifier-core";
import * as loopStreaming from "amplifier-module-loop-streaming";
import * as contextSimple from "amplifier-modules/context-simple";
import * as anthropic from "amplifier-providers/anthropic";
import * as openai from "amplifier-providers/openai";
import {
  breaksOff,
  FakeClock,
  finish,
  hangs,
  outlineEvents,
  outlineMessage,
  recordTurn,
  signed,
  text,
  thinking,
  toolCall,
  unfinished,
} from "amplifier-testkit";
import {
  cuts,
  errorFrame,
  type ModelServer,
  refuses,
  reply,
  type ScriptEntry,
  startAnthropicServer,
  startChatServer,
  type WirePart,
} from "amplifier-testkit/servers";
import { describe, expect, onTestFinished, test } from "vitest";

type WireName = "openai" | "anthropic";

const START = { openai: startChatServer, anthropic: startAnthropicServer };
/** Neither goes on with an answer it is shown; `scripted` does where its API can. */
const MODELS = { openai: "gpt-4.1", anthropic: "claude-opus-4-6" };
/** The sources: found on disk, modules would be those that were built last. */
const MODULES: Readonly<Record<string, unknown>> = {
  "loop-streaming": loopStreaming,
  "context-simple": contextSimple,
  "provider-openai": openai,
  "provider-anthropic": anthropic,
};
const clockTool = defineTool({
  name: "clock",
  description: "The time",
  inputSchema: { type: "object", properties: { zone: { type: "string" } } },
  execute: () => "noon",
});

interface Asked {
  readonly wire: WireName;
  readonly script: readonly ScriptEntry[];
  readonly model?: string;
  readonly config?: ModuleConfig;
  /** The delta after which nothing more comes, so that time may pass. */
  readonly silentAfter?: string;
}

async function startServer({ wire, script, model = MODELS[wire] }: Asked): Promise<ModelServer> {
  const server = await START[wire]({ script, models: [model] });
  // It also tells of requests that the API would have refused.
  onTestFinished(() => server.close());
  return server;
}

/** Runs a turn that asks the given providers; time passes when the loop waits for nothing else. */
async function ask(...all: readonly [Asked, ...Asked[]]) {
  const servers = await Promise.all(all.map(startServer));
  const clock = new FakeClock();
  const session = await createSession(
    {
      session: { orchestrator: { module: "loop-streaming", config: { buffer_size: 1, ...all[0].config } } },
      providers: all.map(({ wire, model = MODELS[wire] }, n) => ({
        module: `provider-${wire}`,
        config: { base_url: servers[n]?.baseUrl ?? "", api_key: "test", model, name: `${wire}-${n}` },
      })),
      tools: [clockTool],
    },
    { clock, findModule: ({ id }) => Promise.resolve(MODULES[id]) },
  );
  onTestFinished(() => session.close());
  const { events, failure } = await recordTurn(session, "Hi", {
    onEvent: async ({ type, data }) => {
      if (type === "provider:retry") await clock.advance(data.delay_ms);
      if (type === "content_block:delta" && data.delta === all[0].silentAfter) await clock.advance(60_000);
    },
  });
  const [server] = servers as [ModelServer, ...ModelServer[]];
  return {
    events,
    failure,
    session,
    server,
    servers,
    shown: shownText(events),
    lines: outlineEvents(events).filter((line) => /^(?:provider|llm|tool):|continues/u.test(line)),
    stored: (await session.messages()).map(outlineMessage),
  };
}

const shownText = (events: readonly Event[]): string =>
  events
    .map(({ type, data }) => (type === "content_block:delta" && data.block_type === "text" ? data.delta : ""))
    .join("");

/** The role and text of each message that was sent; of content blocks, their texts or types. */
function sent(server: ModelServer | undefined, number: number): readonly string[] {
  const body = server?.requests[number - 1]?.body ?? {};
  const messages = (body["messages"] ?? []) as readonly { readonly role: string; readonly content: unknown }[];
  return messages.map(({ role, content }) => `${role}: ${typeof content === "string" ? content : parts(content)}`);
}

const parts = (content: unknown): string =>
  ((content ?? []) as { type: string; text?: string }[]).map(({ type, text }) => text ?? type).join(" + ");

const told = (tail: string): unknown =>
  expect.stringMatching(new RegExp(`^user: Your answer was cut off.*${tail}"$`, "u"));

const wires = ["openai", "anthropic"] as const;

describe.each(wires)("over the %s wire, an answer is gone on with", (wire) => {
  test.each<readonly [string, WirePart, string]>([
    ["its socket is closed", cuts(), "StreamError"],
    ["its body ends too soon", breaksOff(), "StreamError"],
    ["its server reports an error", errorFrame(), "ProviderUnavailableError"],
    ["its server goes silent", hangs(), "LLMTimeoutError"],
  ])("when %s in the middle of a text", async (...[, broken, error]) => {
    const { shown, stored, lines, server, session } = await ask({
      wire,
      script: [reply(unfinished(text("Hel", "lo, wor")), broken), reply(text("ld", "!"))],
      ...(error === "LLMTimeoutError" ? { silentAfter: "lo, wor" } : {}),
    });
    expect(shown).toBe("Hello, world!");
    expect(stored).toEqual(['user: "Hi"', 'assistant: "Hello, world!"']);
    expect(lines).toEqual([
      "provider:request #1",
      `llm:stream_aborted ${error}`,
      `provider:error #1 ${error} recovered`,
      "provider:request #1 again",
      "content_block:start 1 text continues",
      "provider:response #1 stop",
    ]);
    expect(sent(server, 2)).toEqual(["user: Hi", "assistant: Hello, wor", told("Hello, wor")]);
    expect(session.lastTurn).toMatchObject({ status: "success", text: "Hello, world!" });
  });

  test("when the model begins again: nothing is shown twice", async () => {
    const { shown } = await ask({
      wire,
      script: [
        reply(unfinished(text("The quick brown fox jumps")), cuts()),
        reply(text("The quick brown fox jumps over.")),
      ],
    });
    expect(shown).toBe("The quick brown fox jumps over.");
  });

  test("when the output limit cut it, to its natural end", async () => {
    const { shown, stored, lines, server, events } = await ask({
      wire,
      script: [
        reply(text("One,"), finish("length")),
        reply(text(" two,"), finish("length")),
        reply(text(" three,"), finish("length")),
        reply(text(" four.")),
      ],
    });
    expect(shown).toBe("One, two, three, four.");
    expect(stored).toEqual(['user: "Hi"', 'assistant: "One, two, three, four."']);
    expect(lines).toEqual([
      "provider:request #1",
      "provider:response #1 length",
      ...[1, 2].flatMap((n) => [
        "provider:request #1 again",
        `content_block:start ${n} text continues`,
        "provider:response #1 length",
      ]),
      "provider:request #1 again",
      "content_block:start 3 text continues",
      "provider:response #1 stop",
    ]);
    expect(sent(server, 4)).toEqual(["user: Hi", "assistant: One, two, three,", told("One, two, three,")]);
    expect(events.find(({ type }) => type === "orchestrator:complete")?.data).toMatchObject({ continued: true });
    const asked = server.requests.length;
    expect(events.find(({ type }) => type === "execution:end")?.data).toMatchObject({
      usage: { input_tokens: 10 * asked, output_tokens: 5 * asked },
    });
  });

  test("with its tool, when a complete call came before the break", async () => {
    const { shown, stored, lines, server } = await ask({
      wire,
      script: [
        reply(
          text("I look"),
          toolCall("c1", "clock", { zone: "Oslo" }),
          unfinished(toolCall("c2", "clock", { zone: "Rome" })),
          cuts(),
        ),
        reply(text("Noon.")),
      ],
    });
    expect(shown).toBe("I lookNoon.");
    expect(stored.slice(1)).toEqual([
      expect.stringMatching(/^assistant: "I look", call c1 clock\{"zone":"Oslo"\}, call c2 clock/u),
      'tool(c1): "noon"',
      expect.stringMatching(/^tool\(c2\): "/u),
      'assistant: "Noon."',
    ]);
    expect(lines.filter((line) => line.startsWith("provider:"))).toEqual([
      "provider:request #1",
      "provider:error #1 StreamError recovered",
      "provider:request #2",
      "provider:response #2 stop",
    ]);
    expect(server.requests).toHaveLength(2);
  });

  test("the next prompt is taken too", async () => {
    const { session, server } = await ask({
      wire,
      script: [reply(unfinished(text("Hel")), cuts()), reply(text("lo")), reply(text("Fine."))],
    });
    expect(await session.execute("And you?")).toBe("Fine.");
    expect(sent(server, 3)).toEqual(["user: Hi", "assistant: Hello", "user: And you?"]);
  });
});

describe.each(wires)("over the %s wire, a request is made again", (wire) => {
  test.each<readonly [string, ScriptEntry, string]>([
    ["is overloaded", refuses("overloaded", { retryAfter: 3 }), "3000ms ProviderUnavailableError"],
    ["limits the rate", refuses("rate_limit", { retryAfter: 45 }), "45000ms RateLimitError"],
  ])("as its server asks that %s", async (...[, refusal, retry]) => {
    const { shown, lines, server } = await ask({ wire, script: [refusal, reply(text("Hello"))] });
    expect(shown).toBe("Hello");
    expect(lines).toEqual(["provider:request #1", `provider:retry #1 1 ${retry}`, "provider:response #1 stop"]);
    expect(server.requests[1]?.body).toEqual(server.requests[0]?.body);
  });

  test("when its connection breaks before anything came", async () => {
    const { shown, lines } = await ask({
      wire,
      script: [reply(cuts()), reply(cuts()), reply(text("Hello"))],
      config: { retry: { jitter: 0 } },
    });
    expect(shown).toBe("Hello");
    expect(lines).toEqual([
      "provider:request #1",
      "provider:retry #1 1 1000ms StreamError",
      "provider:retry #1 2 2000ms StreamError",
      "provider:response #1 stop",
    ]);
  });

  test("of less, when the conversation is too long for the model", async () => {
    const { lines, shown } = await ask({ wire, script: [refuses("context_length"), reply(text("Hello"))] });
    expect(shown).toBe("Hello");
    expect(lines).toEqual([
      "provider:request #1",
      "provider:error #1 ContextLengthError recovered",
      "provider:request #1 again",
      "provider:response #1 stop",
    ]);
  });
});

describe("a model of the Messages API", () => {
  test("that takes its own text goes on with it, without the white space at its end", async () => {
    const { shown, server } = await ask({
      wire: "anthropic",
      model: "claude-sonnet-4-5",
      script: [reply(unfinished(text("Hello,\n\n")), cuts()), reply(text("world!"))],
    });
    expect(shown).toBe("Hello,\n\nworld!");
    expect(sent(server, 2)).toEqual(["user: Hi", "assistant: Hello,"]);
  });

  test("that thinks is shown its signed thought and asked in words", async () => {
    const { shown, server, stored } = await ask({
      wire: "anthropic",
      model: "claude-sonnet-4-5",
      config: { reasoning_effort: "low" },
      script: [
        reply(signed(thinking("Hm."), "c2ln"), unfinished(text("Hel")), errorFrame()),
        reply(signed(thinking("Go on."), "c2ln2"), text("lo")),
      ],
    });
    expect(shown).toBe("Hello");
    expect(sent(server, 2)).toEqual(["user: Hi", "assistant: thinking + Hel", told("Hel")]);
    expect(stored).toEqual(['user: "Hi"', 'assistant: thinking "Hm.", thinking "Go on.", "Hello"']);
  });

  test("whose thought was cut is asked the same again, and the thought is not sent back", async () => {
    const { shown, server, session } = await ask({
      wire: "anthropic",
      model: "claude-sonnet-4-5",
      config: { reasoning_effort: "low" },
      script: [
        reply(unfinished(thinking("Hm")), cuts()),
        reply(signed(thinking("So."), "c2ln"), text("Hello")),
        reply(text("Fine.")),
      ],
    });
    expect(shown).toBe("Hello");
    expect(server.requests[1]?.body).toEqual(server.requests[0]?.body);
    expect(await session.execute("And you?")).toBe("Fine.");
  });
});

test("an answer begun on one wire is gone on with on the other when the first is lost", async () => {
  const { shown, stored, lines, servers } = await ask(
    {
      wire: "anthropic",
      script: [reply(signed(thinking("Hm."), "c2ln"), unfinished(text("Hel")), cuts()), refuses("authentication")],
    },
    { wire: "openai", script: [reply(text("lo"))] },
  );
  expect(shown).toBe("Hello");
  expect(stored).toEqual(['user: "Hi"', 'assistant: thinking "Hm.", "Hello"']);
  expect(lines).toEqual([
    "provider:request #1",
    "llm:stream_aborted StreamError",
    "provider:error #1 StreamError recovered",
    "provider:request #1 again",
    "provider:error #1 AuthenticationError recovered",
    "provider:fallback anthropic-0 openai-1 AuthenticationError",
    "provider:request #1 again",
    "content_block:start 2 text continues",
    "provider:response #1 stop",
  ]);
  expect(sent(servers[1], 1)).toEqual(["user: Hi", "assistant: Hel", told("Hel")]);
});

test.each(wires)("over the %s wire, the oldest turns are left out of a request that was too long", async (wire) => {
  const long = (word: string): string => `${word} `.repeat(1500);
  const { session, server } = await ask({
    wire,
    script: [reply(text("Hello")), reply(text(long("far"))), refuses("context_length"), reply(text("Fine."))],
  });
  await session.execute(long("near"));
  const before = (await session.messages()).length;
  const { events, failure } = await recordTurn(session, "And now?");
  expect(failure).toBeUndefined();
  expect(outlineEvents(events).filter((line) => /^(?:provider|context):/u.test(line))).toEqual([
    'context:message user: "And now?"',
    "provider:request #1",
    "provider:error #1 ContextLengthError recovered",
    "provider:request #1 again",
    "context:pre_compact",
    "context:compaction",
    "context:post_compact",
    "provider:response #1 stop",
    'context:message assistant: "Fine."',
  ]);
  expect(sent(server, 3)).toHaveLength(5);
  expect(sent(server, 4)).toEqual([expect.stringMatching(/^user: Hi.+3 earlier messages were left out.+And now\?$/su)]);
  expect(await session.messages()).toHaveLength(before + 2);
});
