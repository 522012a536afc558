/**
 * Owns how the provider suite asks and reads: one request, a stream that can be read on and left at any step.
 */
import {
  adaptProvider,
  type ChatRequest,
  type CompletingProvider,
  frozenCopy,
  looseCopy,
  type Provider,
  type ProviderEvent,
} from "amplifier-core";

/** Makes the provider of one test. */
export type MakeProvider = () => Provider | CompletingProvider | Promise<Provider | CompletingProvider>;

/** What providers are asked. */
export interface Asked {
  /** Default: one user message that asks for a short sentence. */
  readonly request?: ChatRequest;
}

/** An answer that is being read. */
export type Stream = AsyncGenerator<readonly ProviderEvent[], undefined>;

const REQUEST: ChatRequest = { messages: [{ role: "user", content: "Say hello in one short sentence." }] };

/** The provider, as a session would mount it. */
export async function makeProvider(make: MakeProvider): Promise<Provider> {
  return adaptProvider(await make());
}

/** Begins to read an answer; nothing is asked before its first step. A throw of the call itself is one of that step. */
export async function* beginAnswer(
  provider: Provider,
  asked: Asked & { readonly signal?: AbortSignal; readonly frozen?: boolean },
): Stream {
  const { request = REQUEST, signal = new AbortController().signal, frozen = false } = asked;
  yield* provider.stream(frozen ? frozenCopy(request) : looseCopy(request), { signal });
}

/** Everything that is left of an answer. */
export async function readRest(stream: Stream): Promise<readonly (readonly ProviderEvent[])[]> {
  const batches: (readonly ProviderEvent[])[] = [];
  for await (const batch of stream) batches.push(batch);
  return batches;
}
