/**
 * A conversation that is too long for the model: the context is told, gives less, and the model is asked once more.
 */
import { type InlineHook, LLMError, type Message } from "amplifier-core";
import {
  answer,
  ArrayContext,
  fails,
  outlineMessage,
  recordTurn,
  ScriptedProvider,
  text,
  toolCall,
  unfinished,
} from "amplifier-testkit";
import { expect, test } from "vitest";
import { loopSession, type LoopSetup } from "./loop-session.ts";
import { dropped, finishTurn, type PlayedTurn, playTurn, STEADY } from "./recovered-turn.ts";
import { tool } from "./test-tools.ts";

const tooLong = new LLMError("ContextLengthError", "prompt is too long: 208310 tokens > 200000 maximum");
const past: readonly Message[] = [
  { role: "user", content: "Long ago" },
  { role: "assistant", content: [{ type: "text", text: "Once upon a time" }] },
];

/** Gives everything until it is told that it was too much; each time it is told, it leaves two more messages out. */
class ShorteningContext extends ArrayContext {
  #left = 0;

  readonly hook: InlineHook = {
    name: "context",
    events: {
      "provider:error": (_, { error }) => {
        if (error.type === "ContextLengthError") this.#left += 2;
      },
    },
  };

  override async getMessagesForRequest(): Promise<readonly Message[]> {
    return (await super.getMessagesForRequest()).slice(this.#left);
  }
}

function remembering(setup: LoopSetup): Promise<PlayedTurn> {
  const context = new ShorteningContext(past);
  return playTurn({ ...setup, context, hooks: [context.hook] });
}
const asked = ({ requests }: ScriptedProvider): unknown => requests.map(({ messages }) => messages.map(outlineMessage));
const PAST = ['user: "Long ago"', 'assistant: "Once upon a time"'];

test("the same is asked once more, of less; the conversation keeps it all", async () => {
  const { lines, provider, stored, failure } = await remembering({ script: [fails(tooLong), answer(text("Hello"))] });
  expect(failure).toBeUndefined();
  expect(lines).toEqual([
    "provider:request #1",
    "provider:error #1 ContextLengthError recovered",
    "provider:request #1 again",
    "content_block:start 0 text",
    'content_block:delta 0 "Hello"',
    'content_block:end 0 "Hello"',
    "provider:response #1 stop",
    'context:message assistant: "Hello"',
    'execution:end success "Hello" stop',
    "orchestrator:complete success turns=1",
  ]);
  expect(asked(provider)).toEqual([[...PAST, 'user: "Hi"'], ['user: "Hi"']]);
  expect(stored).toEqual([...PAST, 'user: "Hi"', 'assistant: "Hello"']);
});

test("when that is too long as well its error reaches the caller, and nobody else is asked", async () => {
  const still = new LLMError("ContextLengthError", "still too long");
  const { lines, failure, stored } = await remembering({
    script: [fails(tooLong), fails(still)],
    others: [new ScriptedProvider([], { name: "other" })],
  });
  expect(failure?.error).toBe(still);
  expect(lines).toEqual([
    "provider:request #1",
    "provider:error #1 ContextLengthError recovered",
    "provider:request #1 again",
    "provider:error #1 ContextLengthError",
    'execution:end error "" ContextLengthError',
    "orchestrator:complete error turns=1",
  ]);
  expect(stored).toEqual([...PAST, 'user: "Hi"']);
});

test("a context that learns nothing is asked all the same, once", async () => {
  const { provider, failure } = await playTurn({ script: [fails(tooLong), fails(tooLong)] });
  expect(failure?.error).toBe(tooLong);
  expect(asked(provider)).toEqual([['user: "Hi"'], ['user: "Hi"']]);
});

test("each iteration may find it too long", async () => {
  const { lines, stored } = await remembering({
    script: [fails(tooLong), answer(toolCall("c1", "clock")), fails(tooLong), answer(text("Noon"))],
    tools: [tool("clock", () => Promise.resolve("noon"))],
  });
  expect(lines.filter((line) => line.startsWith("provider:"))).toEqual([
    "provider:request #1",
    "provider:error #1 ContextLengthError recovered",
    "provider:request #1 again",
    "provider:response #1 tool_calls",
    "provider:request #2",
    "provider:error #2 ContextLengthError recovered",
    "provider:request #2 again",
    "provider:response #2 stop",
  ]);
  expect(stored).toEqual([
    ...PAST,
    'user: "Hi"',
    "assistant: call c1 clock{}",
    'tool(c1): "noon"',
    'assistant: "Noon"',
  ]);
});

test("retries begin anew with what is asked of less", async () => {
  const script = [
    fails(dropped),
    fails(dropped),
    fails(tooLong),
    fails(dropped),
    fails(dropped),
    answer(text("Hello")),
  ];
  const { lines } = await remembering({ script });
  expect(lines.slice(0, 7)).toEqual([
    "provider:request #1",
    "provider:retry #1 1 1000ms StreamError",
    "provider:retry #1 2 2000ms StreamError",
    "provider:error #1 ContextLengthError recovered",
    "provider:request #1 again",
    "provider:retry #1 1 1000ms StreamError",
    "provider:retry #1 2 2000ms StreamError",
  ]);
});

test("a continuation that is too long is asked of less, and goes on with the same text", async () => {
  const { provider, shown, stored } = await remembering({
    script: [answer(unfinished(text("Hel")), fails(dropped)), fails(tooLong), answer(text("lo"))],
  });
  expect(shown).toBe("Hello");
  expect(stored).toEqual([...PAST, 'user: "Hi"', 'assistant: "Hello"']);
  const told = expect.stringContaining("Your answer was cut off.");
  const partial = 'assistant: "Hel" (interrupted)';
  expect(asked(provider)).toEqual([
    [...PAST, 'user: "Hi"'],
    [...PAST, 'user: "Hi"', partial, told],
    ['user: "Hi"', partial, told],
  ]);
});

test("in the middle of an answer it is an error like any other that will stay", async () => {
  const { failure, stored } = await remembering({ script: [answer(unfinished(text("Hel")), fails(tooLong))] });
  expect(failure?.error).toBe(tooLong);
  expect(stored).toEqual([...PAST, 'user: "Hi"', 'assistant: "Hel" (interrupted)']);
});

test("a context that fails to give less fails the turn with its own error", async () => {
  const broken = new Error("cannot summarise");
  const context = new (class extends ArrayContext {
    #times = 0;
    override getMessagesForRequest(): Promise<readonly Message[]> {
      return ++this.#times === 1 ? super.getMessagesForRequest() : Promise.reject(broken);
    }
  })();
  const { lines, failure } = await playTurn({ script: [fails(tooLong)], context });
  expect(failure?.error).toBe(broken);
  expect(lines).toEqual([
    "provider:request #1",
    "provider:error #1 ContextLengthError recovered",
    "provider:request #1 again",
    "provider:error #1 Error",
    'execution:end error "" Error',
    "orchestrator:complete error turns=1",
  ]);
});

test("a stop while the context gives less ends the turn, whether or not the context listens", async () => {
  const context = new (class extends ArrayContext {
    #times = 0;
    override getMessagesForRequest(): Promise<readonly Message[]> {
      return ++this.#times === 1 ? super.getMessagesForRequest() : new Promise(() => undefined);
    }
  })();
  const made = await loopSession({ script: [fails(tooLong)], context, config: STEADY });
  const turn = recordTurn(made.session, "Hi");
  await made.clock.advance(100);
  made.session.cancel("graceful");
  const { lines, stored, clock } = await finishTurn(made, turn);
  expect(clock.now() - Date.UTC(2026, 0, 1)).toBeLessThanOrEqual(150);
  expect(lines).toEqual([
    "provider:request #1",
    "provider:error #1 ContextLengthError recovered",
    "provider:request #1 again",
    "provider:error #1 AbortError",
    "cancel:requested graceful",
    "cancel:completed graceful",
    'execution:end cancelled ""',
    "orchestrator:complete cancelled turns=1",
  ]);
  expect(stored).toEqual(['user: "Hi"']);
});
