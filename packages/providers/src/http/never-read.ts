/**
 * Owns the one case in which a request is sent a second time without anybody knowing: the server had closed the kept socket
 * before the request got there. Nothing else is sent twice here, because a POST that was read may have been carried out.
 */

/** How a request ended that brought no answer. */
export interface Ending {
  /** The socket had carried another call before. */
  readonly reused: boolean;
  /** Something came back on it, be it half a line. */
  readonly heard: boolean;
  /** From the request to its end. */
  readonly elapsedMs: number;
  /** Node's error code. */
  readonly code: string | undefined;
}

/**
 * A server that had closed its end says so the moment it gets anything: after the way there and back. One that read the
 * request, worked on it and broke down says it later.
 */
const WAY_AND_BACK_MS = 1_000;

/** Whether the server cannot have read the request. */
export function wasNeverRead({ reused, heard, elapsedMs, code }: Ending): boolean {
  const wasClosed = code === "ECONNRESET" || code === "EPIPE";
  return wasClosed && reused && !heard && elapsedMs < WAY_AND_BACK_MS;
}
