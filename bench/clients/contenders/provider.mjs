/**
 * Our provider alone: `provider.stream()`, no loop.
 */
import { createAnthropicProvider } from "amplifier-providers/anthropic";
import { createOpenAIProvider } from "amplifier-providers/openai";

/** Makes a reader of answers; `url` is the base address. */
export function open({ wireName, url }) {
  const provider =
    wireName === "openai"
      ? createOpenAIProvider({ base_url: `${url}/v1`, api_key: "none", model: "bench" }, {})
      : createAnthropicProvider({ base_url: url, api_key: "none", model: "claude-sonnet-4-5" }, {});
  return async (sink, signal = new AbortController().signal) => {
    const request = { messages: [{ role: "user", content: "Go." }] };
    for await (const batch of provider.stream(request, { signal })) {
      for (const event of batch) if (event.type === "block_delta") sink.text(event.delta);
    }
  };
}
