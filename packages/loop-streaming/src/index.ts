/**
 * The module `loop-streaming`: Amplifier's streaming loop orchestrator. Mounted from a plan, or used directly.
 */
import type { ModuleConfig, ModuleCoordinator } from "amplifier-core";
import { createLoopConfig } from "./config.ts";
import { StreamingOrchestrator } from "./streaming-orchestrator.ts";
import { offerNoSteering } from "./turn/steering.ts";

export { createLoopConfig, type LoopConfig, type RetryConfig } from "./config.ts";
export { configSchema } from "./config-schema.ts";
export { StreamingOrchestrator } from "./streaming-orchestrator.ts";

/** What it is mounted as. */
export const moduleType = "orchestrator";

/** Mounts the loop as the session's orchestrator. `config` is checked against `configSchema` by whoever mounts it. */
export function mount(coordinator: ModuleCoordinator, config: ModuleConfig): void {
  coordinator.mount("orchestrator", new StreamingOrchestrator(createLoopConfig(config)));
  coordinator.registerContributor("observability.events", "loop-streaming", () => [
    "context:message",
    "tool:progress",
    "tool:late_result",
    "provider:fallback",
    "orchestrator:rate_limit_delay",
    "orchestrator:steering_injected",
    "orchestrator:steering_returned",
  ]);
  offerNoSteering(coordinator);
}
