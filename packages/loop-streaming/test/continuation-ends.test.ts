/**
 * How long an answer is gone on with, and what becomes of it when going on is stopped, steered, denied or fails: what the
 * consumer has seen is kept, whole.
 */
import { type InlineHook, LLMError } from "amplifier-core";
import {
  answer,
  type Answer,
  breaksOff,
  fails,
  finish,
  gate,
  hangs,
  outlineEvents,
  recordTurn,
  runTurn,
  ScriptedProvider,
  text,
  thinking,
  toolCall,
  unfinished,
} from "amplifier-testkit";
import { describe, expect, test } from "vitest";
import { loopSession, type LoopSetup } from "./loop-session.ts";
import {
  dataOf,
  dropped,
  finishTurn,
  overloaded,
  type PlayedTurn,
  playTurn,
  STEADY,
  timesOf,
} from "./recovered-turn.ts";
import { tool } from "./test-tools.ts";

const cut = (...deltas: readonly string[]): Answer => answer(unfinished(text(...deltas)), fails(dropped));
const full = (...deltas: readonly string[]): Answer => answer(text(...deltas), finish("length"));
const broken = (said: string): readonly string[] => [
  "provider:request #1",
  "content_block:start 0 text",
  `content_block:delta 0 "${said}"`,
  `content_block:end 0 "${said}" (interrupted)`,
  "llm:stream_aborted StreamError",
  "provider:error #1 StreamError recovered",
];
const part = (index: number, said: string, reason: string): readonly string[] => [
  `content_block:start ${index} text${index === 0 ? "" : " continues"}`,
  `content_block:delta ${index} "${said}"`,
  `content_block:end ${index} "${said}"`,
  `provider:response #1 ${reason}`,
];

describe("an answer that the output limit cuts", () => {
  test("runs to its natural end: one message, one text block, one text for the consumer", async () => {
    const { lines, shown, stored, events, context } = await playTurn({
      script: [full("One,"), full(" two,"), full(" three,"), answer(text(" four."))],
    });
    const whole = "One, two, three, four.";
    expect(lines).toEqual([
      "provider:request #1",
      ...part(0, "One,", "length"),
      "provider:request #1 again",
      ...part(1, " two,", "length"),
      "provider:request #1 again",
      ...part(2, " three,", "length"),
      "provider:request #1 again",
      ...part(3, " four.", "stop"),
      `context:message assistant: "${whole}"`,
      `execution:end success "${whole}" stop`,
      "orchestrator:complete success turns=1 continued",
    ]);
    expect(shown).toBe(whole);
    expect(stored).toEqual(['user: "Hi"', `assistant: "${whole}"`]);
    expect((await context.getMessages())[1]).toEqual({ role: "assistant", content: [{ type: "text", text: whole }] });
    expect(dataOf(events, "content_block:start")).toEqual([
      { iteration: 1, block_index: 0, block_type: "text" },
      ...[1, 2, 3].map((block_index) => ({ iteration: 1, block_index, block_type: "text", continues: true })),
    ]);
    expect(dataOf(events, "orchestrator:complete")).toEqual([
      { orchestrator: "loop-streaming", turn_count: 1, status: "success", continued: true },
    ]);
  });

  test("is incomplete after max_continuations, and what came is kept", async () => {
    const { lines, failure, stored } = await playTurn({
      script: [full("One,"), full(" two,"), full(" three,")],
      config: { max_continuations: 2 },
    });
    expect(failure).toBeUndefined();
    expect(lines.slice(-4)).toEqual([
      "provider:response #1 length",
      'context:message assistant: "One, two, three,"',
      'execution:end incomplete "One, two, three," length max_output_tokens',
      "orchestrator:complete incomplete turns=1 continued",
    ]);
    expect(stored).toEqual(['user: "Hi"', 'assistant: "One, two, three,"']);
  });

  test("is not continued at all where the plan says 0", async () => {
    const { lines } = await playTurn({ script: [full("One,")], config: { max_continuations: 0 } });
    expect(lines).toEqual([
      "provider:request #1",
      ...part(0, "One,", "length"),
      'context:message assistant: "One,"',
      'execution:end incomplete "One," length max_output_tokens',
      "orchestrator:complete incomplete turns=1",
    ]);
  });

  test("may break on its way, and each counts", async () => {
    const { shown, failure, stored } = await playTurn({
      script: [full("One,"), cut(" two,"), full(" three,"), answer(text(" four."))],
    });
    expect(failure).toBeUndefined();
    expect(shown).toBe("One, two, three, four.");
    expect(stored).toEqual(['user: "Hi"', 'assistant: "One, two, three, four."']);
  });

  test("is not continued when it was all thought", async () => {
    const { lines, session } = await playTurn({ script: [answer(thinking("Hm"), finish("length"))] });
    expect(lines.slice(-2)).toEqual([
      'execution:end incomplete "" length max_output_tokens',
      "orchestrator:complete incomplete turns=1",
    ]);
    expect(session.lastTurn).toMatchObject({ status: "incomplete", limit: "max_output_tokens" });
  });

  test("is not continued when it calls a tool: the loop goes on with the result", async () => {
    const { stored, lines } = await playTurn({
      script: [answer(text("I look"), toolCall("c1", "clock"), finish("length")), answer(text("Noon"))],
      tools: [tool("clock", () => Promise.resolve("noon"))],
    });
    expect(lines.filter((line) => line.startsWith("provider:request"))).toEqual([
      "provider:request #1",
      "provider:request #2",
    ]);
    expect(stored).toEqual([
      'user: "Hi"',
      'assistant: "I look", call c1 clock{}',
      'tool(c1): "noon"',
      'assistant: "Noon"',
    ]);
  });

  test("has its continuations anew in the next iteration", async () => {
    const { stored } = await playTurn({
      script: [full("I"), answer(text(" look"), toolCall("c1", "clock")), full("No"), answer(text("on"))],
      tools: [tool("clock", () => Promise.resolve("noon"))],
      config: { max_continuations: 1 },
    });
    expect(stored).toEqual([
      'user: "Hi"',
      'assistant: "I look", call c1 clock{}',
      'tool(c1): "noon"',
      'assistant: "Noon"',
    ]);
  });

  test("continues in the wrap-up call too", async () => {
    const { lines, provider, session } = await playTurn({
      script: [answer(toolCall("c1", "clock")), full("So"), answer(text(" far"))],
      tools: [tool("clock", () => Promise.resolve("noon"))],
      config: { max_turns: 1 },
    });
    expect(lines.filter((line) => line.startsWith("provider:request"))).toEqual([
      "provider:request #1",
      "provider:request #1 wrap-up",
      "provider:request #1 wrap-up again",
    ]);
    expect(provider.requests[2]).toMatchObject({ tool_choice: "none" });
    expect(session.lastTurn).toMatchObject({ status: "incomplete", limit: "max_turns", text: "So far" });
  });
});

describe("an answer whose stream breaks", () => {
  test("more often than max_continuations is kept as far as it came, and the last error thrown", async () => {
    const last = new LLMError("NetworkError", "gone for good");
    const { lines, failure, stored, session } = await playTurn({
      script: [cut("One,"), answer(unfinished(text(" two,")), fails(last))],
      config: { max_continuations: 1 },
    });
    expect(failure?.error).toBe(last);
    expect(lines).toEqual([
      ...broken("One,"),
      "provider:request #1 again",
      "content_block:start 1 text continues",
      'content_block:delta 1 " two,"',
      'content_block:end 1 " two," (interrupted)',
      "llm:stream_aborted NetworkError",
      "provider:error #1 NetworkError",
      'context:message assistant: "One, two," (interrupted)',
      'execution:end error "One, two," NetworkError',
      "orchestrator:complete error turns=1 continued",
    ]);
    expect(stored).toEqual(['user: "Hi"', 'assistant: "One, two," (interrupted)']);
    expect(session.lastTurn).toMatchObject({ status: "error", text: "One, two," });
  });

  test("for a reason that will stay is kept, and the error thrown", async () => {
    const filtered = new LLMError("ContentFilterError", "no");
    const { failure, stored } = await playTurn({ script: [answer(unfinished(text("One,")), fails(filtered))] });
    expect(failure?.error).toBe(filtered);
    expect(stored).toEqual(['user: "Hi"', 'assistant: "One," (interrupted)']);
  });

  test("then the next prompt works", async () => {
    const made = await playTurn({ script: [cut("One,"), answer(text("Two"))], config: { max_continuations: 0 } });
    expect(made.failure?.error).toBe(dropped);
    await runTurn(made.session, "And?");
    expect(made.session.lastTurn).toMatchObject({ status: "success", text: "Two" });
  });
});

describe("an answer of a certain form", () => {
  const JSON_OBJECT = { response_format: { type: "json_object" } } as const;

  test("is not continued when it breaks: the partial is kept, and the original error thrown", async () => {
    const { lines, failure, stored } = await playTurn({ script: [cut('{"a": 1')] }, "Hi", JSON_OBJECT);
    expect(failure?.error).toBe(dropped);
    expect(lines).toEqual([
      ...broken('{\\"a\\": 1').slice(0, -1),
      "provider:error #1 StreamError",
      'context:message assistant: "{\\"a\\": 1" (interrupted)',
      'execution:end error "{\\"a\\": 1" StreamError',
      "orchestrator:complete error turns=1",
    ]);
    expect(stored).toEqual(['user: "Hi"', 'assistant: "{\\"a\\": 1" (interrupted)']);
  });

  test("nor when the output limit cut it", async () => {
    const script = [answer(text('{"a": 1'), finish("length"))];
    const { session } = await playTurn({ script }, "Hi", JSON_OBJECT);
    expect(session.lastTurn).toMatchObject({ status: "incomplete", limit: "max_output_tokens", text: '{"a": 1' });
  });

  test("text is none", async () => {
    const script = [cut("Hel"), answer(text("lo"))];
    const { shown } = await playTurn({ script }, "Hi", { response_format: { type: "text" } });
    expect(shown).toBe("Hello");
  });
});

describe("a continuation that fails before its first delta", () => {
  const goneOn = (index: number): readonly string[] => [
    `content_block:start ${index} text continues`,
    `content_block:delta ${index} "lo"`,
    `content_block:end ${index} "lo"`,
    "provider:response #1 stop",
    'context:message assistant: "Hello"',
    'execution:end success "Hello" stop',
    "orchestrator:complete success turns=1 continued",
  ];

  test("is made again, the same", async () => {
    const { lines, provider, events } = await playTurn({
      script: [cut("Hel"), fails(overloaded), answer(text("lo"))],
    });
    expect(lines).toEqual([
      ...broken("Hel"),
      "provider:request #1 again",
      "provider:retry #1 1 1000ms ProviderUnavailableError",
      ...goneOn(1),
    ]);
    expect(timesOf(events, "execution:end")).toEqual([1000]);
    expect(provider.requests[2]).toEqual(provider.requests[1]);
  });

  test("is taken to the next provider, which goes on with the text of the first", async () => {
    const next = new ScriptedProvider([answer(text("lo"))], { name: "next" });
    const refused = new LLMError("AuthenticationError", "key expired");
    const { lines, provider } = await playTurn({ script: [cut("Hel"), fails(refused)], others: [next] });
    expect(lines).toEqual([
      ...broken("Hel"),
      "provider:request #1 again",
      "provider:error #1 AuthenticationError recovered",
      "provider:fallback scripted next AuthenticationError",
      "provider:request #1 again",
      ...goneOn(1),
    ]);
    expect(next.requests[0]).toEqual(provider.requests[1]);
  });

  test("for good keeps the partial and throws its own error", async () => {
    const refused = new LLMError("InvalidRequestError", "too many messages");
    const { lines, failure, stored } = await playTurn({ script: [cut("Hel"), fails(refused)] });
    expect(failure?.error).toBe(refused);
    expect(lines.slice(6)).toEqual([
      "provider:request #1 again",
      "provider:error #1 InvalidRequestError",
      'context:message assistant: "Hel" (interrupted)',
      'execution:end error "Hel" InvalidRequestError',
      "orchestrator:complete error turns=1 continued",
    ]);
    expect(stored).toEqual(['user: "Hi"', 'assistant: "Hel" (interrupted)']);
  });
});

describe("a continuation that is stopped", () => {
  /** Stops when the event `at` is published; the provider then still owes an answer. */
  async function stoppedAt(at: string, script: readonly Answer[], setup: Partial<LoopSetup> = {}): Promise<PlayedTurn> {
    const made = await loopSession({ script, config: STEADY, ...setup });
    const detach = made.session.coordinator.hooks.attach({
      push: (event) => {
        if (outlineEvents([event])[0] === at) made.session.cancel("graceful");
      },
      room: () => undefined,
    });
    const played = await finishTurn(made, recordTurn(made.session, "Hi"));
    detach();
    return played;
  }
  const cancelled = (said: string): readonly string[] => [
    `context:message assistant: "${said}" (interrupted)`,
    "cancel:requested graceful",
    "cancel:completed graceful",
    `execution:end cancelled "${said}"`,
    "orchestrator:complete cancelled turns=1 continued",
  ];

  test("before it was asked keeps the partial", async () => {
    const { lines } = await stoppedAt("provider:request #1 again", [cut("Hel")]);
    expect(lines).toEqual([
      ...broken("Hel"),
      "provider:request #1 again",
      "provider:error #1 AbortError",
      ...cancelled("Hel"),
    ]);
  });

  test("in its middle keeps the partial and what came of it", async () => {
    const { lines } = await stoppedAt('content_block:delta 1 "lo"', [
      cut("Hel"),
      answer(unfinished(text("lo")), hangs()),
    ]);
    expect(lines).toEqual([
      ...broken("Hel"),
      "provider:request #1 again",
      "content_block:start 1 text continues",
      'content_block:delta 1 "lo"',
      'content_block:end 1 "lo" (interrupted)',
      "llm:stream_aborted AbortError",
      "provider:error #1 AbortError",
      ...cancelled("Hello"),
    ]);
  });

  test("while its beginning is held shows that too, unless it only repeats", async () => {
    const said = "The quick brown fox jumps over the lazy dog";
    for (const [held, shown] of [
      ["over the", "over the"],
      ["The quick brown fox jumps", ""],
    ] as const) {
      const reading = gate();
      const made = await loopSession({
        script: [cut(said), answer(unfinished(text(held)), reading, hangs())],
        config: STEADY,
      });
      const turn = recordTurn(made.session, "Hi");
      await reading.reached;
      made.session.cancel("immediate");
      expect((await finishTurn(made, turn)).stored).toEqual([
        'user: "Hi"',
        `assistant: "${said}${shown}" (interrupted)`,
      ]);
    }
  });

  test("before it began: no continuation is asked for", async () => {
    const { lines } = await stoppedAt("provider:error #1 StreamError recovered", [cut("Hel")]);
    expect(lines).toEqual([...broken("Hel"), ...cancelled("Hel").map((line) => line.replace(" continued", ""))]);
  });

  test("by a steer keeps the partial, and the model is asked with the steer", async () => {
    const made = await loopSession({
      script: [cut("Hel"), answer(unfinished(text("lo")), hangs()), answer(text("Brief."))],
      config: STEADY,
    });
    const turn = recordTurn(made.session, "Hi", {
      onEvent: (event) => {
        if (outlineEvents([event])[0] === 'content_block:delta 1 "lo"') made.session.steer("Shorter!", { mode: "now" });
      },
    });
    const { lines, stored } = await finishTurn(made, turn);
    expect(lines.slice(6)).toEqual([
      "provider:request #1 again",
      "content_block:start 1 text continues",
      'content_block:delta 1 "lo"',
      'content_block:end 1 "lo" (interrupted)',
      "llm:stream_aborted AbortError",
      "provider:error #1 AbortError recovered",
      'context:message assistant: "Hello" (interrupted)',
      'context:message user: "Shorter!"',
      'orchestrator:steering_injected now "Shorter!"',
      "provider:request #2",
      "content_block:start 0 text",
      'content_block:delta 0 "Brief."',
      'content_block:end 0 "Brief."',
      "provider:response #2 stop",
      'context:message assistant: "Brief."',
      'execution:end success "Brief." stop',
      "orchestrator:complete success turns=2 continued",
    ]);
    expect(stored).toEqual([
      'user: "Hi"',
      'assistant: "Hello" (interrupted)',
      'user: "Shorter!"',
      'assistant: "Brief."',
    ]);
  });
});

describe("hooks", () => {
  const onAgain = (result: object): InlineHook => ({
    name: "guard",
    events: { "provider:request": (_, { again }) => (again ? result : undefined) },
  });

  test("that deny the continuation keep the partial, and the turn is denied", async () => {
    const hook = onAgain({ action: "deny", reason: "enough" });
    const { lines, failure, stored } = await playTurn({ script: [cut("Hel")], hooks: [hook] });
    expect(failure).toBeUndefined();
    expect(lines).toEqual([
      ...broken("Hel"),
      "provider:request #1 again",
      'context:message assistant: "Hel" (interrupted)',
      'execution:end denied "Operation denied: enough"',
      "orchestrator:complete denied turns=1 continued",
    ]);
    expect(stored).toEqual(['user: "Hi"', 'assistant: "Hel" (interrupted)']);
  });

  test("that put text into each request put it there once, in front of what is to be continued", async () => {
    const reminder: InlineHook = {
      name: "reminder",
      events: {
        "provider:request": () => ({
          action: "inject_context",
          context_injection: "Be brief.",
          context_injection_role: "user",
          ephemeral: true,
        }),
        "prompt:submit": () => ({ action: "inject_context", context_injection: "Be kind.", ephemeral: true }),
      },
    };
    const { provider, stored } = await playTurn({
      script: [cut("Hel"), fails(overloaded), answer(unfinished(text("lo")), breaksOff()), answer(text("!"))],
      hooks: [reminder],
    });
    const said = provider.requests.map(({ messages }) =>
      messages.map(({ role, content }) => (role === "assistant" ? "…" : content)),
    );
    const told = expect.stringContaining("Your answer was cut off.");
    expect(said).toEqual([
      ["Hi", "Be kind.", "Be brief."],
      ["Hi", "Be kind.", "Be brief.", "…", told],
      ["Hi", "Be kind.", "Be brief.", "…", told],
      ["Hi", "Be kind.", "Be brief.", "…", told],
    ]);
    expect(stored).toEqual(['user: "Hi"', 'assistant: "Hello!"']);
  });

  test("that change the model of the continuation have it asked of that model", async () => {
    const hook = onAgain({ action: "modify", data: { model: "small" } });
    const { provider } = await playTurn({ script: [cut("Hel"), answer(text("lo"))], hooks: [hook] });
    expect(provider.requests.map(({ model }) => model)).toEqual([undefined, "small"]);
  });
});

test("continuations keep the pace between calls", async () => {
  const { lines, events } = await playTurn({
    script: [full("Hel"), answer(text("lo"))],
    config: { min_delay_between_calls_ms: 3000 },
  });
  expect(lines.slice(5, 7)).toEqual(["provider:request #1 again", "orchestrator:rate_limit_delay 3000ms"]);
  expect(timesOf(events, "execution:end")).toEqual([3000]);
});
