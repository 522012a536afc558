/**
 * Our provider alone: `provider.stream()`, no loop.
 */
import { createAnthropicProvider } from "amplifier-providers/anthropic";
import { createGeminiProvider } from "amplifier-providers/gemini";
import { createOpenAIProvider } from "amplifier-providers/openai";
import { ownProviders } from "../own-provider.mjs";

const CREATE = { anthropic: createAnthropicProvider, gemini: createGeminiProvider, openai: createOpenAIProvider };

/** Makes a reader of answers; `url` is the base address. */
export function open({ wireName, url }) {
  const { name, configOf } = ownProviders[wireName];
  const provider = CREATE[name](configOf(url), {});
  return async (sink, signal = new AbortController().signal) => {
    const request = { messages: [{ role: "user", content: "Go." }] };
    for await (const batch of provider.stream(request, { signal })) {
      for (const event of batch) if (event.type === "block_delta") sink.text(event.delta);
    }
  };
}
