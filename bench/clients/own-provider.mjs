/**
 * Owns how our own provider is asked over each wire of the bench: the name of its module, and its config for an address.
 */

/** By wire: `{ name, configOf(url) }`; `amplifier-providers/<name>` is the module. */
export const ownProviders = {
  openai: {
    name: "openai",
    configOf: (url) => ({ base_url: `${url}/v1`, api_key: "none", model: "bench", api: "chat" }),
  },
  responses: {
    name: "openai",
    configOf: (url) => ({ base_url: `${url}/v1`, api_key: "none", model: "bench", api: "responses" }),
  },
  anthropic: {
    name: "anthropic",
    configOf: (url) => ({ base_url: url, api_key: "none", model: "claude-sonnet-4-5" }),
  },
  gemini: { name: "gemini", configOf: (url) => ({ base_url: url, api_key: "none", model: "bench" }) },
};
