/**
 * Owns an answer's body without a socket: its bytes go through the splitter that reads real ones, in pieces of any size, and
 * are over where the test says, as a connection that breaks or as a body that ends too early.
 */
import { brokenStream } from "../../packages/providers/src/http/network-error.ts";
import type { PayloadStream } from "../../packages/providers/src/http/post-sse.ts";
import { SseSplitter } from "../../packages/providers/src/http/sse-splitter.ts";

/** How a body is over before its answer is whole. */
export const ENDINGS = ["the connection breaks", "the body ends"] as const;

/** One of them. */
export type Ending = (typeof ENDINGS)[number];

/** A body: `bytes` in pieces of `size`, then its ending; null when they are all there were. */
export interface Body {
  readonly bytes: Buffer;
  readonly size: number;
  readonly ending: Ending | null;
}

/** The payloads of `body`, one array for each piece that completed any. */
export function bytePayloads({ bytes, size, ending }: Body): PayloadStream {
  const splitter = new SseSplitter({ provider: "model" });
  let at = 0;
  let isOver = false;
  const next = async (): Promise<IteratorResult<readonly string[]>> => {
    const value: string[] = [];
    while (at < bytes.length && value.length === 0) splitter.push(bytes.subarray(at, (at += size)), value);
    if (value.length > 0) return { done: false, value };
    if (isOver) return { done: true, value: undefined };
    isOver = true;
    if (ending === "the connection breaks")
      throw brokenStream(null, { url: "http://127.0.0.1/", headers: {}, provider: "model", keyName: "" });
    splitter.end(value);
    return value.length > 0 ? { done: false, value } : { done: true, value: undefined };
  };
  return {
    next,
    return: async () => ({ done: true, value: undefined }),
    release: () => undefined,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
