/**
 * Owns the provider that has no model: it streams a canned answer, one fragment per batch, as fast as it is pulled.
 * Nothing sleeps and nothing pretends: the pace is the consumer's, and the usage is zero, since no tokens were used.
 */
import {
  LLMError,
  NO_USAGE,
  type ChatRequest,
  type ModelInfo,
  type Provider,
  type ProviderEvent,
  type ProviderInfo,
} from "amplifier-core";
import { demoAnswer, type ScriptedBlock } from "./demo-script.ts";

const DEMO = "demo";

/** Settings of the module `provider-demo`. */
export interface DemoConfig {
  /** Smaller is asked first. */
  readonly priority?: number;
}

/** Makes the provider. It needs no key, no network and no files. */
export function createDemoProvider(config: DemoConfig = {}): Provider {
  return {
    name: DEMO,
    ...(config.priority === undefined ? {} : { priority: config.priority }),
    getInfo: (): ProviderInfo => ({ id: DEMO, displayName: "Demo (no model)", defaultModel: DEMO, tools: false }),
    listModels: (): Promise<readonly ModelInfo[]> => Promise.resolve([{ id: DEMO, displayName: "Demo (no model)" }]),
    stream: streamAnswer,
  };
}

async function* streamAnswer(
  request: ChatRequest,
  { signal }: { readonly signal: AbortSignal },
): AsyncGenerator<readonly ProviderEvent[]> {
  for (const [index, block] of demoAnswer(request).entries()) {
    for (const event of blockEvents(index, block)) {
      await nextTurn();
      throwIfAborted(signal);
      yield [event];
    }
  }
  yield [
    { type: "usage", usage: NO_USAGE },
    { type: "end", finish_reason: "stop", model: DEMO },
  ];
}

function* blockEvents(index: number, { type, fragments }: ScriptedBlock): Generator<ProviderEvent> {
  yield { type: "block_start", index, block: { type } };
  for (const delta of fragments) yield { type: "block_delta", index, delta };
  const text = fragments.join("");
  yield {
    type: "block_end",
    index,
    block: type === "text" ? { type, text } : { type, thinking: text, provider: DEMO, model: DEMO },
  };
}

/** Lets timers, sockets and keys have their turn, as the wait for a network read would. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function throwIfAborted(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new LLMError("AbortError", "The demo's answer was stopped.", {
    provider: DEMO,
    model: DEMO,
    cause: signal.reason,
  });
}
