/**
 * The module `provider-anthropic`: the Messages API of Anthropic and of every server that speaks its wire.
 */
import type { Cleanup, ModuleCoordinator, ModuleType } from "amplifier-core";
import { createAnthropicProvider } from "./anthropic-provider.ts";

export { configSchema, type AnthropicConfig } from "./anthropic-config.ts";
export { createAnthropicProvider } from "./anthropic-provider.ts";

/** What this module is mounted as. */
export const moduleType: ModuleType = "provider";

/**
 * Mounts the provider under its name, `anthropic` by default.
 * @throws LLMError `ConfigurationError` when Anthropic's own server would be called without a key.
 */
export function mount(coordinator: ModuleCoordinator, config: Readonly<Record<string, unknown>>): Cleanup | void {
  const provider = createAnthropicProvider(config);
  coordinator.mount("providers", provider, provider.name);
}
