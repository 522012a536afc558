/**
 * Owns the ids of tool calls that a server sends without one.
 */
import { createHash } from "node:crypto";

/** What tells a call from all others of a conversation. */
export interface CallPlace {
  /** Different for each request of a conversation. */
  readonly seed: string;
  /** The server's id of the answer; empty when it has none. */
  readonly answerId: string;
  /** The call's place in the answer, counted from 0. */
  readonly number: number;
}

/** An id that begins with `prefix`: the same for the same answer, another for the next. Letters, digits and `_` only. */
export function ownCallId(prefix: string, { seed, answerId, number }: CallPlace): string {
  const hash = createHash("sha256").update(`${seed}:${answerId}:${number}`);
  return prefix + hash.digest("hex").slice(0, 24);
}
