/**
 * Owns the one call that is made twice: OpenAI gives summaries of reasoning only to organizations it has verified, and
 * refuses whoever else asks for one. Such an answer is asked for again without; any other error is passed on.
 */
import { isLLMError, type ProviderEvent } from "amplifier-core";

type Answer = AsyncIterableIterator<readonly ProviderEvent[]>;

/** Streams `answer`, or `again()` where the server refused to summarize before anything came. */
export function orWithoutSummary(answer: Answer, again: () => Answer): Answer {
  return new AnswerOrAgain(answer, again);
}

class AnswerOrAgain implements Answer {
  #answer: Answer;
  #again: (() => Answer) | null;

  constructor(answer: Answer, again: () => Answer) {
    this.#answer = answer;
    this.#again = again;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<readonly ProviderEvent[]>> {
    return this.#again === null ? this.#answer.next() : this.#first(this.#again);
  }

  async return(): Promise<IteratorResult<readonly ProviderEvent[]>> {
    this.#again = null;
    await this.#answer.return?.();
    return { done: true, value: undefined };
  }

  async #first(again: () => Answer): Promise<IteratorResult<readonly ProviderEvent[]>> {
    try {
      const result = await this.#answer.next();
      this.#again = null;
      return result;
    } catch (error) {
      if (this.#again === null || !refusesSummary(error)) throw error;
      this.#again = null;
      this.#answer = again();
      return this.#answer.next();
    }
  }
}

/** "Your organization must be verified to generate reasoning summaries", or "'reasoning.summary' is not supported". */
function refusesSummary(error: unknown): boolean {
  return isLLMError(error) && error.status_code === 400 && /reasoning[. ]summar/i.test(error.message);
}
