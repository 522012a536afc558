/**
 * Owns the sending of one scripted answer over a real response: one write a step, cut and stalled where the script says.
 * It stops quietly when the client has gone.
 */
import type { ServerResponse } from "node:http";
import type { ProviderEvent } from "amplifier-core";
import type { Reply, ReplyStep } from "./reply.ts";
import type { AnswerEncoder } from "./wire.ts";

/** How an answer is sent: `onEvent` sees each event as it is written. */
export interface Sending {
  readonly encoder: AnswerEncoder;
  readonly signal: AbortSignal;
  readonly onEvent: (event: ProviderEvent) => void;
}

/** Plays `reply`; resolves when the answer is over, cut, or its client gone. @throws what a pace of the script throws. */
export async function sendReply(response: ServerResponse, reply: Reply, sending: Sending): Promise<void> {
  const sender = new ReplySender(response, reply.maxBytes ?? Number.POSITIVE_INFINITY, sending);
  for (const step of reply.steps) {
    if (!(await sender.perform(step)) || sending.signal.aborted) return;
  }
  response.end();
}

class ReplySender {
  readonly #response: ServerResponse;
  readonly #sending: Sending;
  #bytesLeft: number;
  #started = false;

  constructor(response: ServerResponse, maxBytes: number, sending: Sending) {
    this.#response = response;
    this.#bytesLeft = maxBytes;
    this.#sending = sending;
  }

  /** Whether the answer goes on behind this step. */
  async perform(step: ReplyStep): Promise<boolean> {
    const { encoder, signal, onEvent } = this.#sending;
    switch (step.kind) {
      case "read":
        for (const event of step.events) onEvent(event);
        return this.#write(this.#begun() + step.events.map((event) => encoder.event(event)).join(""));
      case "pings":
        return this.#write(this.#begun() + encoder.ping());
      case "empty_delta":
        return this.#write(this.#begun() + encoder.emptyDelta());
      case "raw":
        return this.#write(step.text);
      case "error_frame":
        await this.#write(this.#begun() + encoder.error(step.error));
        this.#response.end();
        return false;
      case "waits":
        await unlessGone(step.pace(signal), signal);
        return true;
      case "hangs":
        await gone(signal);
        return false;
      case "cuts":
        this.#cut();
        return false;
      case "ends":
        this.#open();
        this.#response.end();
        return false;
    }
  }

  #begun(): string {
    if (this.#started) return "";
    this.#started = true;
    return this.#sending.encoder.start();
  }

  #open(): void {
    if (this.#response.headersSent) return;
    this.#response.writeHead(200, { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" });
    this.#response.flushHeaders();
  }

  async #write(text: string): Promise<boolean> {
    this.#open();
    const bytes = Buffer.from(text);
    const part = bytes.subarray(0, this.#bytesLeft);
    this.#bytesLeft -= part.length;
    // An empty write would never call back.
    if (part.length > 0) await this.#flushed(part);
    if (this.#bytesLeft > 0) return true;
    this.#cut();
    return false;
  }

  #flushed(bytes: Buffer): Promise<void> {
    // The callback's error is the client's leaving, which the signal tells already.
    return new Promise((resolve) => void this.#response.write(bytes, () => resolve()));
  }

  #cut(): void {
    this.#open();
    this.#response.destroy();
  }
}

/** Resolves when the client has gone. */
function gone(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

async function unlessGone(waiting: Promise<void>, signal: AbortSignal): Promise<void> {
  try {
    await Promise.race([waiting, gone(signal)]);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
