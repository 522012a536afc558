/** What hooks are told of single attempts at a model call, and that all of an attempt is told under one id. */
import { type EventType, type InlineHook, LLMError } from "amplifier-core";
import { answer, fails, recordTurn, text } from "amplifier-testkit";
import { expect, test } from "vitest";
import { loopSession } from "./loop-session.ts";

const watched: readonly EventType[] = [
  "llm:request",
  "llm:response",
  "llm:stream_block_start",
  "llm:stream_block_delta",
  "llm:stream_block_end",
  "provider:retry",
  "provider:error",
];

test("each attempt has an id of its own, and everything of it is told under that id", async () => {
  const told: (readonly [type: string, id: string, status: unknown])[] = [];
  const spy: InlineHook = {
    name: "spy",
    events: Object.fromEntries(
      watched.map((type) => [
        type,
        (_: string, data: { request_id: string; status?: string }) =>
          void told.push([type, data.request_id, data.status]),
      ]),
    ),
  };
  const overloaded = new LLMError("ProviderUnavailableError", "overloaded", { status_code: 529 });
  const { session, clock } = await loopSession({
    script: [fails(overloaded), answer(text("a", "b"))],
    hooks: [spy],
  });
  const turn = recordTurn(session, "Hi");
  await clock.advance(60_000);
  const { events } = await turn;
  const [first, second] = [...new Set(told.map(([, id]) => id))];
  expect(told).toEqual([
    ["llm:request", first, undefined],
    ["llm:response", first, "error"],
    ["provider:retry", first, undefined],
    ["llm:request", second, undefined],
    ["llm:stream_block_start", second, undefined],
    ["llm:stream_block_delta", second, undefined],
    ["llm:stream_block_delta", second, undefined],
    ["llm:stream_block_end", second, undefined],
    ["llm:response", second, "ok"],
  ]);
  expect(events.filter(({ type }) => type.startsWith("llm:"))).toEqual([]);
});
