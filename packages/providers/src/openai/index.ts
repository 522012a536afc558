/**
 * The module `provider-openai`: the Responses API of OpenAI, and Chat Completions of every server that speaks it.
 */
import type { Cleanup, ModuleCoordinator, ModuleType } from "amplifier-core";
import { createOpenAIProvider } from "./openai-provider.ts";

export { configSchema, type OpenAIConfig } from "./openai-config.ts";
export { createOpenAIProvider } from "./openai-provider.ts";

/** What this module is mounted as. */
export const moduleType: ModuleType = "provider";

/**
 * Mounts the provider under its name, `openai` by default.
 * @throws LLMError `ConfigurationError` when OpenAI's own server would be called without a key.
 */
export function mount(coordinator: ModuleCoordinator, config: Readonly<Record<string, unknown>>): Cleanup | void {
  const provider = createOpenAIProvider(config);
  coordinator.mount("providers", provider, provider.name);
}
