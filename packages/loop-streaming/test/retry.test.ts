/**
 * A model call that fails before anything of its answer came is made again, after a while; the wait ends at once when the
 * turn is stopped or steered.
 */
import { type CancelMode, LLMError } from "amplifier-core";
import {
  answer,
  type AnswerPart,
  breaksOff,
  fails,
  gate,
  hangs,
  outlineEvents,
  outlineMessage,
  readLog,
  recordTurn,
  text,
  thinking,
  toolCall,
  unchecked,
  unfinished,
} from "amplifier-testkit";
import { describe, expect, test } from "vitest";
import { loopSession, type LoopSetup } from "./loop-session.ts";
import {
  dataOf,
  dropped,
  failingProvider,
  finishTurn,
  overloaded,
  type PlayedTurn,
  playTurn,
  STEADY,
  timesOf,
} from "./recovered-turn.ts";
import { tool } from "./test-tools.ts";

const limited = (fields: ConstructorParameters<typeof LLMError>[2]) =>
  new LLMError("RateLimitError", "slow down", fields);
const hello = [
  "content_block:start 0 text",
  'content_block:delta 0 "Hello"',
  'content_block:end 0 "Hello"',
  "provider:response #1 stop",
  'context:message assistant: "Hello"',
  'execution:end success "Hello" stop',
  "orchestrator:complete success turns=1",
];
const failed = (name: string): readonly string[] => [
  `provider:error #1 ${name}`,
  `execution:end error "" ${name}`,
  "orchestrator:complete error turns=1",
];

describe("an error before the first delta", () => {
  test("is tried again after 1 s, then after 2 s, with the same request", async () => {
    const played = await playTurn({ script: [fails(overloaded), fails(dropped), answer(text("Hello"))] });
    expect(played.lines).toEqual([
      "provider:request #1",
      "provider:retry #1 1 1000ms ProviderUnavailableError",
      "provider:retry #1 2 2000ms StreamError",
      ...hello,
    ]);
    expect(timesOf(played.events, "provider:retry")).toEqual([0, 1000]);
    expect(timesOf(played.events, "content_block:start")).toEqual([3000]);
    expect(played.stored).toEqual(['user: "Hi"', 'assistant: "Hello"']);
    const [first, ...rest] = played.provider.requests;
    expect(rest).toEqual([first, first]);
  });

  test("is told with its attempt, and each attempt has an id of its own", async () => {
    const { events } = await playTurn({ script: [fails(overloaded), fails(overloaded), fails(overloaded)] });
    const told = { provider: "scripted", model: "scripted-1", iteration: 1 };
    const error = { type: "ProviderUnavailableError", msg: "overloaded", retryable: true, status_code: 529 };
    const retry = { ...told, max_attempts: 3, error, request_id: expect.any(String) };
    expect(dataOf(events, "provider:retry")).toEqual([
      { ...retry, attempt: 1, delay_ms: 1000 },
      { ...retry, attempt: 2, delay_ms: 2000 },
    ]);
    expect(dataOf(events, "provider:error")).toEqual([
      { ...told, error, recovered: false, request_id: expect.any(String) },
    ]);
    const ids = [...dataOf(events, "provider:retry"), ...dataOf(events, "provider:error")].map(
      (data) => (data as { request_id: string }).request_id,
    );
    expect(new Set(ids).size).toBe(3);
  });

  test("reaches the caller as the very same object when no attempt helped", async () => {
    const last = new LLMError("ProviderUnavailableError", "still overloaded");
    const played = await playTurn({ script: [fails(overloaded), fails(overloaded), fails(last)] });
    expect(played.failure?.error).toBe(last);
    expect(played.lines).toEqual([
      "provider:request #1",
      "provider:retry #1 1 1000ms ProviderUnavailableError",
      "provider:retry #1 2 2000ms ProviderUnavailableError",
      ...failed("ProviderUnavailableError"),
    ]);
    expect(played.stored).toEqual(['user: "Hi"']);
  });

  test("is not tried again when it would not help", async () => {
    const { lines } = await playTurn({ script: [fails(new LLMError("AuthenticationError", "no key"))] });
    expect(lines).toEqual(["provider:request #1", ...failed("AuthenticationError")]);
  });

  test("of a provider that retries by itself is not tried again", async () => {
    const { lines } = await playTurn({ script: [fails(overloaded)], provider: { info: { retries: true } } });
    expect(lines).toEqual(["provider:request #1", ...failed("ProviderUnavailableError")]);
  });

  test("counts anew in each iteration", async () => {
    const clock = tool("clock", () => Promise.resolve("noon"));
    const script = [
      fails(overloaded),
      fails(overloaded),
      answer(toolCall("c1", "clock")),
      fails(overloaded),
      answer(text("Noon")),
    ];
    const { lines } = await playTurn({ script, tools: [clock] });
    expect(lines.filter((line) => line.startsWith("provider:"))).toEqual([
      "provider:request #1",
      "provider:retry #1 1 1000ms ProviderUnavailableError",
      "provider:retry #1 2 2000ms ProviderUnavailableError",
      "provider:response #1 tool_calls",
      "provider:request #2",
      "provider:retry #2 1 1000ms ProviderUnavailableError",
      "provider:response #2 stop",
    ]);
  });
});

describe("the delay", () => {
  const delays = async (error: LLMError, config: LoopSetup["config"] = {}): Promise<readonly unknown[]> => {
    const script = [fails(error), answer(text("Hello"))];
    const { events } = await playTurn({ script, config: { timeout: 1000, ...config } });
    const [retry] = dataOf(events, "provider:retry") as readonly { readonly delay_ms: number }[];
    expect(timesOf(events, "content_block:start")).toEqual([retry?.delay_ms]);
    return [retry?.delay_ms];
  };

  test.each<readonly [string, LLMError, LoopSetup["config"], number]>([
    ["is longer where the error says so", limited({ delay_multiplier: 10 }), {}, 10_000],
    ["but at most max_delay", limited({ delay_multiplier: 100 }), {}, 30_000],
    ["is what the server asks for", limited({ retry_after: 7.5 }), {}, 7500],
    ["beyond max_delay too", limited({ retry_after: 90 }), {}, 90_000],
    ["is what the plan says", overloaded, { retry: { base_delay: 0.25, jitter: 0 } }, 250],
    ["may be none", overloaded, { retry: { base_delay: 0, jitter: 0 } }, 0],
    ["of the server is not left to chance", limited({ retry_after: 7 }), { retry: { jitter: 1 } }, 7000],
  ])("%s", async (...[, error, config, ms]) => {
    expect(await delays(error, config)).toEqual([ms]);
  });

  test("leaves its share to chance, and never grows by it", async () => {
    const times = await Promise.all(
      Array.from({ length: 30 }, () => delays(overloaded, { retry: { jitter: 0.5 } }).then(([ms]) => ms as number)),
    );
    expect(Math.min(...times)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...times)).toBeLessThanOrEqual(1000);
    expect(new Set(times).size).toBeGreaterThan(1);
  });

  test("is not waited when the turn would be over by then", async () => {
    const asked = limited({ retry_after: 60 });
    const { lines, failure, clock } = await playTurn({ script: [fails(asked)], config: { timeout: 60 } });
    expect(lines).toEqual(["provider:request #1", ...failed("RateLimitError")]);
    expect(failure?.error).toBe(asked);
    expect(clock.now()).toBe(Date.UTC(2026, 0, 1));
  });
});

describe("after the first delta the same is never asked again", () => {
  test.each<readonly [string, readonly AnswerPart[]]>([
    ["text", [unfinished(text("Hel")), fails(overloaded)]],
    ["thinking", [unfinished(thinking("Hm")), fails(overloaded)]],
    ["a whole block", [text("Hel"), breaksOff()]],
    ["the beginning of a call", [unfinished(toolCall("c1", "clock")), fails(overloaded)]],
    ["no more of it than its name", [unfinished({ ...toolCall("c1", "clock"), deltas: [] }), fails(overloaded)]],
  ])("after %s", async (_name, parts) => {
    const { lines } = await playTurn({ script: [answer(...parts)], config: { max_continuations: 0 } });
    expect(lines.filter((line) => line.startsWith("provider:"))).toEqual([
      "provider:request #1",
      expect.stringMatching(/^provider:error #1 \w+$/u),
    ]);
  });

  test("a block that began and said nothing is no delta", async () => {
    const begun = unchecked({ type: "block_start", index: 0, block: { type: "text" } });
    const { lines, stored } = await playTurn({ script: [answer(begun, fails(overloaded)), answer(text("Hello"))] });
    expect(lines).toEqual([
      "provider:request #1",
      "content_block:start 0 text",
      'content_block:end 0 "" (interrupted)',
      "provider:retry #1 1 1000ms ProviderUnavailableError",
      "content_block:start 1 text",
      'content_block:delta 1 "Hello"',
      'content_block:end 1 "Hello"',
      ...hello.slice(3),
    ]);
    expect(stored).toEqual(['user: "Hi"', 'assistant: "Hello"']);
  });
});

describe("silence", () => {
  test("is tried once more, and then ends the turn by its limit", async () => {
    const { lines, failure, session } = await playTurn({
      script: [hangs(), hangs()],
      config: { first_token_timeout: 5 },
    });
    expect(lines).toEqual([
      "provider:request #1",
      "provider:retry #1 1 1000ms LLMTimeoutError",
      "provider:error #1 LLMTimeoutError",
      'execution:end timeout "" first_token_timeout LLMTimeoutError',
      "orchestrator:complete timeout turns=1",
    ]);
    expect(failure?.error).toMatchObject({ name: "LLMTimeoutError", provider: "scripted" });
    expect(session.lastTurn).toMatchObject({ status: "timeout", limit: "first_token_timeout" });
  });

  test("is tried once more in each iteration", async () => {
    const { lines } = await playTurn({
      script: [hangs(), answer(toolCall("c1", "clock")), hangs(), answer(text("Noon"))],
      tools: [tool("clock", () => Promise.resolve("noon"))],
      config: { first_token_timeout: 5 },
    });
    expect(lines.filter((line) => line.startsWith("provider:"))).toEqual([
      "provider:request #1",
      "provider:retry #1 1 1000ms LLMTimeoutError",
      "provider:response #1 tool_calls",
      "provider:request #2",
      "provider:retry #2 1 1000ms LLMTimeoutError",
      "provider:response #2 stop",
    ]);
  });

  test("also of a provider that does not listen", async () => {
    const { lines } = await playTurn({
      script: [hangs({ deaf: true }), answer(text("Hello"))],
      config: { first_token_timeout: 5 },
    });
    expect(lines).toEqual(["provider:request #1", "provider:retry #1 1 1000ms LLMTimeoutError", ...hello]);
  });
});

describe("stopped while it waits", () => {
  const cancelled = (mode: CancelMode): readonly string[] => [
    `cancel:requested ${mode}`,
    `cancel:completed ${mode}`,
    'execution:end cancelled ""',
    "orchestrator:complete cancelled turns=1",
  ];

  /** The turn is left to its retry, `stop` is called in the middle of the wait, and no time passes until it is over. */
  async function stopped(stop: (made: PlayedTurn["session"]) => void, setup: Partial<LoopSetup> = {}) {
    const made = await loopSession({ script: [fails(overloaded)], config: STEADY, ...setup });
    const turn = recordTurn(made.session, "Hi");
    await made.clock.advance(400);
    stop(made.session);
    return finishTurn(made, turn);
  }

  test.each<CancelMode>(["graceful", "immediate"])("%s: the wait ends at once", async (mode) => {
    const { lines, stored, events, failure } = await stopped((session) => session.cancel(mode));
    expect(failure).toBeUndefined();
    expect(lines).toEqual([
      "provider:request #1",
      "provider:retry #1 1 1000ms ProviderUnavailableError",
      "provider:error #1 ProviderUnavailableError",
      ...cancelled(mode),
    ]);
    expect(timesOf(events, "execution:end")).toEqual([400]);
    expect(stored).toEqual(['user: "Hi"']);
  });

  test("by break: the closing events are in the log, and the next prompt works", async () => {
    const made = await loopSession({ script: [fails(overloaded), answer(text("Hello"))], config: STEADY });
    for await (const { type } of made.session.stream("Hi")) {
      if (type === "provider:retry") break;
    }
    expect(outlineEvents(await readLog(made.log)).slice(4)).toEqual([
      "provider:request #1",
      "provider:retry #1 1 1000ms ProviderUnavailableError",
      "provider:error #1 ProviderUnavailableError",
      ...cancelled("immediate"),
      'prompt:complete cancelled ""',
    ]);
    const { lines, stored } = await finishTurn(made, recordTurn(made.session, "Now?"));
    expect(lines).toEqual(["provider:request #1", ...hello]);
    expect(stored).toEqual(['user: "Hi"', 'user: "Now?"', 'assistant: "Hello"']);
  });
});

describe("stopped in the wait between two calls", () => {
  const waiting = (config: LoopSetup["config"] = {}) =>
    loopSession({
      script: [answer(toolCall("c1", "clock"))],
      tools: [tool("clock", () => Promise.resolve("noon"))],
      config: { ...STEADY, min_delay_between_calls_ms: 3000, ...config },
    });
  const left = ["provider:request #2", "orchestrator:rate_limit_delay 3000ms", "provider:error #2 AbortError"];
  const ended = (mode: CancelMode): readonly string[] => [
    ...left,
    `cancel:requested ${mode}`,
    `cancel:completed ${mode}`,
    'execution:end cancelled ""',
    "orchestrator:complete cancelled turns=2",
  ];
  const stored = ['user: "Hi"', "assistant: call c1 clock{}", 'tool(c1): "noon"'];

  test.each<CancelMode>(["graceful", "immediate"])("%s: it ends at once", async (mode) => {
    const made = await waiting();
    const turn = recordTurn(made.session, "Hi");
    await made.clock.advance(1000);
    made.session.cancel(mode);
    const played = await finishTurn(made, turn);
    expect(played.lines.slice(-7)).toEqual(ended(mode));
    expect(timesOf(played.events, "execution:end")).toEqual([1000]);
    expect(played.stored).toEqual(stored);
  });

  test("by break: the closing events are in the log", async () => {
    const made = await waiting();
    for await (const { type } of made.session.stream("Hi")) {
      if (type === "orchestrator:rate_limit_delay") break;
    }
    expect(outlineEvents(await readLog(made.log)).slice(-8, -1)).toEqual(ended("immediate"));
    expect((await made.context.getMessages()).map(outlineMessage)).toEqual(stored);
  });

  test("by the turn's limit", async () => {
    const made = await waiting({ timeout: 2 });
    const played = await finishTurn(made, recordTurn(made.session, "Hi"));
    expect(played.failure?.error).toMatchObject({ code: "turn_timeout" });
    expect(played.lines.slice(-5)).toEqual([
      ...left,
      'execution:end timeout "" timeout AmplifierError',
      "orchestrator:complete timeout turns=2",
    ]);
    expect(timesOf(played.events, "execution:end")).toEqual([2000]);
    expect(played.stored).toEqual(stored);
  });
});

test("a steer that wants in now ends the wait, and the model is asked with it", async () => {
  const made = await loopSession({ script: [fails(overloaded), answer(text("Hello"))], config: STEADY });
  const turn = recordTurn(made.session, "Hi");
  await made.clock.advance(400);
  made.session.steer("Quick!", { mode: "now" });
  const { lines, events, stored } = await finishTurn(made, turn);
  expect(lines).toEqual([
    "provider:request #1",
    "provider:retry #1 1 1000ms ProviderUnavailableError",
    "provider:error #1 ProviderUnavailableError recovered",
    'context:message user: "Quick!"',
    'orchestrator:steering_injected now "Quick!"',
    "provider:request #2",
    "content_block:start 0 text",
    'content_block:delta 0 "Hello"',
    'content_block:end 0 "Hello"',
    "provider:response #2 stop",
    'context:message assistant: "Hello"',
    'execution:end success "Hello" stop',
    "orchestrator:complete success turns=2",
  ]);
  expect(timesOf(events, "content_block:start")).toEqual([400]);
  expect(stored).toEqual(['user: "Hi"', 'user: "Quick!"', 'assistant: "Hello"']);
});

test("a retry keeps the pace between calls too", async () => {
  const { lines, events } = await playTurn({
    script: [fails(overloaded), answer(text("Hello"))],
    config: { min_delay_between_calls_ms: 3000 },
  });
  expect(lines).toEqual([
    "provider:request #1",
    "provider:retry #1 1 1000ms ProviderUnavailableError",
    "orchestrator:rate_limit_delay 2000ms",
    ...hello,
  ]);
  expect(timesOf(events, "content_block:start")).toEqual([3000]);
});

test("the wrap-up call is tried again too", async () => {
  const clock = tool("clock", () => Promise.resolve("noon"));
  const { lines, provider } = await playTurn({
    script: [answer(toolCall("c1", "clock")), fails(overloaded), answer(text("So far"))],
    tools: [clock],
    config: { max_turns: 1 },
  });
  expect(lines.slice(-9)).toEqual([
    "provider:request #1 wrap-up",
    "provider:retry #1 1 1000ms ProviderUnavailableError",
    "content_block:start 1 text",
    'content_block:delta 1 "So far"',
    'content_block:end 1 "So far"',
    "provider:response #1 stop",
    'context:message assistant: "So far"',
    'execution:end incomplete "So far" stop max_turns',
    "orchestrator:complete incomplete turns=1",
  ]);
  expect(provider.requests[2]).toEqual(provider.requests[1]);
});

test("a steer ends neither the wrap-up call nor its wait: behind it nothing could be answered", async () => {
  const clock = tool("clock", () => Promise.resolve("noon"));
  const reading = gate();
  const made = await loopSession({
    script: [answer(toolCall("c1", "clock")), fails(overloaded), answer(unfinished(text("So")), reading, hangs())],
    tools: [clock],
    config: { ...STEADY, max_turns: 1, idle_timeout: 5, max_continuations: 0 },
  });
  const turn = recordTurn(made.session, "Hi");
  await made.clock.advance(400);
  made.session.steer("Quick!", { mode: "now" });
  await made.clock.advance(600);
  await reading.reached;
  made.session.steer("Quicker!", { mode: "now" });
  reading.open();
  const { lines, events } = await finishTurn(made, turn);
  expect(lines.slice(-11)).toEqual([
    "provider:retry #1 1 1000ms ProviderUnavailableError",
    "content_block:start 1 text",
    'content_block:delta 1 "So"',
    'content_block:end 1 "So" (interrupted)',
    "llm:stream_aborted LLMTimeoutError",
    "provider:error #1 LLMTimeoutError",
    'context:message assistant: "So" (interrupted)',
    'orchestrator:steering_returned now "Quick!" turn_ended',
    'orchestrator:steering_returned now "Quicker!" turn_ended',
    'execution:end timeout "So" idle_timeout LLMTimeoutError',
    "orchestrator:complete timeout turns=1",
  ]);
  expect(timesOf(events, "execution:end")).toEqual([6000]);
});

test("one attempt means no retry", async () => {
  const other = failingProvider("other", overloaded);
  const { lines } = await playTurn({
    script: [fails(overloaded)],
    others: [other],
    config: { retry: { attempts: 1 }, fallback: true },
  });
  expect(lines).toEqual([
    "provider:request #1",
    "provider:error #1 ProviderUnavailableError recovered",
    "provider:fallback scripted other ProviderUnavailableError",
    "provider:request #1 again",
    ...failed("ProviderUnavailableError"),
  ]);
});
