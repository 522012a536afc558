/**
 * The module `provider-demo`: canned answers, for when there is neither a key nor a server nor a local model.
 */
import type { Cleanup, JsonSchema, ModuleCoordinator, ModuleType } from "amplifier-core";
import { createDemoProvider } from "./demo-provider.ts";

export { createDemoProvider, type DemoConfig } from "./demo-provider.ts";

/** What this module is mounted as. */
export const moduleType: ModuleType = "provider";

/** JSON Schema of `DemoConfig`. */
export const configSchema = {
  type: "object",
  properties: { priority: { type: "number", description: "Smaller is asked first; default 100" } },
  additionalProperties: false,
} as const satisfies JsonSchema;

/** Mounts the provider as `demo`. */
export function mount(coordinator: ModuleCoordinator, config: Readonly<Record<string, unknown>>): Cleanup | void {
  const provider = createDemoProvider(config);
  coordinator.mount("providers", provider, provider.name);
}
