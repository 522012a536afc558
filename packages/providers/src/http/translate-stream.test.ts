/**
 * What a stream of payloads may do behind an adapter's back: stumble it, or never end.
 */
import { LLMError, type ProviderEvent } from "amplifier-core";
import { expect, test } from "vitest";
import type { PayloadStream } from "./post-sse.ts";
import { translateStream, type Translator } from "./translate-stream.ts";

/** Yields the given reads, then hangs until it is left. */
function hanging(...reads: readonly (readonly string[])[]): PayloadStream & { readonly left: () => boolean } {
  const rest = [...reads];
  let leave: ((result: IteratorResult<readonly string[]>) => void) | undefined;
  let left = false;
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => {
      const value = rest.shift();
      return value === undefined
        ? new Promise((resolve) => (leave = resolve))
        : Promise.resolve({ done: false, value });
    },
    return: () => {
      left = true;
      leave?.({ done: true, value: undefined });
      return Promise.resolve({ done: true, value: undefined });
    },
    release: () => undefined,
    left: () => left,
  };
}

/** Finishes at the payload "finish", and stumbles over "odd". */
class PlainTranslator implements Translator {
  finished = false;
  read(payload: string): boolean {
    if (payload === "odd") throw new TypeError("Cannot read properties of null");
    this.finished = payload === "finish";
    return false;
  }
  finish(events: ProviderEvent[]): void {
    events.push({ type: "end", finish_reason: "stop" });
  }
}

test("a finish whose stream never ends is the end after some grace, and the socket is given up", async () => {
  const payloads = hanging(["finish"]);
  const stream = translateStream(payloads, new PlainTranslator(), { graceMs: 1 });
  expect(await stream.next()).toEqual({ done: false, value: [{ type: "end", finish_reason: "stop" }] });
  expect([(await stream.next()).done, payloads.left()]).toEqual([true, true]);
});

test("half an end mark behind the finish is the end, and the socket is closed", async () => {
  const payloads = hanging(["finish"], ["odd"]);
  const stream = translateStream(payloads, new PlainTranslator());
  expect(await stream.next()).toEqual({ done: false, value: [{ type: "end", finish_reason: "stop" }] });
  expect([(await stream.next()).done, payloads.left()]).toEqual([true, true]);
});

test("a payload no API promises is a StreamError that says so, and the socket is closed", async () => {
  const payloads = hanging(["odd"]);
  const error = await translateStream(payloads, new PlainTranslator())
    .next()
    .catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(LLMError);
  expect(error).toMatchObject({
    name: "StreamError",
    message: expect.stringContaining("Cannot read properties of null"),
  });
  expect(payloads.left()).toBe(true);
});
