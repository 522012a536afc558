/**
 * The rules of the provider port, each broken once.
 */
import type { ProviderEvent } from "amplifier-core";
import { expect, test } from "vitest";
import { checkProviderEvents } from "./check-provider-events.ts";

const head = { type: "tool_call", id: "c1", name: "clock" } as const;
const start: ProviderEvent = { type: "block_start", index: 0, block: { type: "text" } };
const startCall: ProviderEvent = { type: "block_start", index: 0, block: head };
const startImage: ProviderEvent = { type: "block_start", index: 0, block: { type: "image" } };
const delta = (text: string): ProviderEvent => ({ type: "block_delta", index: 0, delta: text });
const end: ProviderEvent = { type: "end", finish_reason: "stop" };
const endText = (text: string): ProviderEvent => ({ type: "block_end", index: 0, block: { type: "text", text } });
const endCall = (fields: object): ProviderEvent => ({
  type: "block_end",
  index: 0,
  block: { ...head, input: {}, ...fields },
});

const feed =
  (...events: readonly ProviderEvent[]) =>
  (): void => {
    const check = checkProviderEvents();
    for (const event of events) check(event);
  };

test.each<readonly [string, RegExp, () => void]>([
  ["an index that does not count", /Block 0 started where 1 was next/u, feed(start, delta("a"), endText("a"), start)],
  ["a delta of no block", /not open/u, feed(delta("a"))],
  ["an end of no block", /not open/u, feed(endText("a"))],
  ["an empty delta", /empty delta/u, feed(start, delta(""))],
  ["a delta of a block that has none", /only text, thinking and calls/u, feed(startImage, delta("a"))],
  ["another text", /streamed "a" and ended as "b"/u, feed(start, delta("a"), endText("b"))],
  ["another kind", /started as text and ended as tool_call/u, feed(start, endCall({}))],
  ["another call", /started as call c1 of clock and ended as c2/u, feed(startCall, endCall({ id: "c2" }))],
  ["other arguments", /streamed/u, feed(startCall, delta('{"a":1}'), endCall({ input: { a: 2 } }))],
  ["arguments that are no JSON", /no JSON and no raw_arguments/u, feed(startCall, delta("{"), endCall({}))],
  ["other raw arguments", /streamed/u, feed(startCall, delta("{"), endCall({ raw_arguments: "[" }))],
  ["an end with an open block", /with block 0 open/u, feed(start, end)],
  ["anything behind the end", /after the answer's end/u, feed(end, start)],
])("%s is refused", (_name, message, run) => {
  expect(run).toThrow(message);
});

test("a good answer passes, also with spaces in its arguments and with none at all", () => {
  expect(feed(start, delta("a"), delta("b"), endText("ab"), { type: "warning", message: "w" }, end)).not.toThrow();
  expect(feed(startCall, delta('{ "a" : 1 }'), endCall({ input: { a: 1 } }), end)).not.toThrow();
  expect(feed(startCall, endCall({}), end)).not.toThrow();
  expect(feed(startCall, delta("{"), endCall({ raw_arguments: "{" }), end)).not.toThrow();
});
