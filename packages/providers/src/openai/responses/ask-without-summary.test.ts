/** Asking again without a summary: once, only for that reason, and not for one who has left. */
import { LLMError, type ProviderEvent } from "amplifier-core";
import { expect, test } from "vitest";
import { orWithoutSummary } from "./ask-without-summary.ts";

type Answer = AsyncIterableIterator<readonly ProviderEvent[]>;
const EVENT: ProviderEvent = { type: "warning", message: "x" };
const REFUSED = new LLMError("InvalidRequestError", "Verify to generate reasoning summaries.", { status_code: 400 });

/** An answer whose steps are these; an error is thrown. */
function answerOf(...steps: (readonly ProviderEvent[] | Error)[]): Answer {
  const left = [...steps];
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const step = left.shift();
      if (step instanceof Error) throw step;
      return step === undefined ? { done: true, value: undefined } : { done: false, value: step };
    },
    async return() {
      left.length = 0;
      return { done: true, value: undefined };
    },
  };
}

async function read(answer: Answer): Promise<(readonly ProviderEvent[])[]> {
  const batches: (readonly ProviderEvent[])[] = [];
  for await (const batch of answer) batches.push(batch);
  return batches;
}

const never = (): Answer => {
  throw new Error("asked again");
};

test("the second answer takes the place of a refused one", async () => {
  expect(await read(orWithoutSummary(answerOf(REFUSED), () => answerOf([EVENT], [EVENT])))).toEqual([[EVENT], [EVENT]]);
});

test("a second refusal is an error", async () => {
  await expect(read(orWithoutSummary(answerOf(REFUSED), () => answerOf(REFUSED)))).rejects.toBe(REFUSED);
});

test.each([
  ["of another status", new LLMError("InvalidRequestError", REFUSED.message, { status_code: 422 })],
  ["about something else", new LLMError("InvalidRequestError", "No reason, in summary.", { status_code: 400 })],
  ["that is none of a model's", new TypeError(REFUSED.message)],
])("an error %s is passed on", async (_, error) => {
  await expect(read(orWithoutSummary(answerOf(error), never))).rejects.toBe(error);
});

test("an answer that has begun is not asked for again", async () => {
  const answer = orWithoutSummary(answerOf([EVENT], REFUSED), never);
  expect(await answer.next()).toEqual({ done: false, value: [EVENT] });
  await expect(answer.next()).rejects.toBe(REFUSED);
});

test("one who leaves while the refusal is on its way asks for nothing", async () => {
  const answer = orWithoutSummary(answerOf(REFUSED), never);
  const pending = answer.next();
  const left = answer.return?.();
  await expect(pending).rejects.toBe(REFUSED);
  expect(await left).toEqual({ done: true, value: undefined });
});
