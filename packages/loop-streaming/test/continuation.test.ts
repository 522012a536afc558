/**
 * An answer whose stream broke is gone on with from its last character: what the model is asked, and that the consumer sees
 * one text, no word twice and none missing.
 */
import type { ChatRequest, Message, ModelInfo } from "amplifier-core";
import {
  answer,
  type Answer,
  type AnswerPart,
  breaksOff,
  fails,
  hangs,
  oneRead,
  signed,
  text,
  thinking,
  toolCall,
  unchecked,
  unfinished,
} from "amplifier-testkit";
import { describe, expect, test } from "vitest";
import type { LoopSetup } from "./loop-session.ts";
import { dropped, overloaded, type PlayedTurn, playTurn, shownText } from "./recovered-turn.ts";
import { tool } from "./test-tools.ts";

const PARTIAL = "The quick brown fox jumps over the lazy dog and runs";
const cut = (...deltas: readonly string[]): Answer => answer(unfinished(text(...deltas)), fails(dropped));
const listing = (...models: readonly ModelInfo[]): Pick<LoopSetup, "listModels"> => ({
  listModels: () => Promise.resolve(models),
});
const PREFILLS = listing({ id: "scripted-1", supportsPrefill: true });
const instruction = (tail: string): Message => ({
  role: "user",
  content:
    "Your answer was cut off. Go on with it exactly where it ends, in the middle of a word if need be. Repeat nothing of " +
    `it, do not begin again, and say nothing about this. It ends with: ${JSON.stringify(tail)}`,
});
/** What the model is sent behind the person's prompt. */
const sent = (request: ChatRequest | undefined): readonly Message[] => (request?.messages ?? []).slice(1);
const said = (...blocks: readonly object[]): Message => ({ role: "assistant", content: blocks as never });

/** The lines from the break to the end of a turn whose second call shows `shows`, the whole answer being `whole`. */
const continued = (whole: string, shows: readonly string[], first = 1): readonly string[] => [
  "llm:stream_aborted StreamError",
  "provider:error #1 StreamError recovered",
  "provider:request #1 again",
  `content_block:start ${first} text continues`,
  ...shows.map((each) => `content_block:delta ${first} ${JSON.stringify(each)}`),
  `content_block:end ${first} ${JSON.stringify(shows.join(""))}`,
  "provider:response #1 stop",
  `context:message assistant: ${JSON.stringify(whole)}`,
  `execution:end success ${JSON.stringify(whole)} stop`,
  "orchestrator:complete success turns=1 continued",
];
const broken = (...deltas: readonly string[]): readonly string[] => [
  "provider:request #1",
  "content_block:start 0 text",
  ...deltas.map((each) => `content_block:delta 0 ${JSON.stringify(each)}`),
  `content_block:end 0 ${JSON.stringify(deltas.join(""))} (interrupted)`,
];
/** Plays an answer that breaks after `deltas`, and what the model goes on with. */
const goingOn = (
  deltas: readonly string[],
  rest: readonly string[],
  setup: Partial<LoopSetup> = {},
): Promise<PlayedTurn> => playTurn({ script: [cut(...deltas), answer(text(...rest))], ...setup });

describe("a model that takes a prefill", () => {
  test("is handed its own text and goes on with it", async () => {
    const { lines, shown, stored, provider } = await goingOn(["Hel", "lo, wor"], ["ld", "!"], PREFILLS);
    expect(lines).toEqual([...broken("Hel", "lo, wor"), ...continued("Hello, world!", ["ld", "!"])]);
    expect(shown).toBe("Hello, world!");
    expect(stored).toEqual(['user: "Hi"', 'assistant: "Hello, world!"']);
    expect(sent(provider.requests[1])).toEqual([said({ type: "text", text: "Hello, wor", interrupted: true })]);
  });

  test("is not given white space at the end, which is put back", async () => {
    const { lines, stored, provider } = await goingOn(["Hello,\n\n"], ["world"], PREFILLS);
    expect(lines).toEqual([...broken("Hello,\n\n"), ...continued("Hello,\n\nworld", ["world"])]);
    expect(stored).toEqual(['user: "Hi"', 'assistant: "Hello,\\n\\nworld"']);
    expect(sent(provider.requests[1])).toEqual([said({ type: "text", text: "Hello,", interrupted: true })]);
  });

  test.each([
    ["the same", " world"],
    ["none", "world"],
  ])("and that it says %s itself changes nothing", async (_name, rest) => {
    expect((await goingOn(["Hello, "], [rest], PREFILLS)).shown).toBe("Hello, world");
  });

  test("repeats what it likes: there is nothing to compare", async () => {
    const { shown } = await goingOn([PARTIAL], [` ${PARTIAL}`], PREFILLS);
    expect(shown).toBe(`${PARTIAL} ${PARTIAL}`);
  });

  test.each<readonly [string, Partial<LoopSetup>, Answer]>([
    [
      "is asked in words when it has thought",
      PREFILLS,
      answer(signed(thinking("Hm"), "sig"), unfinished(text("Hel")), fails(dropped)),
    ],
    ["or is to think", { ...PREFILLS, config: { reasoning_effort: "low" } }, cut("Hel")],
    ["or when another model of its provider takes it", listing({ id: "other", supportsPrefill: true }), cut("Hel")],
  ])("%s", async (...[, setup, first]) => {
    const { provider, shown } = await playTurn({ script: [first, answer(text("lo"))], ...setup });
    expect(provider.requests[1]?.messages.at(-1)).toEqual(instruction("Hel"));
    expect(shown).toBe("Hello");
  });

  test("is known by the model the caller asked for", async () => {
    const models = listing({ id: "big", supportsPrefill: true }, { id: "scripted-1" });
    const { provider } = await playTurn({ script: [cut("Hel"), answer(text("lo"))], ...models }, "Hi", {
      model: "big",
    });
    expect(provider.requests[1]?.messages.at(-1)?.role).toBe("assistant");
  });

  test.each<readonly [string, NonNullable<LoopSetup["listModels"]>]>([
    ["cannot say", () => Promise.reject(new Error("no list"))],
    ["does not say within 2 s", () => new Promise(() => undefined)],
  ])("is asked in words when its provider %s what it takes", async (_name, listModels) => {
    const { provider, shown } = await goingOn(["Hel"], ["lo"], { listModels });
    expect(provider.requests[1]?.messages.at(-1)).toEqual(instruction("Hel"));
    expect(shown).toBe("Hello");
  });
});

describe("any other model", () => {
  test("is shown what it said, reminded of its last words, and told to go on", async () => {
    const { lines, shown, stored, provider } = await goingOn([PARTIAL], [" away.", " The end."]);
    expect(lines).toEqual([...broken(PARTIAL), ...continued(`${PARTIAL} away. The end.`, [" away.", " The end."])]);
    expect(shown).toBe(`${PARTIAL} away. The end.`);
    expect(stored).toEqual(['user: "Hi"', `assistant: "${PARTIAL} away. The end."`]);
    expect(sent(provider.requests[1])).toEqual([
      said({ type: "text", text: PARTIAL, interrupted: true }),
      instruction(PARTIAL),
    ]);
  });

  test("is reminded of 80 characters at most, and neither they nor the instruction are stored", async () => {
    const long = `${"x".repeat(200)}${"y".repeat(80)}`;
    const { provider, stored } = await goingOn([long], [" and on"]);
    expect(provider.requests[1]?.messages.at(-1)).toEqual(instruction("y".repeat(80)));
    expect(stored).toEqual(['user: "Hi"', `assistant: "${long} and on"`]);
  });

  test.each<readonly [string, string, readonly string[], readonly string[]]>([
    ["repeats its last words", PARTIAL, ["the lazy dog", " and runs", " away."], [" away."]],
    ["repeats a few words, which may be chance", PARTIAL, [" and runs", " again"], [" and runs", " again"]],
    ["begins again", PARTIAL, ["The quick brown ", "fox jumps over the lazy dog", " and runs away."], [" away."]],
    ["begins again in one piece", PARTIAL, [`${PARTIAL} away.`], [" away."]],
    ["begins a short answer again", "Hello, wor", ["Hel", "lo, world!"], ["ld!"]],
    ["laughs on", "So: ha ha ha ha ha ha ha ha ", ["ha ha ha ha", " ha ha ha"], ["ha ha ha ha ha ha ha"]],
    [
      "laughs on from the first word",
      "ha ha ha ha ha ha ha ha ",
      ["ha ha ha ha ", "ha ha ha!"],
      ["ha ha ha ha ha ha ha!"],
    ],
    ["goes on in a code fence", "```ts\nconst a = 1;\nconst b", [" = 2;\n", "```"], [" = 2;\n", "```"]],
    [
      "opens the fence again",
      "```ts\nconst a = 1;\nconst b",
      ["```ts\nconst a = 1;\n", "const b = 2;\n```"],
      [" = 2;\n```"],
    ],
  ])("that %s shows no word twice and none too few", async (...[, before, rest, shows]) => {
    const { lines, shown, stored } = await goingOn([before], rest);
    const whole = `${before}${shows.join("")}`;
    expect(shown).toBe(whole);
    expect(stored).toEqual(['user: "Hi"', `assistant: ${JSON.stringify(whole)}`]);
    expect(lines).toEqual([...broken(before), ...continued(whole, shows)]);
  });

  test("that begins again and stops where it was cut has said nothing new", async () => {
    const { lines, stored } = await goingOn([PARTIAL], [PARTIAL]);
    expect(lines).toEqual([...broken(PARTIAL), ...continued(PARTIAL, [])]);
    expect(stored).toEqual(['user: "Hi"', `assistant: "${PARTIAL}"`]);
  });
});

describe("what came before the break", () => {
  test("may have been cut in the middle of a character, which is never shown in halves", async () => {
    const { lines, provider } = await goingOn(["Nice \ud83d"], ["\ud83d", "\ude00!"]);
    expect(lines).toEqual([...broken("Nice "), ...continued("Nice 😀!", ["😀!"])]);
    expect(sent(provider.requests[1])[0]).toEqual(said({ type: "text", text: "Nice ", interrupted: true }));
  });

  test("may be thinking only: the same is asked again, and what was thought is kept", async () => {
    const { lines, stored, provider } = await playTurn({
      script: [answer(unfinished(thinking("Hm")), fails(dropped)), answer(thinking("So"), text("Hello"))],
    });
    expect(lines).toEqual([
      "provider:request #1",
      "content_block:start 0 thinking",
      'content_block:delta 0 "Hm"',
      'content_block:end 0 thinking "Hm" (interrupted)',
      "llm:stream_aborted StreamError",
      "provider:error #1 StreamError recovered",
      "provider:request #1 again",
      "content_block:start 1 thinking",
      'content_block:delta 1 "So"',
      'content_block:end 1 thinking "So"',
      "content_block:start 2 text",
      'content_block:delta 2 "Hello"',
      'content_block:end 2 "Hello"',
      "provider:response #1 stop",
      'context:message assistant: thinking "Hm" (interrupted), thinking "So", "Hello"',
      'execution:end success "Hello" stop',
      "orchestrator:complete success turns=1 continued",
    ]);
    expect(stored).toEqual(['user: "Hi"', 'assistant: thinking "Hm" (interrupted), thinking "So", "Hello"']);
    expect(provider.requests[1]).toEqual(provider.requests[0]);
  });

  test("may be thinking and then text: the signed thought goes back, a cut one does not", async () => {
    const { lines, provider } = await playTurn({
      script: [answer(signed(thinking("Hm"), "sig"), unfinished(text("Hel")), fails(dropped)), answer(text("lo"))],
    });
    expect(lines.slice(4)).toEqual([
      "content_block:start 1 text",
      'content_block:delta 1 "Hel"',
      'content_block:end 1 "Hel" (interrupted)',
      ...continued("Hello", ["lo"], 2).map((line) =>
        line.replace('message assistant: "Hello"', 'message assistant: thinking "Hm", "Hello"'),
      ),
    ]);
    expect(sent(provider.requests[1])).toEqual([
      said({ type: "thinking", thinking: "Hm", signature: "sig" }, { type: "text", text: "Hel", interrupted: true }),
      instruction("Hel"),
    ]);
  });

  test("may be text and then a cut thought, which is left out", async () => {
    const { provider, shown } = await playTurn({
      script: [answer(text("Hello"), unfinished(thinking("Hm")), fails(dropped)), answer(text(" again"))],
    });
    expect(sent(provider.requests[1])).toEqual([said({ type: "text", text: "Hello" }), instruction("Hello")]);
    expect(shown).toBe("Hello again");
  });

  test("may be a whole block whose answer never ended", async () => {
    const { shown, stored } = await playTurn({ script: [answer(text("Hel"), breaksOff()), answer(text("lo"))] });
    expect(shown).toBe("Hello");
    expect(stored).toEqual(['user: "Hi"', 'assistant: "Hello"']);
  });

  test("may be white space only: the same is asked again, and the white space is there once", async () => {
    const { shown, stored, provider } = await goingOn(["\n\n"], ["\n\nHello"]);
    expect(provider.requests[1]).toEqual(provider.requests[0]);
    expect(shown).toBe("\n\nHello");
    expect(stored).toEqual(['user: "Hi"', 'assistant: "\\n\\nHello"']);
  });
});

describe("what comes behind", () => {
  test("may think first: the texts are one for the consumer, and the thought is kept", async () => {
    const { lines, shown, stored } = await playTurn({
      script: [cut("Hel"), answer(thinking("Where was I"), text("lo"))],
    });
    expect(shown).toBe("Hello");
    expect(lines.slice(7)).toEqual([
      "content_block:start 1 thinking",
      'content_block:delta 1 "Where was I"',
      'content_block:end 1 thinking "Where was I"',
      "content_block:start 2 text continues",
      'content_block:delta 2 "lo"',
      'content_block:end 2 "lo"',
      "provider:response #1 stop",
      'context:message assistant: thinking "Where was I", "Hello"',
      'execution:end success "Hello" stop',
      "orchestrator:complete success turns=1 continued",
    ]);
    expect(stored).toEqual(['user: "Hi"', 'assistant: thinking "Where was I", "Hello"']);
  });

  test("may come whole, without deltas", async () => {
    const whole = unchecked(
      { type: "block_start", index: 0, block: { type: "text" } },
      { type: "block_end", index: 0, block: { type: "text", text: `${PARTIAL} away.` } },
      { type: "end", finish_reason: "stop" },
    );
    const { shown } = await playTurn({ script: [cut(PARTIAL), answer(whole)] });
    expect(shown).toBe(`${PARTIAL} away.`);
  });

  test("may be a second text, which is none of the first", async () => {
    const { lines, shown } = await playTurn({ script: [cut("Hel"), answer(text("lo."), text("Hello."))] });
    expect(shown).toBe("Hello.Hello.");
    expect(lines.filter((line) => line.startsWith("content_block:start"))).toEqual([
      "content_block:start 0 text",
      "content_block:start 1 text continues",
      "content_block:start 2 text",
    ]);
  });

  test("may call a tool, and the loop goes on", async () => {
    const { stored, lines } = await playTurn({
      script: [cut("Let me l"), answer(text("ook."), toolCall("c1", "clock")), answer(text("Noon"))],
      tools: [tool("clock", () => Promise.resolve("noon"))],
    });
    expect(stored).toEqual([
      'user: "Hi"',
      'assistant: "Let me look.", call c1 clock{}',
      'tool(c1): "noon"',
      'assistant: "Noon"',
    ]);
    expect(lines.filter((line) => line.startsWith("provider:request"))).toEqual([
      "provider:request #1",
      "provider:request #1 again",
      "provider:request #2",
    ]);
  });

  test("may be a call at once, and the text is whole also when the call is cut", async () => {
    const { stored, shown } = await playTurn({
      script: [cut("I look"), answer(unfinished(toolCall("c1", "look")), fails(dropped)), answer(text("."))],
    });
    expect(shown).toBe("I look.");
    expect(stored).toEqual([
      'user: "Hi"',
      'assistant: "I look", call c1 look{} (interrupted)',
      'tool(c1): "This call was cut off before its arguments were complete, so it was not run."',
      'assistant: "."',
    ]);
  });

  test("may break again, and is gone on with from there", async () => {
    const { shown, stored, provider } = await playTurn({
      script: [
        cut(PARTIAL),
        cut(PARTIAL, " away"),
        answer(text("The quick brown fox jumps over the lazy dog and runs away.")),
      ],
    });
    expect(shown).toBe(`${PARTIAL} away.`);
    expect(stored).toEqual(['user: "Hi"', `assistant: "${PARTIAL} away."`]);
    expect(sent(provider.requests[2])).toEqual([
      said({ type: "text", text: `${PARTIAL} away`, interrupted: true }),
      instruction(`${PARTIAL} away`),
    ]);
  });

  test("may be another answer, of which nothing is shown: it is asked once more", async () => {
    const other = text("The quick brown fox jumps over ", "a fence and is gone.");
    const { lines, shown } = await playTurn({ script: [cut(PARTIAL), answer(other), answer(text(" away."))] });
    expect(shown).toBe(`${PARTIAL} away.`);
    expect(lines).toEqual([
      ...broken(PARTIAL),
      "llm:stream_aborted StreamError",
      "provider:error #1 StreamError recovered",
      "provider:request #1 again",
      "content_block:start 1 text continues",
      'content_block:end 1 "" (interrupted)',
      ...continued(`${PARTIAL} away.`, [" away."], 2),
    ]);
  });

  test("and after too many others the partial is kept and the error is theirs", async () => {
    const other = answer(text("The quick brown fox jumps over ", "a fence and is gone."));
    const { failure, shown, stored } = await playTurn({
      script: [cut(PARTIAL), other, other],
      config: { max_continuations: 2 },
    });
    expect(failure?.error).toMatchObject({
      name: "StreamError",
      message: expect.stringContaining("began another one"),
    });
    expect(shown).toBe(PARTIAL);
    expect(stored).toEqual(['user: "Hi"', `assistant: "${PARTIAL}" (interrupted)`]);
  });
});

describe("calls of tools", () => {
  test("that were complete before the break run, and the loop goes on without a continuation", async () => {
    const { lines, stored } = await playTurn({
      script: [answer(text("I look"), toolCall("c1", "clock"), fails(overloaded)), answer(text("Noon"))],
      tools: [tool("clock", () => Promise.resolve("noon"))],
    });
    expect(lines).toEqual([
      "provider:request #1",
      "content_block:start 0 text",
      'content_block:delta 0 "I look"',
      'content_block:end 0 "I look"',
      "content_block:start 1 tool_call c1",
      'content_block:delta 1 "{}"',
      "content_block:end 1 call c1 clock{}",
      "tool:pre c1 run {}",
      "llm:stream_aborted ProviderUnavailableError",
      "provider:error #1 ProviderUnavailableError recovered",
      'context:message assistant: "I look", call c1 clock{}',
      'tool:post c1 "noon"',
      'context:message tool(c1): "noon"',
      "provider:request #2",
      "content_block:start 0 text",
      'content_block:delta 0 "Noon"',
      'content_block:end 0 "Noon"',
      "provider:response #2 stop",
      'context:message assistant: "Noon"',
      'execution:end success "Noon" stop',
      "orchestrator:complete success turns=2",
    ]);
    expect(stored).toEqual([
      'user: "Hi"',
      'assistant: "I look", call c1 clock{}',
      'tool(c1): "noon"',
      'assistant: "Noon"',
    ]);
  });

  test("that were cut never run; the model is told, and calls again", async () => {
    const cutCall = oneRead({ ...unfinished(toolCall("c2", "clock")), deltas: ['{"zone": "Os'] });
    const runs: string[] = [];
    const clock = tool("clock", (_input, { callId }) => Promise.resolve(runs.push(callId)).then(() => "noon"));
    const { lines, stored } = await playTurn({
      script: [
        answer(toolCall("c1", "clock"), cutCall, fails(dropped)),
        answer(toolCall("c2", "clock")),
        answer(text("Noon")),
      ],
      tools: [clock],
    });
    expect(runs).toEqual(["c1", "c2"]);
    expect(stored).toEqual([
      'user: "Hi"',
      "assistant: call c1 clock{}, call c2 clock{} (interrupted)",
      'tool(c1): "noon"',
      'tool(c2): "This call was cut off before its arguments were complete, so it was not run."',
      "assistant: call c2 clock{}",
      'tool(c2): "noon"',
      'assistant: "Noon"',
    ]);
    expect(lines.filter((line) => line.startsWith("tool:"))).toEqual([
      "tool:pre c1 run {}",
      'tool:post c1 "noon"',
      "tool:pre c2 run {}",
      'tool:post c2 "noon"',
    ]);
  });

  test("that were cut alone close the answer as well", async () => {
    const script = [answer(unfinished(toolCall("c1", "clock")), fails(dropped)), answer(text("Sorry"))];
    const { lines, stored } = await playTurn({ script });
    expect(lines).toEqual([
      "provider:request #1",
      "content_block:start 0 tool_call c1",
      'content_block:delta 0 "{}"',
      "content_block:end 0 call c1 clock{} (interrupted)",
      "llm:stream_aborted StreamError",
      "provider:error #1 StreamError recovered",
      "context:message assistant: call c1 clock{} (interrupted)",
      'context:message tool(c1): "This call was cut off before its arguments were complete, so it was not run."',
      "provider:request #2",
      "content_block:start 0 text",
      'content_block:delta 0 "Sorry"',
      'content_block:end 0 "Sorry"',
      "provider:response #2 stop",
      'context:message assistant: "Sorry"',
      'execution:end success "Sorry" stop',
      "orchestrator:complete success turns=2",
    ]);
    expect(stored).toHaveLength(4);
  });
});

test("a stream that goes silent is gone on with like a broken one", async () => {
  const parts: readonly AnswerPart[] = [unfinished(text("Hel")), hangs()];
  const { lines, events } = await playTurn({
    script: [answer(...parts), answer(text("lo"))],
    config: { idle_timeout: 7 },
  });
  expect(lines).toEqual([
    ...broken("Hel"),
    ...continued("Hello", ["lo"]).map((line) => line.replace("StreamError", "LLMTimeoutError")),
  ]);
  expect(shownText(events)).toBe("Hello");
});
