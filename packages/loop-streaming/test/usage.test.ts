/**
 * What a turn has cost: what the servers counted is summed exactly over all its calls, what nobody counted is estimated
 * and shown apart, and what no server took on costs nothing. Each call is counted once.
 */
import { LLMError, NO_USAGE, type Usage } from "amplifier-core";
import {
  answer,
  breaksOff,
  fails,
  finish,
  gate,
  hangs,
  recordTurn,
  ScriptedProvider,
  text,
  toolCall,
  unchecked,
  unfinished,
  usage,
} from "amplifier-testkit";
import { describe, expect, test } from "vitest";
import { loopSession } from "./loop-session.ts";
import { dataOf, dropped, finishTurn, overloaded, type PlayedTurn, playTurn, STEADY } from "./recovered-turn.ts";
import { tool } from "./test-tools.ts";

const tokens = (input: number, output: number, rest: Partial<Usage> = {}): Usage => ({
  input_tokens: input,
  output_tokens: output,
  total_tokens: input + output,
  ...rest,
});
const estimate = (input: number, output: number): Usage => tokens(input, output, { estimated: true });
/** Of the request of these tests, `[{"role":"user","content":"Hi"}]` and its envelope: a quarter of its characters. */
const ASKED = Math.ceil(JSON.stringify({ messages: [{ role: "user", content: "Hi" }] }).length / 4);
const noon = tool("clock", () => Promise.resolve("noon"));

/** What `execution:end` and the session say a turn has cost. */
function costOf({ events, session }: PlayedTurn): { readonly usage: Usage; readonly estimated: Usage | null } {
  const [end] = dataOf(events, "execution:end") as readonly { usage: Usage; estimated_usage?: Usage }[];
  expect(session.lastTurn).toMatchObject({ usage: end?.usage });
  return { usage: end?.usage ?? NO_USAGE, estimated: end?.estimated_usage ?? null };
}

describe("what the servers counted", () => {
  test("is summed exactly over iterations, a continuation and the wrap-up", async () => {
    const played = await playTurn({
      script: [
        answer(usage(tokens(100, 7, { cache_read_tokens: 40, cost_usd: "0.0011" })), text("I l"), finish("length")),
        answer(usage(tokens(110, 3, { cost_usd: "0.0002" })), text("ook"), toolCall("c1", "clock")),
        answer(usage(tokens(120, 5, { reasoning_tokens: 4 })), text("Noon")),
      ],
      tools: [noon],
      config: { max_turns: 1 },
    });
    expect(costOf(played)).toEqual({
      usage: tokens(330, 15, { cache_read_tokens: 40, reasoning_tokens: 4, cost_usd: "0.0013" }),
      estimated: null,
    });
    expect(dataOf(played.events, "provider:response")).toMatchObject([
      { usage: { total_tokens: 107 } },
      { usage: { total_tokens: 113 } },
      { usage: { total_tokens: 125 } },
    ]);
  });

  test("of a call is its last count, not their sum", async () => {
    const script = [answer(usage(tokens(10, 1)), text("Hello"), usage(tokens(10, 2)), usage(tokens(10, 3)))];
    expect(costOf(await playTurn({ script }))).toEqual({ usage: tokens(10, 3), estimated: null });
  });

  test("over two providers is one sum", async () => {
    const next = new ScriptedProvider([answer(usage(tokens(20, 2)), text("lo"))], { name: "next" });
    const noKey = new LLMError("AuthenticationError", "key expired");
    const played = await playTurn({
      script: [answer(usage(tokens(10, 1)), unfinished(text("Hel")), fails(dropped)), fails(noKey)],
      others: [next],
    });
    expect(costOf(played)).toEqual({ usage: tokens(30, 3), estimated: null });
  });

  test("before an attempt failed is not lost when it is made again", async () => {
    const counted = tokens(10, 1);
    const played = await playTurn({ script: [answer(usage(counted), fails(overloaded)), answer(text("Hello"))] });
    expect(dataOf(played.events, "provider:retry")).toMatchObject([{ usage: counted }]);
    expect(costOf(played)).toEqual({ usage: tokens(20, 6), estimated: null });
  });

  test("is counted once when the wait for the next attempt is stopped", async () => {
    const counted = tokens(10, 1);
    const made = await loopSession({ script: [answer(usage(counted), fails(overloaded))], config: STEADY });
    const turn = recordTurn(made.session, "Hi");
    await made.clock.advance(500);
    made.session.cancel("graceful");
    expect(costOf(await finishTurn(made, turn))).toEqual({ usage: counted, estimated: null });
  });
});

describe("what nobody counted", () => {
  test("of a whole answer is estimated, and said to be", async () => {
    const whole = answer(usage(NO_USAGE), text("12345678"));
    const silent = {
      ...whole,
      steps: whole.steps.map((step) =>
        step.kind === "read" ? { ...step, events: step.events.filter(({ type }) => type !== "usage") } : step,
      ),
    };
    const played = await playTurn({ script: [silent] });
    expect(dataOf(played.events, "provider:response")).toMatchObject([{ usage: estimate(ASKED, 2) }]);
    expect(costOf(played)).toEqual({ usage: NO_USAGE, estimated: estimate(ASKED, 2) });
  });

  test("of a broken answer is estimated apart: what was asked, and what came", async () => {
    const played = await playTurn({
      script: [answer(unfinished(text("12345678")), fails(dropped))],
      config: { max_continuations: 0 },
    });
    expect(dataOf(played.events, "provider:error")).toMatchObject([{ estimated_usage: estimate(ASKED, 2) }]);
    expect(costOf(played)).toEqual({ usage: NO_USAGE, estimated: estimate(ASKED, 2) });
  });

  test("where the server had counted a part is only the rest", async () => {
    const played = await playTurn({
      script: [answer(usage(tokens(9, 1)), unfinished(text("12345678")), fails(dropped)), answer(text("9"))],
    });
    expect(dataOf(played.events, "provider:error")).toMatchObject([
      { usage: tokens(9, 1), estimated_usage: estimate(0, 1) },
    ]);
    expect(costOf(played)).toEqual({ usage: tokens(19, 6), estimated: estimate(0, 1) });
  });

  test("includes what came whole, without deltas", async () => {
    const whole = unchecked(
      { type: "block_start", index: 0, block: { type: "text" } },
      { type: "block_end", index: 0, block: { type: "text", text: "12345678" } },
    );
    const script = [answer(whole, fails(dropped))];
    const played = await playTurn({ script, config: { max_continuations: 0 } });
    expect(costOf(played).estimated).toEqual(estimate(ASKED, 2));
  });

  test("includes the arguments of a call that was cut", async () => {
    const cut = unfinished({ ...toolCall("c1", "clock"), deltas: [`{"zone": "${"x".repeat(31)}`] });
    const script = [answer(usage(tokens(9, 0)), cut, fails(dropped)), answer(text("Noon"))];
    expect(costOf(await playTurn({ script, tools: [noon] })).estimated).toEqual(estimate(0, 11));
  });

  test("includes what was said again and not shown", async () => {
    const said = "The quick brown fox jumps over the lazy dog.";
    const script = [
      answer(usage(tokens(9, 11)), unfinished(text(said)), fails(dropped)),
      answer(usage(tokens(9, 0)), unfinished(text(said.slice(0, 40))), breaksOff()),
      answer(text(" The end.")),
    ];
    expect(costOf(await playTurn({ script })).estimated).toEqual(estimate(0, 10));
  });

  test("of a stopped answer is estimated apart", async () => {
    for (const [counted, expected] of [
      [[], { usage: NO_USAGE, estimated: estimate(ASKED, 2) }],
      [[usage(tokens(9, 1))], { usage: tokens(9, 1), estimated: estimate(0, 1) }],
    ] as const) {
      const reading = gate();
      const made = await loopSession({
        script: [answer(...counted, unfinished(text("12345678")), reading, hangs())],
        config: STEADY,
      });
      const turn = recordTurn(made.session, "Hi");
      await reading.reached;
      made.session.cancel("immediate");
      expect(costOf(await finishTurn(made, turn))).toEqual(expected);
    }
  });

  test("of an answer the model had not begun when it was stopped is what was asked", async () => {
    const made = await loopSession({ script: [hangs()], config: STEADY });
    const turn = recordTurn(made.session, "Hi");
    await made.clock.advance(1);
    made.session.cancel("graceful");
    expect(costOf(await finishTurn(made, turn))).toEqual({ usage: NO_USAGE, estimated: estimate(ASKED, 0) });
  });

  test("of each attempt that was left for its silence is what was asked", async () => {
    const played = await playTurn({ script: [hangs(), hangs()], config: { first_token_timeout: 5 } });
    expect(dataOf(played.events, "provider:retry")).toMatchObject([{ estimated_usage: estimate(ASKED, 0) }]);
    expect(costOf(played)).toEqual({ usage: NO_USAGE, estimated: estimate(2 * ASKED, 0) });
  });

  test("of a steered answer is estimated apart", async () => {
    const reading = gate();
    const made = await loopSession({
      script: [answer(usage(tokens(9, 1)), unfinished(text("12345678")), reading, hangs()), answer(text("Fine"))],
      config: STEADY,
    });
    const turn = recordTurn(made.session, "Hi");
    await reading.reached;
    made.session.steer("Shorter!", { mode: "now" });
    expect(costOf(await finishTurn(made, turn))).toEqual({ usage: tokens(19, 6), estimated: estimate(0, 1) });
  });
});

describe("nothing is counted", () => {
  test("of a request that was refused", async () => {
    const played = await playTurn({ script: [fails(overloaded), fails(overloaded), fails(overloaded)] });
    expect(costOf(played)).toEqual({ usage: NO_USAGE, estimated: null });
    const [error] = dataOf(played.events, "provider:error");
    expect(error).not.toHaveProperty("usage");
    expect(error).not.toHaveProperty("estimated_usage");
  });

  test("of a call that was stopped before it was made", async () => {
    const made = await loopSession({
      script: [answer(toolCall("c1", "clock"))],
      tools: [noon],
      config: { ...STEADY, min_delay_between_calls_ms: 3000 },
    });
    const turn = recordTurn(made.session, "Hi");
    await made.clock.advance(1000);
    made.session.cancel("immediate");
    expect(costOf(await finishTurn(made, turn))).toEqual({ usage: tokens(10, 5), estimated: null });
  });
});
