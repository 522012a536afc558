/**
 * Owns one streamed call: sends the request, turns refusals into `LLMError`s, and yields the payloads of the answer one
 * array per network read. It does not know what a payload means, nor when an answer is whole: that is the adapter's.
 * Invariant: while nobody pulls, at most one read and the engine's own small buffer are held; the socket is paused.
 */
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { LLMError } from "amplifier-core";
import { decodedBody } from "./decoded-body.ts";
import { extractOf } from "./error-body.ts";
import { httpError, isPage, PAGE_ADVICE, streamedError, type HttpAnswer } from "./http-error.ts";
import { shownUrl, withoutSecrets, type HttpRequest } from "./http-request.ts";
import { abortError, brokenStream } from "./network-error.ts";
import { readBody } from "./read-body.ts";
import { sendRequest, type SentRequest } from "./send-request.ts";
import { SseSplitter } from "./sse-splitter.ts";

/** A call whose answer is a stream of events. `body` is sent as it is. */
export interface SseRequest extends HttpRequest {
  readonly body: string;
}

/** The payloads of an answer. One `next()` at a time. */
export interface PayloadStream extends AsyncIterableIterator<readonly string[]> {
  /** Closes the socket at once, also while a `next()` is pending, which then ends. */
  return(): Promise<IteratorResult<readonly string[]>>;
  /**
   * The answer is whole and nothing more is wanted: what may still come is thrown away, and the socket is kept for the
   * next call if the body ends within a second. Later calls of `next()` and `return()` do nothing.
   */
  release(): void;
}

const ERROR_BODY = { maxBytes: 64 * 1024, maxMs: 2_000 };
const RELEASE_MS = 1_000;
/** Bytes held for a consumer that does not pull before the socket is paused: one full read of a socket. */
const HELD_BYTES = 64 * 1024;

/**
 * Posts `request` and streams the `data` payloads of its answer. Nothing is sent before the first `next()`. Each array
 * holds all payloads that one network read completed, and is never empty. The iteration ends with the body.
 * Aborting `signal` closes the socket within the abort itself.
 * @throws LLMError `AbortError`, `NetworkError`, what the status means (see `httpError`), `ConfigurationError` for an
 * answer that is no event stream, `StreamError` for a connection that broke or an event of more than 64 Mi characters.
 */
export function postSse(request: SseRequest, options: { readonly signal: AbortSignal }): PayloadStream {
  return new SseCall(request, options.signal);
}

class SseCall implements PayloadStream {
  readonly #request: SseRequest;
  readonly #signal: AbortSignal;
  readonly #splitter: SseSplitter;
  #sent: SentRequest | null = null;
  #body: Readable | null = null;
  /** One array for the whole call: to compiled code, a new one for each read is one of another kind. */
  readonly #payloads: string[] = [];
  #heldBytes = 0;
  #wake: (() => void) | null = null;
  /** Nothing more will come: the body is over, broken, or not wanted any more. */
  #ended = false;
  /** The consumer gave up the answer: what is left of it is not delivered. */
  #dropped = false;
  #failure: LLMError | null = null;

  constructor(request: SseRequest, signal: AbortSignal) {
    this.#request = request;
    this.#signal = signal;
    this.#splitter = new SseSplitter(request);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<readonly string[]>> {
    if (this.#sent === null && !this.#ended) await this.#open();
    for (;;) {
      if (this.#signal.aborted) this.#stop();
      if (this.#payloads.length > 0) return { done: false, value: this.#take() };
      if (this.#ended) return this.#finish();
      this.#flow();
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  return(): Promise<IteratorResult<readonly string[]>> {
    this.#close(null);
    return Promise.resolve({ done: true, value: undefined });
  }

  release(): void {
    const body = this.#body;
    if (this.#ended || body === null) return;
    const sent = this.#sent;
    const timer = setTimeout(() => sent?.destroy(), RELEASE_MS);
    timer.unref();
    body.once("close", () => clearTimeout(timer));
    this.#drop(null);
    body.resume();
  }

  async #open(): Promise<void> {
    if (this.#signal.aborted) {
      this.#drop(null);
      throw abortError(this.#signal, this.#request);
    }
    this.#signal.addEventListener("abort", this.#onAbort);
    this.#sent = sendRequest(this.#request, this.#request.body);
    try {
      const response = await this.#sent.response;
      if (this.#ended) return;
      this.#listen(response, await this.#streamIn(response));
    } catch (error) {
      // A socket closed by an abort or by `return()` fails too; `#finish` then says which it was.
      if (this.#ended) return;
      this.#settle(null);
      throw error;
    }
  }

  /** The answer's body, if it is a stream of events. */
  async #streamIn(response: IncomingMessage): Promise<Readable> {
    const status = response.statusCode ?? 0;
    const type = response.headers["content-type"] ?? "";
    // Servers that name no type, or plain text, do send events; a page or a JSON document is never an answer.
    const isStream = type === "" || /^text\/(event-stream|plain)\b/i.test(type);
    if (status >= 200 && status < 300 && isStream) {
      const body = decodedBody(response);
      if (body !== null) return body;
    }
    const { text } = await readBody(response, ERROR_BODY);
    const answer = { status, headers: response.headers, body: text };
    if (status < 200 || status >= 300) throw httpError(answer, this.#request);
    throw notAStream(answer, this.#request);
  }

  #listen(response: IncomingMessage, body: Readable): void {
    if (this.#ended) return;
    this.#body = body;
    const settle = (): void => this.#settle(response.complete ? null : brokenStream(response.errored, this.#request));
    body.on("data", this.#onData);
    body.on("end", settle);
    body.on("error", (error) => this.#settle(brokenStream(error, this.#request)));
    body.on("close", settle);
  }

  // All chunks of one network read come before the awakened `next()` runs, so they make one array.
  readonly #onData = (chunk: Buffer): void => {
    if (this.#ended) return;
    try {
      this.#splitter.push(chunk, this.#payloads);
    } catch (error) {
      return this.#giveUp(error as LLMError);
    }
    this.#heldBytes += chunk.length;
    if (this.#wake !== null || this.#heldBytes > HELD_BYTES) this.#handOver();
  };

  readonly #onAbort = (): void => this.#close(abortError(this.#signal, this.#request));

  #handOver(): void {
    if (this.#wake === null) this.#body?.pause();
    else if (this.#payloads.length > 0) this.#awaken();
    // Else an event is not whole yet: it waits for the server, not for the consumer.
    else this.#heldBytes = 0;
  }

  /** The body may have been over before the call was stopped, but its consumer has not had all of it. */
  #stop(): void {
    if (this.#dropped) return;
    this.#drop(null);
    this.#failure = abortError(this.#signal, this.#request);
  }

  #take(): string[] {
    const payloads = this.#payloads.slice();
    this.#payloads.length = 0;
    this.#flow();
    return payloads;
  }

  #flow(): void {
    this.#heldBytes = 0;
    if (this.#body?.isPaused() === true) this.#body.resume();
  }

  #finish(): IteratorResult<readonly string[]> {
    const failure = this.#failure;
    this.#failure = null;
    if (failure !== null) throw failure;
    const payloads: string[] = [];
    if (!this.#dropped) this.#splitter.end(payloads);
    this.#dropped = true;
    return payloads.length > 0 ? { done: false, value: payloads } : { done: true, value: undefined };
  }

  #close(failure: LLMError | null): void {
    this.#drop(failure);
    this.#sent?.destroy();
  }

  /** Like `close`, but what came before the failure is still delivered. */
  #giveUp(failure: LLMError): void {
    this.#dropped = true;
    this.#settle(failure);
    this.#sent?.destroy();
  }

  #drop(failure: LLMError | null): void {
    this.#dropped = true;
    this.#payloads.length = 0;
    this.#settle(failure);
  }

  #settle(failure: LLMError | null): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#failure = failure;
    this.#signal.removeEventListener("abort", this.#onAbort);
    this.#awaken();
  }

  #awaken(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}

function notAStream(answer: HttpAnswer, request: SseRequest): LLMError {
  const { status, headers, body } = answer;
  const type = headers["content-type"] ?? "no type";
  // Some gateways send their error with status 200.
  if (/json/i.test(type) && /"error"/.test(body)) return streamedError(parsed(body), request);
  const said = withoutSecrets(extractOf(body), request.headers);
  const message = `${shownUrl(request.url)} answered ${status} with a body of type ${type} (${said}), not with a stream of events (text/event-stream).${adviceFor(answer)}`;
  return new LLMError("ConfigurationError", message, { provider: request.provider, model: request.model });
}

function adviceFor(answer: HttpAnswer): string {
  if (isPage(answer)) return PAGE_ADVICE;
  if (answer.headers["content-encoding"] !== undefined) return " Have the server send it uncompressed.";
  return " Check base_url, and that the server streams.";
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
