/**
 * The module `context-simple`: mounts a conversation memory that keeps every message and never compacts.
 */
import type { JsonSchema, ModuleCoordinator } from "amplifier-core";
import { SimpleContext } from "./simple-context.ts";

export { SimpleContext } from "./simple-context.ts";

/** What this module is mounted as. */
export const moduleType = "context";

/** It has no settings. */
export const configSchema = {
  type: "object",
  properties: {},
  additionalProperties: false,
} as const satisfies JsonSchema;

/** Mounts a new, empty `SimpleContext`. */
export function mount(coordinator: ModuleCoordinator): void {
  coordinator.mount("context", new SimpleContext());
}
