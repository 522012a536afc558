/**
 * Owns compressed answers. We ask for none, but some servers and gateways send them. What was compressed piece by piece comes
 * out piece by piece: nothing waits for the end. A body that is not compressed is passed on as it is, and then nothing of
 * this is loaded.
 */
import type { IncomingMessage } from "node:http";
import type { Readable, Transform } from "node:stream";

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
  if (encoding === undefined) return response;
  const decoder = decoderFor(encoding);
  return decoder === null ? null : through(response, decoder);
}

function decoderFor(encoding: string): Transform | null {
  // At once, and not by an import that waits: meanwhile the answer might break with nobody listening.
  const { constants, createBrotliDecompress, createUnzip } = process.getBuiltinModule("node:zlib");
  switch (encoding) {
    case "gzip":
    case "x-gzip":
    case "deflate":
      // It tells the two apart by itself. Whether the end is missing, HTTP knows.
      return createUnzip({ finishFlush: constants.Z_SYNC_FLUSH });
    case "br":
      return createBrotliDecompress({ finishFlush: constants.BROTLI_OPERATION_FLUSH });
    default:
      return null;
  }
}

/** Not `pipeline`, which throws away what it holds when its source breaks. */
function through(response: IncomingMessage, decoder: Transform): Transform {
  response.on("error", () => undefined);
  response.once("close", () => decoder.end());
  decoder.on("error", () => undefined);
  decoder.once("close", () => response.destroy());
  return response.pipe(decoder);
}
