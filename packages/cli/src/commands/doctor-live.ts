/**
 * Owns the tiny call that shows whether a provider answers. It costs a few tokens.
 */
import { collect, type ChatRequest, type Provider } from "amplifier-core";
import type { App } from "../app.ts";

const REQUEST: ChatRequest = {
  messages: [{ role: "user", content: "Reply with the word OK." }],
  // Enough for a thought or two of models that cannot do without.
  max_output_tokens: 64,
};
/** A model that has to be loaded first takes its time. */
const LIMIT_MS = 60_000;

/** What came of the call, in words. @throws LLMError as the provider does, and when no answer came in time */
export async function askForOneWord(app: App, provider: Provider): Promise<string> {
  const { clock } = app.io;
  const began = clock.now();
  const giveUp = new AbortController();
  const cancel = clock.schedule(() => giveUp.abort(), LIMIT_MS);
  try {
    const signal = AbortSignal.any([app.stopping, giveUp.signal]);
    const { usage, finish_reason } = await collect(provider.stream(REQUEST, { signal }));
    const tokens = usage === undefined ? "" : `, ${usage.total_tokens} tokens`;
    const cost = usage?.cost_usd === undefined ? "" : `, $${usage.cost_usd}`;
    return `answered in ${((clock.now() - began) / 1000).toFixed(1)} s (${finish_reason}${tokens}${cost})`;
  } catch (error) {
    if (giveUp.signal.aborted) throw new Error(`no answer came in ${LIMIT_MS / 1000} seconds`, { cause: error });
    throw error;
  } finally {
    cancel();
  }
}
