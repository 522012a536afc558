/**
 * Owns pulling a provider's batches, and leaving it at once when the turn stops, whether or not it listens.
 */
import type { ProviderEvent } from "amplifier-core";
import type { AnswerReader } from "./answer-reader.ts";
import type { Cutoff } from "./cutoff.ts";

type Batches = AsyncIterable<readonly ProviderEvent[]>;

/**
 * Reads until the answer is whole or the stream is over and returns true, or returns false as soon as it is cut off.
 * However it ends, the provider is left: its connection is not kept waiting. Throws what the provider throws.
 */
export async function readUntilStopped(stream: Batches, reader: AnswerReader, cutoff: Cutoff): Promise<boolean> {
  const { signal } = cutoff;
  if (signal.aborted) return false;
  const silence = cutoff.listen();
  const iterator = stream[Symbol.asyncIterator]();
  // One listener for the whole answer: adding one per batch would cost more than reading the batch.
  let wake: (() => void) | undefined;
  const onAbort = (): void => wake?.();
  signal.addEventListener("abort", onAbort, { once: true });
  const nextOrStop = (): Promise<IteratorResult<readonly ProviderEvent[], unknown> | undefined> =>
    new Promise((resolve, reject) => {
      wake = () => resolve(undefined);
      iterator.next().then(resolve, reject);
    });
  try {
    while (reader.end === null) {
      const next = await nextOrStop();
      if (next?.done) return true;
      if (next === undefined || signal.aborted) return false;
      const { heard } = reader;
      silence.pause();
      const reading = reader.read(next.value);
      if (reading !== undefined) await reading;
      if (reader.heard === heard) silence.resume();
      else silence.heard(reader.isAfterThinking);
      if (signal.aborted) return false;
    }
    return true;
  } finally {
    signal.removeEventListener("abort", onAbort);
    // Not awaited: a provider that ignores its signal must not hold the turn. Its late failure concerns nobody any more.
    iterator.return?.().catch(() => undefined);
  }
}
