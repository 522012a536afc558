/**
 * When one provider fails the next is asked, by priority, where that can help: what it is asked, what the consumer is
 * told, and what the caller gets when nobody answers.
 */
import { type InlineHook, LLMError, type LLMErrorName } from "amplifier-core";
import {
  answer,
  breaksOff,
  fails,
  hangs,
  recordTurn,
  runTurn,
  ScriptedProvider,
  text,
  toolCall,
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
  playTurn,
  STEADY,
  timesOf,
} from "./recovered-turn.ts";
import { tool } from "./test-tools.ts";

const noKey = new LLMError("AuthenticationError", "no key");
const noModel = new LLMError("NotFoundError", "no such model");
const provider = (name: string, priority: number, ...said: readonly string[]): ScriptedProvider =>
  new ScriptedProvider(
    said.map((each) => answer(text(each))),
    { name, priority },
  );
const answered = (said: string, iteration = 1): readonly string[] => [
  "content_block:start 0 text",
  `content_block:delta 0 "${said}"`,
  `content_block:end 0 "${said}"`,
  `provider:response #${iteration} stop`,
  `context:message assistant: "${said}"`,
  `execution:end success "${said}" stop`,
  `orchestrator:complete success turns=${iteration}`,
];
const failed = (name: string): readonly string[] => [
  `provider:error #1 ${name}`,
  `execution:end error "" ${name}`,
  "orchestrator:complete error turns=1",
];

test("the next provider by priority is asked when retries did not help", async () => {
  const { lines, stored, events } = await playTurn({
    script: [fails(overloaded), fails(overloaded), fails(dropped)],
    provider: { priority: 1 },
    others: [provider("last", 300), provider("next", 2, "Hello")],
  });
  expect(lines).toEqual([
    "provider:request #1",
    "provider:retry #1 1 1000ms ProviderUnavailableError",
    "provider:retry #1 2 2000ms ProviderUnavailableError",
    "provider:error #1 StreamError recovered",
    "provider:fallback scripted next StreamError",
    "provider:request #1 again",
    ...answered("Hello"),
  ]);
  expect(stored).toEqual(['user: "Hi"', 'assistant: "Hello"']);
  expect(dataOf(events, "provider:fallback")).toEqual([
    {
      from: "scripted",
      to: "next",
      iteration: 1,
      error: { type: "StreamError", msg: "socket hang up", retryable: true },
    },
  ]);
  expect(dataOf(events, "provider:request")).toEqual([
    { provider: "scripted", model: "scripted-1", iteration: 1 },
    { provider: "next", model: "scripted-1", iteration: 1, again: true },
  ]);
  expect(dataOf(events, "provider:response")).toMatchObject([{ provider: "next" }]);
});

test("an error that is this provider's own is taken to the next at once", async () => {
  const { lines, events } = await playTurn({ script: [fails(noKey)], others: [provider("next", 200, "Hello")] });
  expect(lines).toEqual([
    "provider:request #1",
    "provider:error #1 AuthenticationError recovered",
    "provider:fallback scripted next AuthenticationError",
    "provider:request #1 again",
    ...answered("Hello"),
  ]);
  expect(timesOf(events, "execution:end")).toEqual([0]);
});

test("default_provider is asked first, then all others by priority", async () => {
  const wanted = failingProvider("wanted", noKey);
  const { lines } = await playTurn({
    script: [fails(noModel)],
    provider: { priority: 1 },
    others: [provider("third", 3, "Hello"), wanted],
    config: { default_provider: "wanted" },
  });
  expect(lines).toEqual([
    "provider:request #1",
    "provider:error #1 AuthenticationError recovered",
    "provider:fallback wanted scripted AuthenticationError",
    "provider:request #1 again",
    "provider:error #1 NotFoundError recovered",
    "provider:fallback scripted third NotFoundError",
    "provider:request #1 again",
    ...answered("Hello"),
  ]);
});

test("when the last of three fails too its own error reaches the caller, the very same object", async () => {
  const last = new LLMError("AccessDeniedError", "not yours");
  const { lines, failure, stored } = await playTurn({
    script: [fails(noKey)],
    others: [failingProvider("second", noModel), failingProvider("third", last)],
  });
  expect(failure?.error).toBe(last);
  expect(lines).toEqual([
    "provider:request #1",
    "provider:error #1 AuthenticationError recovered",
    "provider:fallback scripted second AuthenticationError",
    "provider:request #1 again",
    "provider:error #1 NotFoundError recovered",
    "provider:fallback second third NotFoundError",
    "provider:request #1 again",
    ...failed("AccessDeniedError"),
  ]);
  expect(stored).toEqual(['user: "Hi"']);
});

test("each provider has its own attempts", async () => {
  const second = new ScriptedProvider([fails(overloaded), answer(text("Hello"))], { name: "second" });
  const { lines } = await playTurn({
    script: [fails(overloaded), fails(overloaded), fails(overloaded)],
    others: [second],
  });
  expect(lines.filter((line) => !line.startsWith("content_block")).slice(0, -3)).toEqual([
    "provider:request #1",
    "provider:retry #1 1 1000ms ProviderUnavailableError",
    "provider:retry #1 2 2000ms ProviderUnavailableError",
    "provider:error #1 ProviderUnavailableError recovered",
    "provider:fallback scripted second ProviderUnavailableError",
    "provider:request #1 again",
    "provider:retry #1 1 1000ms ProviderUnavailableError",
    "provider:response #1 stop",
  ]);
});

test("fallback off: nobody else is asked", async () => {
  const { lines, failure } = await playTurn({
    script: [fails(noKey)],
    others: [provider("next", 200)],
    config: { fallback: false },
  });
  expect(failure?.error).toBe(noKey);
  expect(lines).toEqual(["provider:request #1", ...failed("AuthenticationError")]);
});

test.each<LLMErrorName>(["ContentFilterError", "InvalidRequestError", "InvalidToolCallError", "AbortError"])(
  "%s is the same everywhere, so nobody else is asked",
  async (name) => {
    const error = new LLMError(name, "no");
    const { lines, failure } = await playTurn({ script: [fails(error)], others: [provider("next", 200)] });
    expect(failure?.error).toBe(error);
    expect(lines).toEqual(["provider:request #1", ...failed(name)]);
  },
);

test("silence is tried once more, then taken to the next", async () => {
  const { lines } = await playTurn({
    script: [hangs(), hangs()],
    others: [provider("next", 200, "Hello")],
    config: { first_token_timeout: 5 },
  });
  expect(lines).toEqual([
    "provider:request #1",
    "provider:retry #1 1 1000ms LLMTimeoutError",
    "provider:error #1 LLMTimeoutError recovered",
    "provider:fallback scripted next LLMTimeoutError",
    "provider:request #1 again",
    ...answered("Hello"),
  ]);
});

test("a wait that is too long for the turn is spent with the next instead", async () => {
  const limited = new LLMError("RateLimitError", "slow down", { retry_after: 900 });
  const { lines, events } = await playTurn({ script: [fails(limited)], others: [provider("next", 200, "Hello")] });
  expect(lines.slice(1, 3)).toEqual([
    "provider:error #1 RateLimitError recovered",
    "provider:fallback scripted next RateLimitError",
  ]);
  expect(timesOf(events, "execution:end")).toEqual([0]);
});

describe("a provider that failed", () => {
  test("is not asked again in the turn", async () => {
    const second = new ScriptedProvider([answer(toolCall("c1", "clock")), answer(text("Noon"))], { name: "second" });
    const { lines, provider: first } = await playTurn({
      script: [fails(noKey)],
      others: [second],
      tools: [tool("clock", () => Promise.resolve("noon"))],
    });
    expect(lines.filter((line) => line.startsWith("provider:"))).toEqual([
      "provider:request #1",
      "provider:error #1 AuthenticationError recovered",
      "provider:fallback scripted second AuthenticationError",
      "provider:request #1 again",
      "provider:response #1 tool_calls",
      "provider:request #2",
      "provider:response #2 stop",
    ]);
    expect(first.calls).toHaveLength(1);
  });

  test("is asked first in the next turn", async () => {
    const made = await playTurn({
      script: [fails(noKey), answer(text("Back"))],
      others: [provider("next", 200, "Hello")],
    });
    await runTurn(made.session, "And now?");
    expect(made.session.lastTurn?.text).toBe("Back");
  });
});

describe("the caller's model", () => {
  test("is not asked of another provider", async () => {
    const next = provider("next", 200, "Hello");
    const { provider: first, events } = await playTurn({ script: [fails(noKey)], others: [next] }, "Hi", {
      model: "big",
    });
    expect(first.requests.map(({ model }) => model)).toEqual(["big"]);
    expect(next.requests.map(({ model }) => model)).toEqual([undefined]);
    expect(dataOf(events, "provider:request")).toMatchObject([{ model: "big" }, { model: "scripted-1" }]);
  });

  test("is asked again of its own", async () => {
    const { provider: own } = await playTurn(
      { script: [fails(overloaded), answer(unfinished(text("Hel")), breaksOff()), answer(text("lo"))] },
      "Hi",
      { model: "big" },
    );
    expect(own.requests.map(({ model }) => model)).toEqual(["big", "big", "big"]);
  });
});

describe("what hooks put into the request", () => {
  const injecting = (event: "provider:request" | "prompt:submit", ephemeral: boolean): InlineHook => ({
    name: "reminder",
    events: {
      [event]: () => ({
        action: "inject_context",
        context_injection: "Be brief.",
        context_injection_role: "user",
        ephemeral,
      }),
    },
  });
  const said = ({ requests }: ScriptedProvider): unknown[] =>
    requests.map(({ messages }) => messages.map(({ content }) => content));
  const failingOver = async (hook: InlineHook) => {
    const next = provider("next", 200, "Hello");
    const played = await playTurn({ script: [fails(overloaded), fails(noKey)], others: [next], hooks: [hook] });
    return { ...played, next };
  };

  test("for this once survives a retry and a fallback", async () => {
    const { provider: first, next } = await failingOver(injecting("prompt:submit", true));
    expect(said(first)).toEqual([
      ["Hi", "Be brief."],
      ["Hi", "Be brief."],
    ]);
    expect(said(next)).toEqual([["Hi", "Be brief."]]);
  });

  test("at the request itself is asked for anew, and is not there twice", async () => {
    const { next } = await failingOver(injecting("provider:request", true));
    expect(said(next)).toEqual([["Hi", "Be brief."]]);
  });

  test("and a hook that gives it only to the failing provider's request gives it to no other", async () => {
    const once: InlineHook = {
      name: "once",
      events: {
        "provider:request": (_, data) =>
          data.again
            ? undefined
            : {
                action: "inject_context",
                context_injection: "First.",
                context_injection_role: "user",
                ephemeral: true,
              },
      },
    };
    const { provider: first, next } = await failingOver(once);
    expect(said(first)).toEqual([
      ["Hi", "First."],
      ["Hi", "First."],
    ]);
    expect(said(next)).toEqual([["Hi"]]);
  });

  test("for good is stored once for each request that it was given for", async () => {
    const { next, stored } = await failingOver(injecting("provider:request", false));
    expect(said(next)).toEqual([["Hi", "Be brief.", "Be brief."]]);
    expect(stored).toEqual(['user: "Hi"', 'user: "Be brief."', 'user: "Be brief."', 'assistant: "Hello"']);
  });

  test("is gone in the next iteration", async () => {
    const next = new ScriptedProvider([answer(toolCall("c1", "clock")), answer(text("Noon"))], { name: "next" });
    await playTurn({
      script: [fails(noKey)],
      others: [next],
      hooks: [injecting("prompt:submit", true)],
      tools: [tool("clock", () => Promise.resolve("noon"))],
    });
    expect(
      next.requests.map(({ messages }) => messages.filter(({ content }) => content === "Be brief.").length),
    ).toEqual([1, 0]);
  });
});

test("a hook may deny the next provider's request: the turn is denied, and nobody is asked", async () => {
  const guard: InlineHook = {
    name: "guard",
    events: {
      "provider:request": (_, { provider: asked }) =>
        asked === "next" ? { action: "deny", reason: "not with our data" } : undefined,
    },
  };
  const { lines, stored, failure } = await playTurn({
    script: [fails(noKey)],
    others: [provider("next", 200)],
    hooks: [guard],
  });
  expect(failure).toBeUndefined();
  expect(lines).toEqual([
    "provider:request #1",
    "provider:error #1 AuthenticationError recovered",
    "provider:fallback scripted next AuthenticationError",
    "provider:request #1 again",
    'execution:end denied "Operation denied: not with our data"',
    "orchestrator:complete denied turns=1",
  ]);
  expect(stored).toEqual(['user: "Hi"']);
});

test("a stop between two providers asks no other", async () => {
  const setup: LoopSetup = { script: [fails(noKey)], others: [provider("next", 200)], config: STEADY };
  const made = await loopSession(setup);
  const turn = recordTurn(made.session, "Hi", {
    onEvent: ({ type }) => {
      if (type === "provider:fallback") made.session.cancel("graceful");
    },
  });
  const { lines } = await finishTurn(made, turn);
  expect(lines).toEqual([
    "provider:request #1",
    "provider:error #1 AuthenticationError recovered",
    "provider:fallback scripted next AuthenticationError",
    "cancel:requested graceful",
    "cancel:completed graceful",
    'execution:end cancelled ""',
    "orchestrator:complete cancelled turns=1",
  ]);
});

test("the wrap-up call is taken to the next provider too, as one", async () => {
  const next = provider("next", 200, "So far");
  const { lines } = await playTurn({
    script: [answer(toolCall("c1", "clock")), fails(noKey)],
    others: [next],
    tools: [tool("clock", () => Promise.resolve("noon"))],
    config: { max_turns: 1 },
  });
  expect(lines.slice(-11)).toEqual([
    "provider:request #1 wrap-up",
    "provider:error #1 AuthenticationError recovered",
    "provider:fallback scripted next AuthenticationError",
    "provider:request #1 wrap-up again",
    "content_block:start 1 text",
    'content_block:delta 1 "So far"',
    'content_block:end 1 "So far"',
    "provider:response #1 stop",
    'context:message assistant: "So far"',
    'execution:end incomplete "So far" stop max_turns',
    "orchestrator:complete incomplete turns=1",
  ]);
  expect(next.requests[0]).toMatchObject({ tool_choice: "none" });
});

test("a provider that fails before it streams is failed over from like any other", async () => {
  const next = provider("next", 200, "Hello");
  const made = await loopSession({ script: [], others: [next], config: STEADY });
  made.provider.stream = () => {
    throw noKey;
  };
  const { lines } = await finishTurn(made, recordTurn(made.session, "Hi"));
  expect(lines.slice(3)).toEqual(["provider:request #1 again", ...answered("Hello")]);
});
