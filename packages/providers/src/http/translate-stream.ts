/**
 * Owns the way from an API's payloads to provider events, the same for every API: batches stay batches, what came before
 * an error is delivered before the error, and an answer that stops without its finish is never taken for a whole one.
 * Invariant: after the `end` event, a `return()` or an error the iteration is over and the socket is closed or given back.
 */
import { errorInfo, isLLMError, LLMError, type ProviderEvent } from "amplifier-core";
import type { PayloadStream } from "./post-sse.ts";

/** Knows one API's stream. One translator per answer. */
export interface Translator {
  /**
   * Appends the events of one payload. Returns true when the answer is whole and nothing after it counts; the `end` event
   * is then among the events.
   * @throws LLMError for an error payload or one that cannot be read; events appended before it are still delivered.
   */
  read(payload: string, events: ProviderEvent[]): boolean;
  /**
   * The body is over. Appends what is left, `end` last.
   * @throws LLMError `StreamError` when the answer has no finish.
   */
  finish(events: ProviderEvent[]): void;
  /** Whether the finish has come, so that a connection which breaks now has cost nothing. */
  readonly finished: boolean;
}

/** Streams an answer's events, one array per network read. Nothing is sent before the first `next()`. */
export function translateStream(
  payloads: PayloadStream,
  translator: Translator,
  { graceMs = FINISH_GRACE_MS }: { readonly graceMs?: number } = {},
): AsyncIterableIterator<readonly ProviderEvent[]> {
  return new TranslatedStream(payloads, translator, graceMs);
}

/** How long a server may take to end a stream whose finish has come. Milliseconds. */
const FINISH_GRACE_MS = 2000;

// A payload of a shape that no API promises: the translator stumbles over it, whatever it is.
function malformed(error: unknown): LLMError {
  const message = `The server sent something that is not what its API promises (${errorInfo(error).msg}).`;
  return new LLMError("StreamError", message, { cause: error });
}

class TranslatedStream implements AsyncIterableIterator<readonly ProviderEvent[]> {
  readonly #payloads: PayloadStream;
  readonly #translator: Translator;
  /** One array for the whole answer: to compiled code, a new one for each read is one of another kind. */
  readonly #events: ProviderEvent[] = [];
  readonly #graceMs: number;
  #done = false;
  #failure: { readonly error: unknown } | null = null;

  constructor(payloads: PayloadStream, translator: Translator, graceMs: number) {
    this.#graceMs = graceMs;
    this.#payloads = payloads;
    this.#translator = translator;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<readonly ProviderEvent[]>> {
    for (;;) {
      if (this.#failure !== null) throw this.#takeFailure();
      if (this.#done) return { done: true, value: undefined };
      try {
        this.#translate(await (this.#translator.finished ? this.#readRest() : this.#payloads.next()));
      } catch (error) {
        this.#breakOff(error);
      }
      if (this.#events.length > 0) return { done: false, value: this.#take() };
    }
  }

  // Not behind a pending `next()`, as a generator's would be: the socket is closed at once.
  async return(): Promise<IteratorResult<readonly ProviderEvent[]>> {
    if (!this.#done) {
      this.#done = true;
      await this.#payloads.return();
    }
    return { done: true, value: undefined };
  }

  // Behind the finish a broken connection has cost nothing.
  #breakOff(error: unknown): void {
    if (!this.#translator.finished || (error as Error).name !== "StreamError") {
      this.#done = true;
      throw error;
    }
    this.#translate({ done: true, value: undefined });
  }

  // What may come behind the finish (counts, the end mark) is worth waiting for, but not for ever.
  async #readRest(): Promise<IteratorResult<readonly string[]>> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const over = new Promise<IteratorResult<readonly string[]>>((resolve) => {
      timer = setTimeout(() => resolve({ done: true, value: undefined }), this.#graceMs);
    });
    try {
      const result = await Promise.race([this.#payloads.next(), over]);
      if (result.done === true) void this.#payloads.return();
      return result;
    } finally {
      clearTimeout(timer);
    }
  }

  #translate(result: IteratorResult<readonly string[]>): void {
    if (this.#done) return;
    try {
      if (result.done !== true && !this.#readAll(result.value)) return;
      this.#done = true;
      this.#translator.finish(this.#events);
    } catch (error) {
      this.#done = true;
      this.#failure = { error: isLLMError(error) ? error : malformed(error) };
      void this.#payloads.return();
    }
  }

  /** Returns true when the stream broke behind the finish: half an end mark has cost nothing. */
  #readAll(payloads: readonly string[]): boolean {
    try {
      for (let at = 0; at < payloads.length; at++) {
        if (!this.#translator.read(payloads[at] ?? "", this.#events)) continue;
        this.#done = true;
        this.#payloads.release();
        break;
      }
      return false;
    } catch (error) {
      if (!this.#translator.finished || (isLLMError(error) && error.name !== "StreamError")) throw error;
      void this.#payloads.return();
      return true;
    }
  }

  #take(): ProviderEvent[] {
    const events = this.#events.slice();
    this.#events.length = 0;
    return events;
  }

  #takeFailure(): unknown {
    const error = this.#failure?.error;
    this.#failure = null;
    return error;
  }
}
