/**
 * Owns reading a whole body into memory, bounded in size and time. For errors and model lists; answers are streamed.
 */
import type { IncomingMessage } from "node:http";
import { decodedBody, encodingOf } from "./decoded-body.ts";

/** A body as text. `cut` when it was longer than allowed, took too long, broke off or cannot be read. */
export interface BodyText {
  readonly text: string;
  readonly cut: boolean;
}

/** Reads at most `maxBytes` for at most `maxMs`; what is cut off closes the socket. Never rejects. */
export function readBody(response: IncomingMessage, limits: { maxBytes: number; maxMs: number }): Promise<BodyText> {
  const body = decodedBody(response);
  if (body === null) {
    response.destroy();
    const text = `a body encoded as ${encodingOf(response)}, which is not supported`;
    return Promise.resolve({ text, cut: true });
  }
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let settled = false;
    const settle = (cut: boolean): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      if (cut) body.destroy();
      resolve({ text: Buffer.concat(chunks).subarray(0, limits.maxBytes).toString("utf8"), cut });
    };
    const timer = setTimeout(() => settle(true), limits.maxMs);
    body.on("data", (chunk: Buffer) => {
      if (settled) return;
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > limits.maxBytes) settle(true);
    });
    body.on("end", () => settle(!response.complete));
    body.on("error", () => settle(true));
    body.on("close", () => settle(!response.complete));
  });
}
