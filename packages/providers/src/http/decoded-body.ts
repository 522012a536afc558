/**
 * Owns compressed answers. We ask for none, but some servers and gateways send them. What was compressed piece by piece comes
 * out piece by piece: nothing waits for the end. A body that is not compressed is passed on as it is, at no cost.
 */
import type { IncomingMessage } from "node:http";
import type { Readable, Transform } from "node:stream";
import { constants, createBrotliDecompress, createUnzip } from "node:zlib";

const ZLIB = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH };
const BROTLI = { flush: constants.BROTLI_OPERATION_FLUSH, finishFlush: constants.BROTLI_OPERATION_FLUSH };

/** It tells gzip and deflate apart by itself. Whether the end is missing, HTTP knows. */
const unzip = (): Transform => createUnzip(ZLIB);

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: unzip,
  "x-gzip": unzip,
  deflate: unzip,
  br: () => createBrotliDecompress(BROTLI),
};

/** The name of the compression; undefined when there is none. */
export function encodingOf(response: IncomingMessage): string | undefined {
  const encoding = response.headers["content-encoding"]?.trim().toLowerCase();
  return encoding === "" || encoding === "identity" ? undefined : encoding;
}

/**
 * The body as it was before it was compressed: `response` itself, or a stream that pauses and is destroyed together with it.
 * When the connection breaks it still gives what had come, and then ends: whether that is all, `response.complete` says.
 * Null for a compression that we do not know.
 */
export function decodedBody(response: IncomingMessage): Readable | null {
  const encoding = encodingOf(response);
  if (encoding === undefined || response.destroyed) return response;
  const decoder = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding]?.() : undefined;
  return decoder === undefined ? null : through(response, decoder);
}

/** Not `pipeline`, which throws away what it holds when its source breaks. */
function through(response: IncomingMessage, decoder: Transform): Transform {
  response.on("error", () => undefined);
  response.once("close", () => decoder.end());
  decoder.on("error", () => undefined);
  decoder.once("close", () => response.destroy());
  return response.pipe(decoder);
}
