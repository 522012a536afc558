/**
 * Owns pulling a provider's batches, and leaving it at once when the turn stops, whether or not it listens.
 */
import { onAborted, type ProviderEvent } from "amplifier-core";
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
  let isCut = false;
  let reading: Promise<void> | undefined;
  const readAll = async (): Promise<boolean> => {
    while (reader.end === null) {
      const next = await iterator.next();
      if (next.done === true || isCut) return !isCut;
      const { heard } = reader;
      silence.pause();
      reading = reader.read(next.value);
      if (reading !== undefined) await reading;
      reading = undefined;
      if (reader.heard === heard) silence.resume();
      else silence.heard(reader.isAfterThinking);
      if (isCut) return false;
    }
    return true;
  };
  let forget = (): void => undefined;
  const cut = new Promise<false>((resolve) => {
    forget = onAborted(signal, () => {
      isCut = true;
      resolve(false);
    });
  });
  try {
    // One race for the whole answer: one per batch would cost more than reading the batch.
    const isWhole = await Promise.race([readAll(), cut]);
    // What came is read to its end, or nobody would know what the consumer has seen.
    if (reading !== undefined) await reading;
    return isWhole;
  } finally {
    forget();
    // Not awaited: a provider that ignores its signal must not hold the turn. Its late failure concerns nobody any more.
    iterator.return?.().catch(() => undefined);
  }
}
